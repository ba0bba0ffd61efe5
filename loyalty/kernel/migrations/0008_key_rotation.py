import django.contrib.postgres.fields
from django.db import migrations, models

import loyalty.kernel.models.base

USABLE = '''
  k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at) AND p.is_running
'''
COLUMNS = 'k.id, k.program_id, k.partner_id, k.name, k.scopes, k.rate_per_second'
ANSWER = '''
  RETURNS TABLE (
    id bigint, program_id bigint, partner_id bigint, name varchar, scopes varchar[], rate int, networks varchar[], public_id uuid
  )
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
'''


class Migration(migrations.Migration):

    dependencies = [('loyalty_kernel', '0007_second_factor')]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='public_id',
            field=models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True, verbose_name='public number'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='former_digest',
            field=models.BinaryField(max_length=32, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='apikey',
            name='former_until',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='former token until'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='networks',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=49), blank=True, default=list, size=None, verbose_name='from where'),
        ),
        # The release before reads the first columns of the answer and does not mind more; it adds keys without networks.
        migrations.RunSQL(
            f'''
            ALTER TABLE loyalty_api_key ALTER COLUMN networks SET DEFAULT '{{}}';
            DROP FUNCTION loyalty_key_by_digest(bytea, timestamptz);
            CREATE FUNCTION loyalty_key_by_digest(wanted bytea, at timestamptz) {ANSWER} $$
              SELECT {COLUMNS}, k.networks, k.public_id
              FROM loyalty_api_key k JOIN programs_program p ON p.id = k.program_id
              WHERE (k.digest = wanted OR (k.former_digest = wanted AND k.former_until > at)) AND {USABLE}
            $$;
            CREATE FUNCTION loyalty_key_by_id(wanted bigint, at timestamptz) {ANSWER} $$
              SELECT {COLUMNS}, k.networks, k.public_id
              FROM loyalty_api_key k JOIN programs_program p ON p.id = k.program_id
              WHERE k.id = wanted AND {USABLE}
            $$
            ''',
            f'''
            DROP FUNCTION loyalty_key_by_id(bigint, timestamptz);
            DROP FUNCTION loyalty_key_by_digest(bytea, timestamptz);
            CREATE FUNCTION loyalty_key_by_digest(wanted bytea, at timestamptz)
            RETURNS TABLE (id bigint, program_id bigint, partner_id bigint, name varchar, scopes varchar[], rate int)
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
              SELECT {COLUMNS} FROM loyalty_api_key k JOIN programs_program p ON p.id = k.program_id
              WHERE k.digest = wanted AND {USABLE}
            $$
            ''',
        ),
    ]
