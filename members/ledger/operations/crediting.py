"""How far below zero an account may spend: what its own limit says, or what the tiers of its members give."""

from django.db import connection

# The newest row of each tier that a member of the account has now.
BY_TIER = """
SELECT c.point_type_id, max(c.limit_now) AS most FROM members_account_member am
JOIN members_member_tier mt ON mt.member_id = am.member_id AND mt.ended_at IS NULL
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (t.point_type_id) t.point_type_id, t."limit" AS limit_now FROM members_tier_credit t
  WHERE t.tier_id = mt.tier_id ORDER BY t.point_type_id, t.id DESC
) c
WHERE am.account_id = %s AND am.is_primary GROUP BY c.point_type_id
"""


def tier_limits(account_id: int) -> dict[int, int]:
    """What the present tiers of the account's members give, smallest units by point type; the highest of several."""
    with connection.cursor() as cursor:
        cursor.execute(BY_TIER, [account_id])
        return dict(cursor.fetchall())
