import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import AppendOnly, BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_ledger', '0013_waiting_indexes'),
        ('members_messaging', '0001_messages'),
        ('members_profiles', '0006_blocked_at'),
        ('programs_setup', '0006_currency_rates'),
    ]

    operations = [
        migrations.CreateModel(
            name='EndWarning',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('days', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='days before the last day')),
                ('least', models.BigIntegerField(default=0, verbose_name='not for fewer points than')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('point_type', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='point type')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('template', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, help_text='{points} and {last_day} are filled in.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_messaging.messagetemplate', verbose_name='message')),
            ],
            options={
                'verbose_name': 'warning before points end',
                'verbose_name_plural': 'warnings before points end',
                'db_table': 'members_end_warning',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='EndWarned',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('last_day', models.DateField(verbose_name='last day')),
                ('points', models.BigIntegerField(verbose_name='points')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('account', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.account', verbose_name='account')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('warning', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='told', to='members_ledger.endwarning', verbose_name='warning before points end')),
            ],
            options={
                'verbose_name': 'warning that was given',
                'verbose_name_plural': 'warnings that were given',
                'db_table': 'members_end_warned',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='endwarning',
            constraint=models.UniqueConstraint(fields=('program', 'point_type', 'days'), name='members_end_warning_once'),
        ),
        migrations.AddConstraint(
            model_name='endwarning',
            constraint=models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 365), ('least__gte', 0)), name='members_end_warning_amounts'),
        ),
        migrations.AddConstraint(
            model_name='endwarned',
            constraint=models.UniqueConstraint(fields=('warning', 'account', 'last_day'), name='members_end_warned_once'),
        ),
        BuildWalls('EndWarning', 'EndWarned'),
        AppendOnly('EndWarned'),
    ]
