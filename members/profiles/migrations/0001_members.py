import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('programs_setup', '0001_program'),
        ('programs_tiers', '0001_tiers'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('kind', models.CharField(choices=[('individual', 'Individual'), ('household', 'Household'), ('company', 'Company')], default='individual', max_length=10, verbose_name='kind')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('parent', loyalty.kernel.models.base.ProgramForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='members_profiles.account')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'account',
                'verbose_name_plural': 'accounts',
                'db_table': 'members_account',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('number', models.CharField(max_length=20, verbose_name='member number')),
                ('status', models.CharField(choices=[('active', 'Active'), ('blocked', 'Blocked'), ('erased', 'Erased')], default='active', max_length=8, verbose_name='status')),
                ('language', models.CharField(choices=[('en', 'English'), ('pl', 'Polski'), ('ru', 'Русский')], default='en', max_length=7, verbose_name='language')),
                ('attributes', models.JSONField(blank=True, default=dict)),
                ('enrolled_at', models.DateTimeField(verbose_name='member since')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('region', loyalty.kernel.models.base.ProgramForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'db_table': 'members_member',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Identifier',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('card', 'Card'), ('virtual_card', 'Virtual card'), ('external', 'External number')], max_length=12, verbose_name='kind')),
                ('value', models.CharField(max_length=64, verbose_name='number')),
                ('state', models.CharField(choices=[('active', 'Active'), ('blocked', 'Blocked'), ('replaced', 'Replaced')], default='active', max_length=8, verbose_name='state')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='identifiers', to='members_profiles.member')),
            ],
            options={
                'verbose_name': 'identifier',
                'verbose_name_plural': 'identifiers',
                'db_table': 'members_identifier',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='AccountMember',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(default='owner', max_length=10)),
                ('may_spend', models.BooleanField(default=True)),
                ('is_primary', models.BooleanField(default=True)),
                ('account', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='members_profiles.account')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='members_profiles.member')),
            ],
            options={
                'db_table': 'members_account_member',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='MemberTier',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('since_at', models.DateTimeField(verbose_name='since')),
                ('valid_until', models.DateField(null=True, verbose_name='valid until')),
                ('ended_at', models.DateTimeField(null=True)),
                ('cause', models.CharField(max_length=20)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='tiers', to='members_profiles.member')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('scheme', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_tiers.tierscheme')),
                ('tier', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_tiers.tier')),
            ],
            options={
                'db_table': 'members_member_tier',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PersonalData',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('first_name', models.CharField(blank=True, max_length=80, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=80, verbose_name='last name')),
                ('name_search', models.CharField(blank=True, editable=False, max_length=170)),
                ('email_sealed', models.BinaryField(null=True)),
                ('email_index', models.BinaryField(max_length=32, null=True)),
                ('phone_sealed', models.BinaryField(null=True)),
                ('phone_index', models.BinaryField(max_length=32, null=True)),
                ('birthday', models.DateField(blank=True, null=True, verbose_name='birthday')),
                ('city', models.CharField(blank=True, max_length=80, verbose_name='city')),
                ('member', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='personal', to='members_profiles.member')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'personal data',
                'db_table': 'members_personal_data',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.UniqueConstraint(fields=('program', 'number'), name='members_member_number'),
        ),
        migrations.AddIndex(
            model_name='identifier',
            index=models.Index(fields=['member'], name='members_identifier_member'),
        ),
        migrations.AddConstraint(
            model_name='identifier',
            constraint=models.UniqueConstraint(fields=('program', 'kind', 'value'), name='members_identifier_value'),
        ),
        migrations.AddConstraint(
            model_name='accountmember',
            constraint=models.UniqueConstraint(fields=('account', 'member'), name='members_account_member_pair'),
        ),
        migrations.AddConstraint(
            model_name='accountmember',
            constraint=models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('member',), name='members_account_member_primary'),
        ),
        migrations.AddIndex(
            model_name='membertier',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['program', 'valid_until'], name='members_tier_review'),
        ),
        migrations.AddConstraint(
            model_name='membertier',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('member', 'scheme'), name='members_member_tier_present'),
        ),
        migrations.AddConstraint(
            model_name='membertier',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('since_at')), _connector='OR'), name='members_member_tier_period'),
        ),
        migrations.AddIndex(
            model_name='personaldata',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('name_search', name='gin_trgm_ops'), name='members_personal_name'),
        ),
        migrations.AddIndex(
            model_name='personaldata',
            index=models.Index(fields=['program', 'email_index'], name='members_personal_email'),
        ),
        migrations.AddIndex(
            model_name='personaldata',
            index=models.Index(fields=['program', 'phone_index'], name='members_personal_phone'),
        ),
        migrations.RunSQL(
            'CREATE SEQUENCE loyalty_member_number AS bigint START 100001', 'DROP SEQUENCE loyalty_member_number'
        ),
        BuildWalls(),
    ]
