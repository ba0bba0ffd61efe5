import django.core.validators
import django.db.models.deletion
import loyalty.kernel.ids
import loyalty.kernel.text
import programs.setup.events
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('programs_setup', '0002_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='EventKind',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(help_text="As the member's history shows it, for example “Review written”.", verbose_name='name')),
                ('attributes', models.JSONField(blank=True, default=list, validators=[programs.setup.events.validate_attributes], verbose_name='attributes')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'event kind',
                'verbose_name_plural': 'event kinds',
                'db_table': 'programs_event_kind',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('program', 'code'), name='programs_event_kind_code')],
            },
        ),
        BuildWalls('EventKind'),
    ]
