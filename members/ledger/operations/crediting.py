"""How far below zero an account may spend: what its own limit says, or what the tiers of its members give."""

from django.db import connection

from members.ledger.queries import BY_TIER


def tier_limits(account_id: int) -> dict[int, int]:
    """What the present tiers of the account's members give, smallest units by point type; the highest of several."""
    with connection.cursor() as cursor:
        cursor.execute(BY_TIER, [account_id])
        return dict(cursor.fetchall())
