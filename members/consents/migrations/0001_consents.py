import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
import loyalty.kernel.text
from django.db import migrations, models

from loyalty.kernel.walls import AppendOnly, BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members_profiles', '0001_members'),
        ('programs_setup', '0001_program'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentPurpose',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(help_text='As members read it, for example “News by e-mail”.', verbose_name='name')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'consent purpose',
                'verbose_name_plural': 'consent purposes',
                'db_table': 'members_consent_purpose',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='ConsentText',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(editable=False, verbose_name='version')),
                ('text', loyalty.kernel.text.TranslatedText(verbose_name='text')),
                ('published_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('purpose', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='members_consents.consentpurpose', verbose_name='purpose')),
            ],
            options={
                'verbose_name': 'consent text',
                'verbose_name_plural': 'consent texts',
                'db_table': 'members_consent_text',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True, verbose_name='public number')),
                ('decision', models.CharField(choices=[('given', 'Given'), ('withdrawn', 'Withdrawn')], max_length=9, verbose_name='decision')),
                ('method', models.CharField(choices=[('checkbox', 'ticked a box'), ('spoken', 'said it'), ('paper', 'signed on paper'), ('link', 'followed a link')], max_length=10, verbose_name='how')),
                ('language', models.CharField(choices=[('en', 'English'), ('pl', 'Polski'), ('ru', 'Русский')], max_length=7, verbose_name='language')),
                ('channel', models.CharField(max_length=20, verbose_name='where')),
                ('place', models.CharField(blank=True, max_length=80, verbose_name='place')),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_label', models.CharField(max_length=160, verbose_name='recorded by')),
                ('address', models.GenericIPAddressField(null=True)),
                ('request_key', models.CharField(max_length=120)),
                ('occurred_at', models.DateTimeField(verbose_name='when')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='members_profiles.member')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('purpose', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_consents.consentpurpose')),
                ('text', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_consents.consenttext')),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
                'db_table': 'members_consent',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='consentpurpose',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='members_consent_purpose_code'),
        ),
        migrations.AddConstraint(
            model_name='consenttext',
            constraint=models.UniqueConstraint(fields=('purpose', 'version'), name='members_consent_text_version'),
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(fields=['member', 'purpose', '-id'], name='members_consent_history'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.UniqueConstraint(fields=('program', 'request_key'), name='members_consent_once'),
        ),
        BuildWalls(),
        AppendOnly('ConsentText', 'Consent'),
    ]
