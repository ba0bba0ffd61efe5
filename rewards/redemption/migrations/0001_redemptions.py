import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members_ledger', '0001_ledger'),
        ('members_profiles', '0001_members'),
        ('partners_registry', '0001_partners'),
        ('programs_setup', '0001_program'),
        ('rewards_catalog', '0001_rewards'),
    ]

    operations = [
        migrations.CreateModel(
            name='Redemption',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('quantity', models.PositiveIntegerField(default=1, verbose_name='quantity')),
                ('price', models.BigIntegerField(verbose_name='price')),
                ('code', models.CharField(max_length=16, verbose_name='code')),
                ('state', models.CharField(choices=[('issued', 'Issued'), ('canceled', 'Canceled')], default='issued', max_length=8, verbose_name='state')),
                ('channel', models.CharField(max_length=20, verbose_name='channel')),
                ('request_key', models.CharField(max_length=220)),
                ('redeemed_at', models.DateTimeField(verbose_name='redeemed')),
                ('canceled_at', models.DateTimeField(null=True, verbose_name='canceled')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.account')),
                ('cancel_entry', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry')),
                ('entry', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='members_profiles.member')),
                ('partner', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('reward', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='rewards_catalog.reward')),
            ],
            options={
                'verbose_name': 'redemption',
                'verbose_name_plural': 'redemptions',
                'db_table': 'rewards_redemption',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', '-redeemed_at', '-id'], name='rewards_redemption_newest')],
                'constraints': [models.UniqueConstraint(fields=('program', 'request_key'), name='rewards_redemption_once'), models.UniqueConstraint(fields=('program', 'code'), name='rewards_redemption_code'), models.CheckConstraint(condition=models.Q(models.Q(('cancel_entry__isnull', True), ('state', 'issued')), models.Q(('cancel_entry__isnull', False), ('state', 'canceled')), _connector='OR'), name='rewards_redemption_end'), models.CheckConstraint(condition=models.Q(('price__gt', 0), ('quantity__gt', 0)), name='rewards_redemption_price')],
            },
        ),
        BuildWalls(),
    ]
