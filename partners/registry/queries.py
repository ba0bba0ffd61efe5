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
WITH span AS (
  SELECT n, s AS starts_at, e AS ends_at
  FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY AS u(s, e, n)
), bought AS (
  SELECT n, partner_id, count(*) AS purchases, sum(amount) AS amount, sum(returned_amount) AS returned
  FROM members_purchase JOIN span ON occurred_at >= starts_at AND occurred_at < ends_at
  WHERE partner_id = ANY(%(partners)s) AND occurred_at >= %(first)s AND occurred_at < %(last)s
  GROUP BY n, partner_id
), issued AS (
  SELECT n, p.partner_id, -sum(p.amount) AS points
  FROM members_posting p JOIN members_entry e ON e.id = p.entry_id
  JOIN span ON e.effective_at >= starts_at AND e.effective_at < ends_at
  WHERE p.partner_id = ANY(%(partners)s) AND p.bucket = 'issued' AND p.point_type_id = %(point_type)s
    AND e.effective_at >= %(first)s AND e.effective_at < %(last)s
  GROUP BY n, p.partner_id
), redeemed AS (
  SELECT n, partner_id,
         coalesce(sum(price) FILTER (WHERE redeemed_at >= starts_at AND redeemed_at < ends_at), 0)
         - coalesce(sum(price) FILTER (WHERE canceled_at >= starts_at AND canceled_at < ends_at), 0) AS points
  FROM rewards_redemption
  JOIN span ON (redeemed_at >= starts_at AND redeemed_at < ends_at) OR (canceled_at >= starts_at AND canceled_at < ends_at)
  WHERE partner_id = ANY(%(partners)s)
    AND reward_id IN (SELECT id FROM rewards_reward WHERE point_type_id = %(point_type)s)
  GROUP BY n, partner_id
)
SELECT span.n, k.id, coalesce(b.purchases, 0), coalesce(b.amount, 0), coalesce(b.returned, 0), coalesce(i.points, 0),
       coalesce(r.points, 0)
FROM span CROSS JOIN unnest(%(partners)s::bigint[]) AS k(id)
LEFT JOIN bought b ON b.n = span.n AND b.partner_id = k.id
LEFT JOIN issued i ON i.n = span.n AND i.partner_id = k.id
LEFT JOIN redeemed r ON r.n = span.n AND r.partner_id = k.id
"""


def partners() -> QuerySet[Partner]:
    """Partners of the program in scope and those that all programs share, by name."""
    return Partner.objects.filter(archived_at__isnull=True).order_by("name", "pk")


def activity(
    partner_ids: Sequence[int], start: datetime, end: datetime, *, point_type_id: int
) -> dict[int, PartnerActivity]:
    """What each partner did from ``start`` (included) to ``end`` (excluded) in the program in scope."""
    return activity_by_span(partner_ids, [(start, end)], point_type_id=point_type_id)[0]


def activity_by_span(
    partner_ids: Sequence[int], spans: Sequence[tuple[datetime, datetime]], *, point_type_id: int
) -> list[dict[int, PartnerActivity]]:
    """What each partner did in each span (its end excluded), by one query whatever their number."""
    starts, ends = [start for start, _end in spans], [end for _start, end in spans]
    values: dict[str, Any] = {
        "partners": list(partner_ids), "starts": starts, "ends": ends, "first": min(starts), "last": max(ends),
        "point_type": point_type_id,
    }  # fmt: skip
    found: list[dict[int, PartnerActivity]] = [{} for _span in spans]
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        for number, partner_id, *sums in cursor.fetchall():
            found[number - 1][partner_id] = PartnerActivity(*(int(value) for value in sums))
    return found


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
