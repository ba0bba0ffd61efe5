import django.db.models.deletion
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls

WITHOUT = '''
  RETURNS TABLE (
    id bigint, program_id bigint, partner_id bigint, name varchar, scopes varchar[], rate int, networks varchar[], public_id uuid
  )
'''
WITH = WITHOUT.replace('public_id uuid', 'public_id uuid, location varchar')
COLUMNS = 'k.id, k.program_id, k.partner_id, k.name, k.scopes, k.rate_per_second, k.networks, k.public_id'
JOINED = 'LEFT JOIN programs_location l ON l.id = k.location_id'


def functions(answer: str, columns: str, joined: str) -> str:
    """Both look-ups anew, with the given answer."""
    head = f'{answer} LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS'
    rows = f'SELECT {columns} FROM loyalty_api_key k JOIN programs_program p ON p.id = k.program_id {joined}'
    usable = 'k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at) AND p.is_running'
    return f'''
      DROP FUNCTION loyalty_key_by_digest(bytea, timestamptz);
      DROP FUNCTION loyalty_key_by_id(bigint, timestamptz);
      CREATE FUNCTION loyalty_key_by_digest(wanted bytea, at timestamptz) {head} $$
        {rows} WHERE (k.digest = wanted OR (k.former_digest = wanted AND k.former_until > at)) AND {usable}
      $$;
      CREATE FUNCTION loyalty_key_by_id(wanted bigint, at timestamptz) {head} $$
        {rows} WHERE k.id = wanted AND {usable}
      $$
    '''


class Migration(migrations.Migration):

    dependencies = [
        ('loyalty_kernel', '0011_proposals'),
        ('programs_catalog', '0004_program_key'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='location',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, help_text='Purchases and returns of the key are of this place: one that names another is refused. Empty: of any.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_catalog.location', verbose_name='location'),
        ),
        # The release before reads the first columns of the answer and does not mind more.
        migrations.RunSQL(
            functions(WITH, f'{COLUMNS}, l.code', JOINED), functions(WITHOUT, COLUMNS, '')
        ),
        BuildWalls('ApiKey', triggers_only=True),
    ]
