"""Stock, within the caller's transaction and after the wallets' locks."""

from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import F

from loyalty.kernel.errors import Refusal
from rewards.catalog import queries as catalog
from rewards.catalog.models import Reward
from rewards.catalog.queries import Priced


class RewardUnavailable(Refusal):
    """Sold out or not on sale."""

    code = "rewards.unavailable"
    status = 409


def lock_limited(rewards: Iterable[Priced]) -> dict[int, Priced]:
    """Rewards by their keys; those of which there are so many and no more are locked, in the order of keys, and read again."""
    found = {one.id: one for one in rewards}
    limited = sorted(one.id for one in found.values() if one.stock is not None)
    if limited:
        with connection.cursor() as cursor:
            cursor.execute(f"{catalog.BY_ID} FOR NO KEY UPDATE OF r", [limited])
            found |= {row[0]: Priced(*row) for row in cursor.fetchall()}
    return found


def take(units: Mapping[int, int]) -> None:
    """Take units of limited rewards, by key, that the caller holds locked and has counted."""
    if not units:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE rewards_reward r SET stock = r.stock - t.units
            FROM unnest(%s::bigint[], %s::integer[]) AS t(id, units) WHERE r.id = t.id
            """,
            [list(units), list(units.values())],
        )
        assert cursor.rowcount == len(units), "a reward is not in this program"


def put_back(reward_id: int, quantity: int) -> None:
    """Put canceled units back."""
    Reward.objects.filter(pk=reward_id, stock__isnull=False).update(stock=F("stock") + quantity)
