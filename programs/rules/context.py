"""What an evaluation is told: the purchase or event, the member, the history and the settings of the program.

Money is an int in minor units of the program currency; points are an int in smallest units of their type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

PIECE = "piece"
ONE = Decimal(1)
# Looking a number up is quicker than turning it into another kind.
PIECES = {Decimal(number): number for number in range(1, 100)}


class Line(msgspec.Struct, frozen=True):
    """One line of a purchase after basket discounts were spread (C02).

    :param paid: what was paid for the whole line, minor units.
    :param list_amount: price before discounts for the whole line, minor units.
    :param tax_rate: percent, tax included in the amounts; None means no tax is known.
    :param points_paid: the part of ``paid`` that was paid with points (C24), minor units.
    """

    line_id: str
    number: int
    sku: str | None = None
    product: str | None = None
    categories: tuple[str, ...] = ()
    brand: str | None = None
    qty: Decimal = ONE
    unit: str = PIECE
    paid: int = 0
    list_amount: int = 0
    tax_rate: Decimal | None = None
    attributes: Mapping[str, Any] = {}
    points_paid: int = 0

    @property
    def units(self) -> int:
        """Whole pieces are separate units; any other line is one unit (C16)."""
        if self.unit != PIECE:
            return 1
        known = PIECES.get(self.qty)
        if known is not None:
            return known
        whole = int(self.qty)
        return whole if whole > 1 and whole == self.qty else 1


class Purchase(msgspec.Struct, frozen=True):
    """A purchase as the till reported it, in program currency.

    ``paid_with_points`` not yet spread over the lines is spread by the evaluation (C24).
    """

    at: datetime
    lines: tuple[Line, ...] = ()
    channel: str | None = None
    payment: str | None = None
    partner: str | None = None
    store: str | None = None
    store_group: str | None = None
    region: str | None = None
    store_tz: str | None = None
    currency: str | None = None
    paid_with_points: int = 0
    coupons: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = {}


class Event(msgspec.Struct, frozen=True):
    """Something other than a purchase that starts rules: a declared event, a scheduled run, a crossed metric."""

    at: datetime
    type: str = ""
    store_tz: str | None = None
    attributes: Mapping[str, Any] = {}


class MemberView(msgspec.Struct, frozen=True):
    """The member at the time of the purchase.

    :param id: only the control group reads it (C20); a frozen context carries ``buckets`` instead.
    :param tier_ranks: rank of every tier of the main scheme, the lowest first; ``tier gte x`` compares ranks.
    :param tiers: tier by code of scheme, read as ``member.tier.<scheme>``.
    :param scheme_ranks: ranks by code of scheme.
    :param buckets: control-group bucket (0 to 9999) by salt, where it is already known.
    """

    id: str = ""
    tier: str | None = None
    tier_ranks: Mapping[str, int] = {}
    segments: frozenset[str] = frozenset()
    birthday: date | None = None
    attributes: Mapping[str, Any] = {}
    tiers: Mapping[str, str] = {}
    scheme_ranks: Mapping[str, Mapping[str, int]] = {}
    buckets: Mapping[str, int] = {}


class HistoryPurchase(msgspec.Struct, frozen=True):
    """An earlier purchase, its lines net of returns (C13); one without lines does not count."""

    at: datetime
    lines: tuple[Line, ...] = ()
    channel: str | None = None
    payment: str | None = None
    partner: str | None = None
    store: str | None = None
    store_group: str | None = None
    region: str | None = None
    store_tz: str | None = None
    currency: str | None = None
    paid_with_points: int = 0
    coupons: tuple[str, ...] = ()
    points: Mapping[str, int] = {}
    attributes: Mapping[str, Any] = {}


class HistoryEvent(msgspec.Struct, frozen=True):
    """An earlier event of the member."""

    at: datetime
    type: str
    attributes: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class PointTypeSettings:
    code: str
    decimals: int = 0


DEFAULT_POINT_TYPES = (PointTypeSettings("POINTS"),)


@dataclass(frozen=True, slots=True)
class ProgramSettings:
    """The settings of a program that fix numbers.

    :param rounding: ``down``, ``half_up`` or ``up``.
    :param basis: ``paid``, ``list``, ``ex_tax`` or ``without_points``.
    :param point_value: currency value of one whole point, by type.
    :param groups: mode by name of group: ``best``, ``first``, ``all`` or ``at_most:k``; undeclared is ``best``.
    :param earn_on: ``after_loyalty_discounts`` or ``before_loyalty_discounts`` (C23).
    """

    currency: str = "EUR"
    exponent: int = 2
    timezone: str = "Europe/Warsaw"
    rounding: str = "down"
    basis: str = "paid"
    point_types: tuple[PointTypeSettings, ...] = DEFAULT_POINT_TYPES
    point_value: Mapping[str, Decimal] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    earn_on: str = "after_loyalty_discounts"

    @property
    def default_point_type(self) -> str:
        return self.point_types[0].code

    @property
    def money_scale(self) -> int:
        """Minor units in one unit of the currency."""
        return int(10**self.exponent)

    def point_scale(self, code: str) -> int:
        """Smallest units in one point of the type; a type that is not declared has no decimals."""
        for point_type in self.point_types:
            if point_type.code == code:
                return int(10**point_type.decimals)
        return 1


class Context(msgspec.Struct, frozen=True):
    """Everything one evaluation reads.

    :param trigger: ``purchase``, ``event:<type>``, ``schedule``, ``metric_crossed`` ...; other rules are not looked at.
    :param history: earlier purchases, as far back as ``needs`` asked for.
    :param used_limits: used before, net of reversals, in the current period; by counter or by name of limit (C25);
        points in smallest units, uses as a count, value in minor units.
    :param purchases_before: number of earlier purchases, when it is known without the history.
    :param history_values: values of history specs that are already known (a frozen context); they win over ``history``.
    :param only_rules: look at these rules alone (a scheduled run or a crossed metric starts chosen rules).
    """

    member: MemberView = msgspec.field(default_factory=MemberView)
    purchase: Purchase | None = None
    event: Event | None = None
    trigger: str = "purchase"
    history: Sequence[HistoryPurchase] = ()
    events: Sequence[HistoryEvent] = ()
    used_limits: Mapping[str, int] = {}
    account: Mapping[str, Any] = {}
    coupon: Mapping[str, Any] = {}
    program: Mapping[str, Any] = {}
    purchases_before: int | None = None
    history_values: Mapping[str, Any] = {}
    only_rules: frozenset[str] | None = None

    @property
    def at(self) -> datetime:
        if self.purchase is not None:
            return self.purchase.at
        assert self.event is not None, "a context holds a purchase or an event"
        return self.event.at
