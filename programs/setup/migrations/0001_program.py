import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
import loyalty.kernel.text
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('loyalty_kernel', '0001_users'),
    ]

    operations = [
        migrations.CreateModel(
            name='Program',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(verbose_name='name')),
                ('currency', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}$', 'A currency code of three capital letters, such as EUR.')], verbose_name='currency')),
                ('timezone', models.CharField(max_length=64, verbose_name='time zone')),
                ('language', models.CharField(choices=[('en', 'English'), ('pl', 'Polski'), ('ru', 'Русский')], default='en', max_length=7, verbose_name='language')),
                ('rounding', models.CharField(choices=[('down', 'down'), ('half_up', 'to the nearest, halves up'), ('up', 'up')], default='down', max_length=8, verbose_name='rounding of points')),
                ('basis', models.CharField(default='paid', max_length=16, verbose_name='amount that earns')),
                ('earn_on', models.CharField(default='after_loyalty_discounts', max_length=32)),
                ('point_value', models.DecimalField(decimal_places=6, default=0, max_digits=12, verbose_name='value of a point')),
                ('groups', models.JSONField(blank=True, default=dict, verbose_name='promotion groups')),
                ('reversal_policy', models.CharField(choices=[('within_balance', 'write the rest off'), ('debt', 'keep the rest as a debt, repaid by the next points')], default='debt', max_length=16, verbose_name='when a return takes more than there is')),
                ('debt_share', models.PositiveSmallIntegerField(default=100, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='share of new points that repays a debt, %')),
                ('lateness_days', models.PositiveSmallIntegerField(default=30, verbose_name='days a purchase may arrive late')),
                ('snapshot_number', models.BigIntegerField(default=0, editable=False)),
                ('settings', models.JSONField(blank=True, default=dict, editable=False)),
                ('is_running', models.BooleanField(default=True, verbose_name='running')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name': 'program',
                'verbose_name_plural': 'programs',
                'db_table': 'programs_program',
                'permissions': [('act_as_marketer', 'works as marketer'), ('act_as_analyst', 'works as analyst'), ('act_as_agent', 'works as agent'), ('act_as_supervisor', 'works as supervisor')],
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PointType',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(help_text='As shown beside a figure, for example “points”.', verbose_name='name')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('decimals', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(4)], verbose_name='decimals')),
                ('is_spendable', models.BooleanField(default=True, verbose_name='can be spent')),
                ('activation', models.JSONField(blank=True, default=dict, verbose_name='becomes usable')),
                ('expiry', models.JSONField(blank=True, default=dict, verbose_name='expires')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'point type',
                'verbose_name_plural': 'point types',
                'db_table': 'programs_point_type',
                'ordering': ['position', 'id'],
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Brand',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(verbose_name='name')),
                ('settings', models.JSONField(blank=True, default=dict, editable=False)),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'brand',
                'verbose_name_plural': 'brands',
                'db_table': 'programs_brand',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='ReasonCode',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(verbose_name='name')),
                ('allows_credit', models.BooleanField(default=True, verbose_name='may add points')),
                ('allows_debit', models.BooleanField(default=False, verbose_name='may take points')),
                ('agent_limit', models.BigIntegerField(help_text='The most an agent gives or takes at once. Supervisors have no limit.', verbose_name='limit for an agent')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('point_type', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='point type')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'reason',
                'verbose_name_plural': 'reasons',
                'db_table': 'programs_reason_code',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(verbose_name='name')),
                ('settings', models.JSONField(blank=True, default=dict, editable=False)),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'region',
                'verbose_name_plural': 'regions',
                'db_table': 'programs_region',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='pointtype',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='programs_point_type_code'),
        ),
        migrations.AddConstraint(
            model_name='brand',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='programs_brand_code'),
        ),
        migrations.AddConstraint(
            model_name='reasoncode',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='programs_reason_code_code'),
        ),
        migrations.AddConstraint(
            model_name='reasoncode',
            constraint=models.CheckConstraint(condition=models.Q(('agent_limit__gte', 0)), name='programs_reason_code_limit'),
        ),
        migrations.AddConstraint(
            model_name='region',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='programs_region_code'),
        ),
        BuildWalls(),
        migrations.RunSQL(
            '''
            CREATE FUNCTION loyalty_program_ids() RETURNS SETOF bigint
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
              SELECT id FROM programs_program WHERE is_running
            $$
            ''',
            'DROP FUNCTION loyalty_program_ids()',
        ),
    ]
