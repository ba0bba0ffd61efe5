import django.core.validators
import django.db.models.deletion
import loyalty.kernel.ids
import loyalty.kernel.models.base
import loyalty.kernel.text
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('programs_setup', '0001_program'),
    ]

    operations = [
        migrations.CreateModel(
            name='TierScheme',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(verbose_name='name')),
                ('window_months', models.PositiveSmallIntegerField(default=12, verbose_name='within the last months')),
                ('valid_months', models.PositiveSmallIntegerField(default=12, verbose_name='kept for months')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('point_type', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='counts points of type')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'tier scheme',
                'verbose_name_plural': 'tier schemes',
                'db_table': 'programs_tier_scheme',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Tier',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(verbose_name='name')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='rank')),
                ('threshold', models.BigIntegerField(verbose_name='from points')),
                ('multiplier', models.DecimalField(decimal_places=2, default=1, help_text='1 is no benefit, 1.25 a quarter more.', max_digits=5, verbose_name='points multiplier')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('scheme', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='tiers', to='programs_tiers.tierscheme', verbose_name='scheme')),
            ],
            options={
                'verbose_name': 'tier',
                'verbose_name_plural': 'tiers',
                'db_table': 'programs_tier',
                'ordering': ['rank'],
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='tierscheme',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='programs_tier_scheme_code'),
        ),
        migrations.AddConstraint(
            model_name='tier',
            constraint=models.UniqueConstraint(fields=('program', 'scheme', 'code'), name='programs_tier_code'),
        ),
        migrations.AddConstraint(
            model_name='tier',
            constraint=models.UniqueConstraint(fields=('program', 'scheme', 'rank'), name='programs_tier_rank'),
        ),
        migrations.AddConstraint(
            model_name='tier',
            constraint=models.CheckConstraint(condition=models.Q(('multiplier__gte', 1), ('threshold__gte', 0)), name='programs_tier_terms'),
        ),
        BuildWalls(),
    ]
