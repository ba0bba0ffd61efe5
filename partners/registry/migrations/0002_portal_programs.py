"""Which programs a partner takes part in: asked before a scope can be entered, so the database answers by a function."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("partners_registry", "0001_partners")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION loyalty_partner_programs(wanted bigint) RETURNS SETOF bigint
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
              SELECT p.id FROM programs_program p
              WHERE p.is_running AND (
                p.id IN (SELECT a.program_id FROM partners_agreement a WHERE a.partner_id = wanted)
                OR p.id IN (SELECT r.program_id FROM partners_partner r WHERE r.id = wanted)
              ) ORDER BY p.id
            $$
            """,
            "DROP FUNCTION loyalty_partner_programs(bigint)",
        )
    ]
