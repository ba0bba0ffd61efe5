"""A purchase with the reason of each of its points, as the API and the agent's page show it. Plain data.

Points are smallest units by the code of their type, money is minor units of the purchase's currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from loyalty.kernel import money
from members.activity.intake import PAYMENT, Foreign
from members.activity.models import Settlement

Points = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One line with what it earned: base points and bonuses apart."""

    line_id: str
    sku: str
    product: str | None
    quantity: Decimal
    unit: str
    amount: int
    returned_quantity: Decimal
    returned_amount: int
    base: Points
    bonus: Points


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule that gave something. ``why`` is empty when the explanation was erased."""

    rule: str
    name: str
    is_base: bool
    points: Points
    why: str


@dataclass(frozen=True, slots=True)
class MissedRule:
    """A rule that was not applied, its reason code (C22) and the sentence about it."""

    rule: str
    name: str
    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class GivenDiscount:
    """Money off one line by one rule, minor units."""

    rule: str
    name: str
    line_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class GivenEffect:
    """Something else that a rule granted; ``issued`` is what its handler answered."""

    rule: str
    name: str
    kind: str
    issued: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExplainedReturn:
    """A return of the purchase, the points that it took back and the money off that the kept units no longer get.

    ``terms`` are the keys of the terms of return that decided, by line id; ``bonus`` the points instead of money;
    ``exchange`` the receipt that was made in exchange.
    """

    id: int
    public_id: str
    external_id: str
    state: str
    at: datetime
    amount: int
    lines: tuple[tuple[str, Decimal], ...]
    points: Points
    discount: int = 0
    payback: Mapping[str, Any] | None = None
    settlement: str = Settlement.MONEY
    exchange: str = ""
    bonus: Points = field(default_factory=dict)
    terms: Mapping[str, int] = field(default_factory=dict)


class InUnits:
    """Something whose points and money are written with the decimals of its program and its currency."""

    __slots__ = ()
    currency: str
    decimals: Mapping[str, int]

    def points_text(self, points: Points) -> dict[str, str]:
        """Points of every type of the program as decimal text."""
        return {code: money.to_text(points.get(code, 0), places) for code, places in self.decimals.items()}

    def money_text(self, amount: int) -> str:
        """An amount as decimal text."""
        return money.to_text(amount, money.exponent(self.currency))


@dataclass(frozen=True, slots=True)
class AppliedReturn(InUnits):
    """A return that was applied, by itself: for its own answer, without the reasons of the purchase."""

    returned: ExplainedReturn
    account_id: int
    evaluation_id: int
    currency: str
    decimals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A purchase as it was recorded, without its lines."""

    id: int
    public_id: str
    source: str
    external_id: str
    member_id: int
    account_id: int
    at: datetime
    location: str | None
    location_name: str | None
    channel: str
    till: str
    currency: str
    amount: int
    returned_amount: int


@dataclass(frozen=True, slots=True)
class ExplainedPurchase(Receipt, InUnits):
    """A purchase, its lines, every rule that was looked at, and its returns.

    ``decimals`` tells the decimals of each point type of the snapshot that judged, in the program's order; ``points`` are
    what the purchase earned, before any return; ``payment`` is what points paid of it; ``foreign`` what was paid in another
    currency, and its rate.
    """

    evaluation_id: int
    snapshot_number: int
    decimals: Mapping[str, int]
    points: Points
    lines: tuple[ExplainedLine, ...]
    applied: tuple[AppliedRule, ...]
    not_applied: tuple[MissedRule, ...]
    returns: tuple[ExplainedReturn, ...]
    discounts: tuple[GivenDiscount, ...] = ()
    effects: tuple[GivenEffect, ...] = ()
    payment: Mapping[str, Any] | None = None
    foreign: Foreign | None = None

    @property
    def to_pay(self) -> int:
        """What is left to pay in money, minor units."""
        paid = self.payment["value"] if self.payment and self.payment["way"] == PAYMENT else 0
        return self.amount - self.discount - int(paid)

    @property
    def discount(self) -> int:
        """All money off by promotions, minor units."""
        return sum(one.amount for one in self.discounts)

    def effects_of(self, *kinds: str) -> list[GivenEffect]:
        """What was granted of some kinds."""
        return [one for one in self.effects if one.kind in kinds]
