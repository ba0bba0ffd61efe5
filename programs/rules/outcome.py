"""What an evaluation answers. Pure data: every ``facts`` and ``explanation`` holds JSON values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class FundingShare:
    """The part of a grant that one partner pays, spread by C06; ``amount`` in the unit of the grant."""

    partner: str
    share: Decimal
    amount: int


@dataclass(frozen=True, slots=True)
class Grant:
    """Points that one effect of one rule gives.

    :param amount: granted, smallest units of ``point_type``.
    :param wanted: before limits.
    :param lines: ``(line_id, amount)``, adding up to ``amount`` where lines took part.
    :param basis: minor units (or units, for formulas that count units) that the formula worked on.
    :param formula: kind and numbers of the formula, JSON values.
    :param activation: the ``life`` document that says when the points can be spent; None means at once.
    :param recipient: ``member``, ``referrer``, ``household`` or ``company``.
    """

    rule: str
    effect_index: int
    point_type: str
    amount: int
    wanted: int
    lines: tuple[tuple[str, int], ...] = ()
    basis: int | None = None
    formula: Mapping[str, Any] = field(default_factory=dict)
    activation: Mapping[str, Any] | None = None
    expiry: Mapping[str, Any] | None = None
    funding: tuple[FundingShare, ...] = ()
    recipient: str = "member"
    phase: str = "bonus"


@dataclass(frozen=True, slots=True)
class DiscountGrant:
    """Money that one effect of one rule takes off, minor units."""

    rule: str
    effect_index: int
    amount: int
    wanted: int
    lines: tuple[tuple[str, int], ...] = ()
    funding: tuple[FundingShare, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EffectGrant:
    """A voucher, message, segment or any other effect that is neither points nor a discount, as written in the rule.

    :param facts: numbers for placeholders and quantities (``missing_amount``, ``count`` ...).
    :param branch: ``then`` or ``else``.
    """

    rule: str
    effect_index: int
    effect: str
    document: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    branch: str = "then"


@dataclass(frozen=True, slots=True)
class LineResult:
    """Per line: base and bonus points by type (smallest units) and discount (minor units)."""

    line_id: str
    base: Mapping[str, int]
    bonus: Mapping[str, int]
    discount: int


@dataclass(frozen=True, slots=True)
class LimitUse:
    """What this evaluation takes from one limit.

    :param limit: name of the limit (C25).
    :param counter: stable key of the counter: ``rule:limit``, or ``campaign:<code>:<limit>`` and ``program:<limit>``
        for limits that rules share. Who owns the scope (which member, which store): ``scope``, ``scope_value``.
    :param scope_value: store, partner or campaign where the scope is one of them, else None.
    :param period_key: ``2026-12-05``, ``2026-W49``, ``2026-12``, ``2026-Q4``, ``2026``, ``rolling:30`` or ``lifetime``.
    :param amount: points in smallest units, 1 for a use, value in minor units.
    :param maximum: in the unit of ``amount``.
    """

    limit: str
    counter: str
    rule: str
    scope: str
    scope_value: str | None
    period: str
    period_key: str
    measure: str
    point_type: str | None
    amount: int
    maximum: int
    overflow: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole answer of one evaluation.

    :param not_applied: rule to reason code (C22); without trace only candidate rules are listed.
    :param explanation: one entry for each rule that was looked at, empty without trace.
    """

    grants: tuple[Grant, ...]
    discounts: tuple[DiscountGrant, ...]
    effects: tuple[EffectGrant, ...]
    applied: tuple[str, ...]
    not_applied: Mapping[str, str]
    lines: tuple[LineResult, ...]
    points: Mapping[str, int]
    limit_uses: tuple[LimitUse, ...]
    explanation: tuple[Mapping[str, Any], ...]

    @property
    def discount(self) -> int:
        """All discounts together, minor units."""
        return sum(grant.amount for grant in self.discounts)
