import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.conf import settings
from django.db import migrations, models

from loyalty.kernel.walls import AppendOnly, BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('loyalty_kernel', '0001_users'),
        ('partners_registry', '0001_partners'),
        ('programs_setup', '0001_program'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('prefix', models.CharField(editable=False, max_length=12, verbose_name='begins with')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None, verbose_name='scopes')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner', verbose_name='partner')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'db_table': 'loyalty_api_key',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.BigIntegerField(verbose_name='size')),
                ('sha256', models.CharField(max_length=64)),
                ('path', models.CharField(max_length=300)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField(null=True)),
                ('partner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner')),
                ('program', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'file',
                'verbose_name_plural': 'files',
                'db_table': 'loyalty_stored_file',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='AuditRecord',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_label', models.CharField(max_length=160, verbose_name='who')),
                ('action', models.CharField(max_length=80, verbose_name='what')),
                ('object_kind', models.CharField(max_length=80)),
                ('object_id', models.CharField(max_length=40)),
                ('object_label', models.CharField(max_length=200, verbose_name='on what')),
                ('changes', models.JSONField(default=dict, verbose_name='changes')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='from where')),
                ('trace_id', models.CharField(blank=True, max_length=32)),
                ('program', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'audit record',
                'verbose_name_plural': 'audit trail',
                'db_table': 'loyalty_audit_record',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', 'object_kind', 'object_id', '-id'], name='loyalty_audit_object'), models.Index(fields=['program', '-id'], name='loyalty_audit_newest')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('kind', models.CharField(max_length=60, verbose_name='kind')),
                ('queue', models.CharField(default='default', max_length=20)),
                ('arguments', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('canceled', 'Stopped')], default='queued', max_length=10, verbose_name='state')),
                ('done', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('result', models.JSONField(default=dict)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('lease', models.UUIDField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('is_stop_wanted', models.BooleanField(default=False)),
                ('run_after', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('program', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'db_table': 'loyalty_job',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['program', 'run_after'], name='loyalty_job_due')],
            },
        ),
        migrations.CreateModel(
            name='OutboxEvent',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('type', models.CharField(max_length=60)),
                ('version', models.SmallIntegerField(default=1)),
                ('subject', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField()),
                ('account_id', models.BigIntegerField(null=True)),
                ('sequence', models.BigIntegerField(default=0)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('trace_id', models.CharField(blank=True, max_length=32)),
                ('is_pending', models.BooleanField(default=True)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('retry_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'db_table': 'loyalty_outbox_event',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('is_pending', True)), fields=['program', 'id'], name='loyalty_outbox_due')],
            },
        ),
        migrations.CreateModel(
            name='StoredAnswer',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=200)),
                ('body_hash', models.BinaryField(max_length=32)),
                ('status', models.SmallIntegerField()),
                ('body', models.JSONField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('api_key', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty_kernel.apikey')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'db_table': 'loyalty_stored_answer',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['recorded_at'], name='loyalty_stored_answer_age')],
                'constraints': [models.UniqueConstraint(fields=('program', 'api_key', 'key'), name='loyalty_stored_answer_once')],
            },
        ),
        BuildWalls(),
        AppendOnly('AuditRecord'),
        migrations.RunSQL(
            '''
            CREATE FUNCTION loyalty_key_by_digest(wanted bytea, at timestamptz)
            RETURNS TABLE (id bigint, program_id bigint, partner_id bigint, name varchar, scopes varchar[])
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
              SELECT k.id, k.program_id, k.partner_id, k.name, k.scopes
              FROM loyalty_api_key k JOIN programs_program p ON p.id = k.program_id
              WHERE k.digest = wanted AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at)
                AND p.is_running
            $$
            ''',
            'DROP FUNCTION loyalty_key_by_digest(bytea, timestamptz)',
        ),
    ]
