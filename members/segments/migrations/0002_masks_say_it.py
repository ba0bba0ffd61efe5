import django.db.models.deletion
from django.db import migrations, models

import loyalty.kernel.ids
import loyalty.kernel.models.base
from loyalty.kernel.walls import AppendOnly, BuildWalls

# int8pl refuses what is too large for a bigint, so the sum is exact or an error.
SUM = "CREATE AGGREGATE loyalty_sum(bigint) (SFUNC = int8pl, STYPE = bigint, COMBINEFUNC = int8pl, PARALLEL = SAFE)"
# What the memberships said, as masks: one for each moment at which a member's bits changed, the last one present.
MASKS = """
    CREATE TEMPORARY TABLE masks_before AS
    WITH spans AS (
      SELECT s.program_id, s.member_id, g.position / 62 AS word, 1::bigint << (g.position % 62) AS bit, s.since_at, s.ended_at
      FROM members_segment_member s JOIN members_segment g ON g.id = s.segment_id
      WHERE g.kind = 'dynamic' AND g.position IS NOT NULL
    ), moments AS (
      SELECT program_id, member_id, word, at, sum(bit) AS bits FROM (
        SELECT program_id, member_id, word, since_at AS at, bit FROM spans
        UNION ALL SELECT program_id, member_id, word, ended_at, -bit FROM spans WHERE ended_at IS NOT NULL
      ) changes GROUP BY 1, 2, 3, 4
    )
    SELECT program_id, member_id, word, at AS since_at, lead(at) OVER w AS ended_at,
      (sum(bits) OVER w)::bigint AS mask
    FROM moments WINDOW w AS (PARTITION BY program_id, member_id, word ORDER BY at);
    UPDATE members_segment_mask k SET since_at = b.since_at FROM masks_before b
    WHERE b.ended_at IS NULL AND b.member_id = k.member_id AND b.word = k.word;
    INSERT INTO members_segment_past_mask (program_id, member_id, word, mask, since_at, ended_at)
    SELECT program_id, member_id, word, mask, since_at, ended_at FROM masks_before WHERE ended_at IS NOT NULL;
    DROP TABLE masks_before;
    DELETE FROM members_segment_member s USING members_segment g WHERE g.id = s.segment_id AND g.kind = 'dynamic';
"""


class Migration(migrations.Migration):
    """Who is in a segment by a condition is said by the masks alone, and by what they were before."""

    dependencies = [
        ("members_segments", "0001_segments"),
        ("programs_setup", "0006_currency_rates"),
        ("members_profiles", "0003_program_key"),
    ]

    operations = [
        migrations.RunSQL(SUM, "DROP AGGREGATE loyalty_sum(bigint)"),
        migrations.AddField(
            model_name="segmentmask",
            name="since_at",
            field=models.DateTimeField(db_default=models.functions.Now()),
            preserve_default=False,
        ),
        migrations.AlterField(model_name="segmentmask", name="since_at", field=models.DateTimeField()),
        migrations.CreateModel(
            name="PastMask",
            fields=[
                ("id", models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ("word", models.PositiveSmallIntegerField()),
                ("mask", models.BigIntegerField()),
                ("since_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("member", loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, is_judged_together=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members_profiles.member")),
                ("program", models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs_setup.program")),
            ],
            options={
                "verbose_name": "earlier segments of a member",
                "verbose_name_plural": "earlier segments of members",
                "db_table": "members_segment_past_mask",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="pastmask",
            index=models.Index(fields=["member", "ended_at"], name="members_segment_past_member"),
        ),
        migrations.AlterField(
            model_name="segmentmember",
            name="cause",
            field=models.CharField(choices=[("hand", "by hand"), ("list", "from a list"), ("promotion", "a promotion")], max_length=10, verbose_name="cause"),
        ),
        BuildWalls("PastMask"),
        AppendOnly("PastMask"),
        migrations.RunSQL(MASKS, migrations.RunSQL.noop),
        # A changed mask stays on its page, and no index learns of it.
        migrations.RunSQL(
            "ALTER TABLE members_segment_mask SET (fillfactor = 80)", "ALTER TABLE members_segment_mask RESET (fillfactor)"
        ),
    ]
