import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_ledger', '0006_fill_earned_days'),
        ('members_profiles', '0005_given_tiers'),
        ('programs_setup', '0005_approval'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('earn', 'Earned'), ('activate', 'Became usable'), ('redeem', 'Spent'), ('cancel', 'Spending canceled'), ('reverse', 'Taken back after a return'), ('expire', 'Expired'), ('transfer', 'Moved between accounts'), ('adjust', 'Corrected'), ('hold', 'Held for a till'), ('release', 'Let go by a till')], max_length=10, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True, verbose_name='public number')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('captured', models.BigIntegerField(default=0, verbose_name='taken of it')),
                ('state', models.CharField(choices=[('open', 'Open'), ('captured', 'Taken'), ('released', 'Let go'), ('lapsed', 'Lapsed')], default='open', max_length=8, verbose_name='state')),
                ('request_key', models.CharField(max_length=120, verbose_name='request key')),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('till', models.CharField(blank=True, max_length=40, verbose_name='till')),
                ('held_at', models.DateTimeField(verbose_name='held')),
                ('expires_at', models.DateTimeField(verbose_name='until')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('end_key', models.CharField(blank=True, max_length=120)),
                ('end_reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('account', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.account', verbose_name='account')),
                ('capture_entry', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry', verbose_name='ledger entry of the taking')),
                ('entry', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry', verbose_name='ledger entry')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.member', verbose_name='member')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('release_entry', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry')),
                ('wallet', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='members_ledger.wallet', verbose_name='wallet')),
            ],
            options={
                'verbose_name': 'hold',
                'verbose_name_plural': 'holds',
                'db_table': 'members_hold',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['wallet'], name='members_hold_open'), models.Index(condition=models.Q(('state', 'open')), fields=['program', 'expires_at'], name='members_hold_lapse'), models.Index(fields=['member', '-id'], name='members_hold_member')],
                'constraints': [models.UniqueConstraint(fields=('program', 'request_key'), name='members_hold_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('captured__gte', 0), ('captured__lte', models.F('amount'))), name='members_hold_amount'), models.CheckConstraint(condition=models.Q(models.Q(('captured', 0), ('ended_at__isnull', True), ('release_entry__isnull', True), ('state', 'open')), models.Q(('capture_entry__isnull', False), ('captured__gt', 0), ('ended_at__isnull', False), ('state', 'captured')), models.Q(('captured', 0), ('ended_at__isnull', False), ('state__in', ['released', 'lapsed'])), _connector='OR'), name='members_hold_end')],
            },
        ),
        BuildWalls('Hold'),
    ]
