"""Reads of the reward catalog, within the program in scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from loyalty.kernel import scope
from rewards.catalog.models import Reward

_PRICED = """
SELECT r.id, r.code, r.price, r.stock, r.partner_id, r.starts_at, r.ends_at, r.archived_at,
       t.id, t.code, t.decimals, t.is_spendable
FROM rewards_reward r JOIN programs_point_type t ON t.id = r.point_type_id WHERE
"""
_BY_CODE = f"{_PRICED} r.program_id = %s AND r.code = ANY(%s)"
BY_ID = f"{_PRICED} r.id = ANY(%s) ORDER BY r.id"
"""Rewards with these ids as :class:`Priced`, in the order in which they are locked."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A reward as whoever takes it needs it. ``price`` in smallest units; no ``stock`` means as many as asked for."""

    id: int
    code: str
    price: int
    stock: int | None
    partner_id: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    archived_at: datetime | None
    point_type_id: int
    point_type: str
    decimals: int
    is_spendable: bool

    def is_on_sale(self, at: datetime) -> bool:
        """Whether it can be had at ``at``, stock aside."""
        has_begun = self.starts_at is None or self.starts_at <= at
        return self.archived_at is None and has_begun and (self.ends_at is None or at < self.ends_at)


def on_sale(at: datetime) -> QuerySet[Reward]:
    """Rewards that can be had at ``at``, the cheapest first; those sold out are among them."""
    begun = Q(starts_at__isnull=True) | Q(starts_at__lte=at)
    not_over = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    return Reward.objects.filter(begun & not_over, archived_at__isnull=True).select_related("point_type", "picture")


def priced(reward_ids: Sequence[int]) -> dict[int, Priced]:
    """Rewards by their keys; who is not in this program is left out."""
    return {one.id: one for one in _read(BY_ID, [list(reward_ids)])}


def priced_by_code(codes: Sequence[str]) -> dict[str, Priced]:
    """Rewards by their codes; those that this program does not have are left out."""
    return {one.code: one for one in _read(_BY_CODE, [scope.program_id(), list(codes)])}


def _read(question: str, values: Sequence[Any]) -> list[Priced]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return [Priced(*row) for row in cursor.fetchall()]
