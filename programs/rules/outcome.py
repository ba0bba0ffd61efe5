"""What an evaluation answers. Pure data: every ``facts`` and ``explanation`` holds JSON values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from programs.rules.context import Line
from programs.rules.money import largest_remainder

if TYPE_CHECKING:
    from programs.rules.compile import Rule
    from programs.rules.proposal import PointsDraft


@dataclass(frozen=True, slots=True)
class FundingShare:
    """The part of a grant that one partner pays, spread by C06; ``amount`` in the unit of the grant."""

    partner: str
    share: Decimal
    amount: int


class Grant:
    """Points that one effect of one rule gives. What stands on each line is worked out when it is asked for."""

    __slots__ = ("_lines", "_rule", "amount", "draft")

    def __init__(self, rule: Rule, draft: PointsDraft, lines: Sequence[Line]) -> None:
        self._rule = rule
        self.draft = draft
        self._lines = lines
        self.amount = draft.amount

    @property
    def rule(self) -> str:
        return self._rule.id

    @property
    def effect_index(self) -> int:
        return self.draft.effect.index

    @property
    def point_type(self) -> str:
        """The code of the type; ``amount`` and ``wanted`` are its smallest units."""
        return self.draft.effect.point_type

    @property
    def wanted(self) -> int:
        """Before limits."""
        return self.draft.wanted

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """``(line_id, amount)``, adding up to ``amount`` where lines took part."""
        lines = self._lines
        return tuple([(lines[position].line_id, share) for position, share in self.draft.parts])

    @property
    def basis(self) -> int:
        """Minor units (or units, for formulas that count units) that the formula worked on."""
        return self.draft.basis

    @property
    def formula(self) -> Mapping[str, Any]:
        """Kind and numbers of the formula, JSON values."""
        return {**self.draft.effect.document["formula"], **self.draft.numbers}

    @property
    def activation(self) -> Mapping[str, Any] | None:
        """The ``life`` document that says when the points can be spent; None means at once."""
        return self.draft.effect.document.get("activation")

    @property
    def expiry(self) -> Mapping[str, Any] | None:
        return self.draft.effect.document.get("expiry")

    @property
    def funding(self) -> tuple[FundingShare, ...]:
        return shared(self._rule.funding, self.amount)

    @property
    def recipient(self) -> str:
        """``member``, ``referrer``, ``household`` or ``company``."""
        return str(self.draft.effect.document.get("to", "member"))

    @property
    def phase(self) -> str:
        return self._rule.phase

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grant) and all(getattr(self, name) == getattr(other, name) for name in GRANT_FIELDS)

    def __repr__(self) -> str:
        return f"Grant({', '.join(f'{name}={getattr(self, name)!r}' for name in GRANT_FIELDS)})"


GRANT_FIELDS = (
    "rule", "effect_index", "point_type", "amount", "wanted", "lines", "basis", "formula", "activation", "expiry",
    "funding", "recipient", "phase",
)  # fmt: skip


def shared(funding: Sequence[tuple[str, Decimal]], amount: int) -> tuple[FundingShare, ...]:
    """What each partner pays of an amount."""
    if not funding:
        return ()
    parts = largest_remainder(amount, [int(share * 10**9) for _, share in funding])
    return tuple(FundingShare(partner, share, part) for (partner, share), part in zip(funding, parts, strict=True))


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


class Judged(Protocol):
    """Works out the parts of an outcome that not everybody reads."""

    def lines(self) -> tuple[LineResult, ...]: ...

    def limit_uses(self) -> tuple[LimitUse, ...]: ...

    def not_applied(self) -> Mapping[str, str]: ...

    def explanation(self) -> tuple[Mapping[str, Any], ...]: ...


class Outcome:
    """The whole answer of one evaluation.

    ``lines``, ``limit_uses``, ``not_applied`` and ``explanation`` are worked out at the first reading, from the context
    that was judged; read them before anything that the context refers to is changed.
    """

    __slots__ = ("_known", "_source", "applied", "discounts", "effects", "grants", "points")

    def __init__(
        self,
        source: Judged,
        grants: tuple[Grant, ...],
        discounts: tuple[DiscountGrant, ...],
        effects: tuple[EffectGrant, ...],
        applied: tuple[str, ...],
        points: Mapping[str, int],
    ) -> None:
        self.grants = grants
        self.discounts = discounts
        self.effects = effects
        self.applied = applied
        self.points = points
        self._source = source
        self._known: dict[str, Any] = {}

    def _part(self, name: str) -> Any:
        known = self._known
        if name not in known:
            known[name] = getattr(self._source, name)()
        return known[name]

    @property
    def lines(self) -> tuple[LineResult, ...]:
        return self._part("lines")  # type: ignore[no-any-return]

    @property
    def limit_uses(self) -> tuple[LimitUse, ...]:
        return self._part("limit_uses")  # type: ignore[no-any-return]

    @property
    def not_applied(self) -> Mapping[str, str]:
        """Rule to reason code (C22); without trace only candidate rules are listed."""
        return self._part("not_applied")  # type: ignore[no-any-return]

    @property
    def explanation(self) -> tuple[Mapping[str, Any], ...]:
        """One entry for each rule that was looked at, empty without trace."""
        return self._part("explanation")  # type: ignore[no-any-return]

    @property
    def discount(self) -> int:
        """All discounts together, minor units."""
        return sum(grant.amount for grant in self.discounts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and all(
            getattr(self, name) == getattr(other, name) for name in OUTCOME_FIELDS
        )


OUTCOME_FIELDS = (
    "grants", "discounts", "effects", "applied", "not_applied", "lines", "points", "limit_uses", "explanation",
)  # fmt: skip
