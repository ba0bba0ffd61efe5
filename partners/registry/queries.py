"""What partners did in a time: purchases at their places, points they paid for, rewards they supplied. No members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from partners.registry.models import Agreement, Partner
from programs.rules.money import half_up

POINTS_A_PRICE = 1000


@dataclass(frozen=True, slots=True)
class PartnerActivity:
    """Sums of one partner. Amounts are minor units; points smallest units of the program's first point type.

    ``issued`` is net of returns and of what the partner pays for; ``redeemed`` is what members paid for rewards that the
    partner supplied, net of cancellations.
    """

    purchases: int = 0
    amount: int = 0
    returned: int = 0
    issued: int = 0
    redeemed: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a statement: ``amount`` in minor units, positive when the partner pays."""

    kind: str
    quantity: int
    price: int
    amount: int


_SQL = """
WITH bought AS (
  SELECT partner_id, count(*) AS purchases, sum(amount) AS amount, sum(returned_amount) AS returned
  FROM members_purchase WHERE partner_id = ANY(%(partners)s) AND occurred_at >= %(start)s AND occurred_at < %(end)s
  GROUP BY partner_id
), issued AS (
  SELECT p.partner_id, -sum(p.amount) AS points
  FROM members_posting p JOIN members_entry e ON e.id = p.entry_id
  WHERE p.partner_id = ANY(%(partners)s) AND p.bucket = 'issued' AND p.point_type_id = %(point_type)s
    AND e.effective_at >= %(start)s AND e.effective_at < %(end)s
  GROUP BY p.partner_id
), redeemed AS (
  SELECT partner_id,
         coalesce(sum(price) FILTER (WHERE redeemed_at >= %(start)s AND redeemed_at < %(end)s), 0)
         - coalesce(sum(price) FILTER (WHERE canceled_at >= %(start)s AND canceled_at < %(end)s), 0) AS points
  FROM rewards_redemption WHERE partner_id = ANY(%(partners)s)
    AND reward_id IN (SELECT id FROM rewards_reward WHERE point_type_id = %(point_type)s)
  GROUP BY partner_id
)
SELECT k.id, coalesce(b.purchases, 0), coalesce(b.amount, 0), coalesce(b.returned, 0), coalesce(i.points, 0),
       coalesce(r.points, 0)
FROM unnest(%(partners)s::bigint[]) AS k(id) LEFT JOIN bought b ON b.partner_id = k.id
LEFT JOIN issued i ON i.partner_id = k.id LEFT JOIN redeemed r ON r.partner_id = k.id
"""


def partners() -> QuerySet[Partner]:
    """Partners of the program in scope and those that all programs share, by name."""
    return Partner.objects.filter(archived_at__isnull=True).order_by("name", "pk")


def activity(
    partner_ids: Sequence[int], start: datetime, end: datetime, *, point_type_id: int
) -> dict[int, PartnerActivity]:
    """What each partner did from ``start`` (included) to ``end`` (excluded) in the program in scope."""
    values: dict[str, Any] = {"partners": list(partner_ids), "start": start, "end": end, "point_type": point_type_id}
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        return {row[0]: PartnerActivity(*(int(value) for value in row[1:])) for row in cursor.fetchall()}


def agreement_on(partner_id: int, day: date) -> Agreement | None:
    """The agreement that holds on a day; of several the one that began last."""
    holding = Q(starts_date__lte=day) & (Q(ends_date__isnull=True) | Q(ends_date__gt=day))
    return Agreement.objects.filter(holding, partner_id=partner_id).order_by("-starts_date", "-pk").first()


def charges(agreement: Agreement, done: PartnerActivity, *, decimals: int) -> list[Charge]:
    """The lines of a statement under one agreement, each rounded half up to the minor unit.

    Points issued are charged and points redeemed credited per 1,000 whole points; the commission is a share of what
    members paid at the partner's places, net of returns.
    """
    thousand = POINTS_A_PRICE * 10**decimals
    net = done.amount - done.returned
    commission = half_up(Fraction(net) * Fraction(agreement.commission) / 100)
    return [
        Charge(
            "issued",
            done.issued,
            agreement.issue_price,
            half_up(Fraction(done.issued * agreement.issue_price, thousand)),
        ),
        Charge(
            "redeemed",
            done.redeemed,
            agreement.redeem_price,
            -half_up(Fraction(done.redeemed * agreement.redeem_price, thousand)),
        ),
        Charge("commission", net, 0, commission),
    ]
