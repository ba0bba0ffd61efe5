import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('loyalty_kernel', '0002_keys_audit_outbox_jobs_files')]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='rate_per_second',
            field=models.PositiveIntegerField(blank=True, help_text='Empty: as set for all keys.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='requests a second'),
        ),
        migrations.CreateModel(
            name='RateWindow',
            fields=[
                ('bucket', models.BigIntegerField(primary_key=True, serialize=False)),
                ('second', models.BigIntegerField()),
                ('used', models.IntegerField()),
            ],
            options={'db_table': 'loyalty_rate_window'},
        ),
        migrations.RunSQL('ALTER TABLE loyalty_rate_window SET UNLOGGED', 'ALTER TABLE loyalty_rate_window SET LOGGED'),
        # The release before reads the first five columns of the answer and does not mind a sixth.
        migrations.RunSQL(
            '''
            DROP FUNCTION loyalty_key_by_digest(bytea, timestamptz);
            CREATE FUNCTION loyalty_key_by_digest(wanted bytea, at timestamptz)
            RETURNS TABLE (id bigint, program_id bigint, partner_id bigint, name varchar, scopes varchar[], rate int)
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
              SELECT k.id, k.program_id, k.partner_id, k.name, k.scopes, k.rate_per_second
              FROM loyalty_api_key k JOIN programs_program p ON p.id = k.program_id
              WHERE k.digest = wanted AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at)
                AND p.is_running
            $$
            ''',
            '''
            DROP FUNCTION loyalty_key_by_digest(bytea, timestamptz);
            CREATE FUNCTION loyalty_key_by_digest(wanted bytea, at timestamptz)
            RETURNS TABLE (id bigint, program_id bigint, partner_id bigint, name varchar, scopes varchar[])
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
              SELECT k.id, k.program_id, k.partner_id, k.name, k.scopes
              FROM loyalty_api_key k JOIN programs_program p ON p.id = k.program_id
              WHERE k.digest = wanted AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at)
                AND p.is_running
            $$
            ''',
        ),
    ]
