import django.db.models.deletion
from django.db import migrations, models

import loyalty.kernel.ids
import loyalty.kernel.models.base
from loyalty.kernel.walls import BuildWalls

LINES = """
    UPDATE members_purchase_line l SET member_id = p.member_id, occurred_at = p.occurred_at
    FROM members_purchase p WHERE p.id = l.purchase_id
"""
# For a web process of the release before, which goes on taking purchases until it is restarted.
FILL = """
    CREATE FUNCTION members_purchase_line_filled() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      SELECT p.member_id, p.occurred_at INTO STRICT NEW.member_id, NEW.occurred_at
      FROM members_purchase p WHERE p.id = NEW.purchase_id;
      RETURN NEW;
    END $body$;
    CREATE TRIGGER members_purchase_line_filled BEFORE INSERT ON members_purchase_line
    FOR EACH ROW WHEN (NEW.member_id IS NULL) EXECUTE FUNCTION members_purchase_line_filled();
"""
UNFILL = """
    DROP TRIGGER members_purchase_line_filled ON members_purchase_line;
    DROP FUNCTION members_purchase_line_filled();
"""
DAYS = """
    INSERT INTO members_bought_day (program_id, member_id, day, purchases, amount, units)
    SELECT p.program_id, p.member_id, p.occurred_date, count(*) FILTER (WHERE NOT p.is_returned),
      sum(p.amount - p.returned_amount), coalesce(sum(u.units), 0)
    FROM members_purchase p
    LEFT JOIN (
      SELECT l.purchase_id, sum(CASE WHEN l.unit = 'piece' AND l.quantity - l.returned_quantity > 1
          AND l.quantity - l.returned_quantity = trunc(l.quantity - l.returned_quantity)
        THEN (l.quantity - l.returned_quantity)::bigint ELSE 1 END) AS units
      FROM members_purchase_line l WHERE l.returned_quantity < l.quantity GROUP BY 1
    ) u ON u.purchase_id = p.id
    GROUP BY 1, 2, 3
"""


class Migration(migrations.Migration):
    """What members bought is kept day by day, and a line says whose it is and from when."""

    dependencies = [
        ("members_activity", "0011_history_reads"),
        ("members_profiles", "0001_members"),
        ("programs_setup", "0001_program"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoughtDay",
            fields=[
                ("id", models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("purchases", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("member", loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members_profiles.member")),
                ("program", models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs_setup.program")),
            ],
            options={
                "db_table": "members_bought_day",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=["member", "day"], include=["program", "purchases", "amount", "units"], name="members_bought_day_once"),
                ],
            },
        ),
        migrations.AddField("purchaseline", "member_id", models.BigIntegerField(null=True)),
        migrations.AddField("purchaseline", "occurred_at", models.DateTimeField(null=True)),
        migrations.RunSQL(LINES, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, UNFILL),
        migrations.AlterField("purchaseline", "member_id", models.BigIntegerField()),
        migrations.AlterField("purchaseline", "occurred_at", models.DateTimeField()),
        migrations.AddIndex(
            "purchaseline",
            models.Index(fields=["member_id", "sku", "occurred_at"], name="members_purchase_line_bought"),
        ),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
        BuildWalls("BoughtDay"),
    ]
