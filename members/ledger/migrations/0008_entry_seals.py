import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import loyalty.kernel.ids
from loyalty.kernel.walls import AppendOnly, BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_ledger', '0007_holds'),
        ('programs_setup', '0005_approval'),
    ]

    operations = [
        migrations.CreateModel(
            name='EntrySeal',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('position', models.IntegerField(verbose_name='number')),
                ('records', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('newest', models.BigIntegerField()),
                ('covered', models.BigIntegerField()),
                ('digest', models.BinaryField(max_length=32)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'seal of the ledger',
                'verbose_name_plural': 'seals of the ledger',
                'db_table': 'members_entry_seal',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('program', 'position'), name='members_entry_seal_position')],
            },
        ),
        BuildWalls('EntrySeal'),
        AppendOnly('EntrySeal'),
    ]
