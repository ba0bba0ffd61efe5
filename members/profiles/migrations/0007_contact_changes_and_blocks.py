import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_profiles', '0006_blocked_at'),
        ('programs_setup', '0006_currency_rates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('blocked_at', models.DateTimeField(verbose_name='blocked')),
                ('actor_label', models.CharField(max_length=160, verbose_name='blocked by')),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='unblocked')),
                ('lifter_label', models.CharField(blank=True, max_length=160, verbose_name='unblocked by')),
                ('lift_reason', models.CharField(blank=True, max_length=300, verbose_name='reason of the unblocking')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.member', verbose_name='member')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'block of a member',
                'verbose_name_plural': 'blocks of members',
                'db_table': 'members_block',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['member', '-id'], name='members_block_member')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('member',), name='members_block_present')],
            },
        ),
        migrations.CreateModel(
            name='ContactChange',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), size=None, verbose_name='what changed')),
                ('changed_at', models.DateTimeField(verbose_name='when')),
                ('held_until', models.DateTimeField(null=True, verbose_name='nothing is spent until')),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_label', models.CharField(max_length=160, verbose_name='changed by')),
                ('tell_sealed', models.BinaryField(null=True)),
                ('told_at', models.DateTimeField(null=True, verbose_name='old address told')),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='spending let go on')),
                ('lifter_label', models.CharField(blank=True, max_length=160, verbose_name='let go on by')),
                ('lift_reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.member', verbose_name='member')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'change of contact',
                'verbose_name_plural': 'changes of contact',
                'db_table': 'members_contact_change',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['member', '-id'], name='members_contact_change_member')],
                'constraints': [models.CheckConstraint(condition=models.Q(('lifted_at__isnull', True), ('held_until__isnull', False), _connector='OR'), name='members_contact_change_lift')],
            },
        ),
        BuildWalls('Block', 'ContactChange'),
    ]
