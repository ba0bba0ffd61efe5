from django.db import migrations

FILL = """
    INSERT INTO members_earned_day (program_id, wallet_id, day, amount)
    SELECT f.program_id, f.wallet_id, (f.at AT TIME ZONE p.timezone)::date, sum(f.amount)
    FROM (
      SELECT l.program_id, l.wallet_id, l.earned_at AS at, l.amount
      FROM members_lot l JOIN members_entry e ON e.id = l.entry_id AND e.kind IN ('earn', 'adjust')
      UNION ALL
      SELECT r.program_id, w.id, e.occurred_at, -p.amount
      FROM members_entry r JOIN members_posting p ON p.entry_id = r.id AND p.bucket = 'issued'
      JOIN members_wallet w ON w.account_id = r.account_id AND w.point_type_id = p.point_type_id
      JOIN members_entry e ON e.id = r.reverses_id
      WHERE r.kind = 'reverse'
    ) f JOIN programs_program p ON p.id = f.program_id
    GROUP BY 1, 2, 3
"""


class Migration(migrations.Migration):
    """Count the days of the wallets that are there already."""

    dependencies = [("members_ledger", "0005_earned_days")]

    operations = [migrations.RunSQL(FILL, "DELETE FROM members_earned_day")]
