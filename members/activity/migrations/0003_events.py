import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import AppendOnly, BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_activity', '0002_words'),
        ('members_profiles', '0002_words'),
        ('programs_setup', '0003_event_kinds'),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True, verbose_name='public number')),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('external_id', models.CharField(blank=True, max_length=120, verbose_name='number at the source')),
                ('attributes', models.JSONField(default=dict, verbose_name='attributes')),
                ('occurred_at', models.DateTimeField(verbose_name='when')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('kind', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.eventkind', verbose_name='kind')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='members_profiles.member', verbose_name='member')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'db_table': 'members_event',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['member', '-occurred_at', '-id'], name='members_event_history')],
            },
        ),
        BuildWalls('Event'),
        AppendOnly('Event'),
    ]
