import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_profiles', '0006_blocked_at'),
        ('members_till', '0001_till'),
        ('programs_setup', '0006_currency_rates'),
    ]

    operations = [
        migrations.CreateModel(
            name='OfflineUse',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('receipt', models.CharField(max_length=120, verbose_name='receipt')),
                ('units', models.BigIntegerField(verbose_name='amount')),
                ('value', models.BigIntegerField(verbose_name='value')),
                ('used_at', models.DateTimeField(verbose_name='when')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.member', verbose_name='member')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'points taken without a line',
                'verbose_name_plural': 'points taken without a line',
                'db_table': 'members_offline_use',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['member', 'used_at'], name='members_offline_use_day')],
                'constraints': [models.UniqueConstraint(fields=('program', 'source', 'receipt'), name='members_offline_use_once'), models.CheckConstraint(condition=models.Q(('units__gt', 0), ('value__gte', 0)), name='members_offline_use_amounts')],
            },
        ),
        BuildWalls('OfflineUse'),
    ]
