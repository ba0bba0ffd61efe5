import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.conf import settings
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('loyalty_kernel', '0006_program_key'),
        ('programs_promotions', '0004_published_versions'),
        ('programs_setup', '0005_approval'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Simulation',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True, verbose_name='public number')),
                ('version_number', models.PositiveIntegerField(verbose_name='version')),
                ('document', models.JSONField(verbose_name='document')),
                ('document_hash', models.CharField(max_length=64)),
                ('days', models.PositiveSmallIntegerField(verbose_name='days')),
                ('result', models.JSONField(null=True, verbose_name='result')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('job', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty_kernel.job', verbose_name='job')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('promotion', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_promotions.promotion', verbose_name='promotion')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
            ],
            options={
                'verbose_name': 'simulation',
                'verbose_name_plural': 'simulations',
                'db_table': 'members_simulation',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['promotion', '-id'], name='members_simulation_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('days__in', [30, 90, 365])), name='members_simulation_days')],
            },
        ),
        BuildWalls('Simulation'),
    ]
