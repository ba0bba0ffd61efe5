"""What an evaluation answers. Pure data: every ``facts`` and ``explanation`` holds JSON values only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

import msgspec

from programs.rules.context import Line
from programs.rules.money import Number, largest_remainder

if TYPE_CHECKING:
    from programs.rules.effects import Effect
    from programs.rules.rule import Rule
    from programs.rules.state import State


@dataclass(frozen=True, slots=True)
class FundingShare:
    """The part of a grant that one partner pays, spread by C06; ``amount`` in the unit of the grant."""

    partner: str
    share: Decimal
    amount: int


# The lines that took part and what each brought into the basis, the basis, and the numbers that explain the amount or how
# to get them from the basis.
Numbers: TypeAlias = dict[str, Any] | Callable[[int], dict[str, Any]]
Ground: TypeAlias = tuple[Sequence[int], Sequence[int], int, Numbers]


class Grant(msgspec.Struct, eq=False):
    """Points that one effect of one rule gives, or wants to give as long as limits and other rules may cut ``amount``.

    It is at the same time the whole proposal of a rule that gives nothing else (see ``Proposal``). What stands on each
    line and what explains the amount is worked out when it is asked for. Made by the dozen for each purchase, so that it is
    of the kind of object that is made fastest.
    """

    effect: Effect
    amount: int
    ground: Ground
    purchase_lines: Sequence[Line]
    cut_from: int | None = None
    spread: Sequence[int] | None = None

    discounts: ClassVar[tuple[Any, ...]] = ()
    others: ClassVar[tuple[Any, ...]] = ()
    limit_notes: ClassVar[tuple[Any, ...]] = ()
    blocked_by: ClassVar[str | None] = None

    @property
    def owner(self) -> Rule:
        return self.effect.owner

    @property
    def wanted(self) -> int:
        """The amount before limits cut it."""
        return self.amount if self.cut_from is None else self.cut_from

    def cut(self, amount: int) -> None:
        """Lower the amount; what stands on the lines must not have been asked for yet."""
        self.cut_from = self.wanted
        self.amount = amount

    @property
    def points(self) -> tuple[Grant, ...]:
        return (self,)

    def grants_something(self) -> bool:
        return self.amount > 0

    def value(self, values: Mapping[str, Number]) -> Number:
        """Worth for the member in minor units."""
        return self.amount * values.get(self.effect.point_type, 0)

    @property
    def rule(self) -> str:
        return self.owner.id

    @property
    def effect_index(self) -> int:
        return self.effect.index

    @property
    def point_type(self) -> str:
        """The code of the type; ``amount`` and ``wanted``, which is before limits, are its smallest units."""
        return self.effect.point_type

    @property
    def basis(self) -> int:
        """Minor units (or units, for formulas that count units) that the formula worked on."""
        return self.ground[2]

    @property
    def positions(self) -> Sequence[int]:
        """The lines that took part."""
        return self.ground[0]

    @property
    def weights(self) -> Sequence[int]:
        """What each of the lines brought into the basis."""
        return self.ground[1]

    @property
    def numbers(self) -> dict[str, Any]:
        """What explains the amount, JSON data."""
        numbers = self.ground[3]
        return numbers(self.ground[2]) if callable(numbers) else dict(numbers)

    @property
    def shares(self) -> Sequence[int]:
        """What of the amount stands on each of the lines; to be read when the amount is final."""
        if self.spread is None:
            self.spread = largest_remainder(self.amount, self.ground[1])
        return self.spread

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """``(line_id, amount)``, adding up to ``amount`` where lines took part."""
        lines = self.purchase_lines
        return tuple([(lines[position].line_id, share) for position, share in self.parts])

    @property
    def parts(self) -> list[tuple[int, int]]:
        """Position and share of the lines on which something stands."""
        return [(position, share) for position, share in zip(self.ground[0], self.shares, strict=True) if share]

    @property
    def formula(self) -> Mapping[str, Any]:
        """Kind and numbers of the formula, JSON values."""
        return {**self.effect.document["formula"], **self.numbers}

    @property
    def activation(self) -> Mapping[str, Any] | None:
        """The ``life`` document that says when the points can be spent; None means at once."""
        return self.effect.document.get("activation")

    @property
    def expiry(self) -> Mapping[str, Any] | None:
        return self.effect.document.get("expiry")

    @property
    def funding(self) -> tuple[FundingShare, ...]:
        return shared(self.owner.funding, self.amount)

    @property
    def recipient(self) -> str:
        """``member``, ``referrer``, ``household`` or ``company``."""
        return str(self.effect.document.get("to", "member"))

    @property
    def phase(self) -> str:
        return self.owner.phase

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
    :param slack: how much more may be used of the limit before this evaluation without a change to its outcome; None where
        the limit cut it, so that any change counts.
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
    slack: int | None
    overflow: str


class Judged(Protocol):
    """Works out the parts of an outcome that not everybody reads."""

    @property
    def start(self) -> State: ...

    def looked_at(self) -> Iterable[Rule]: ...

    def applied(self) -> tuple[str, ...]: ...

    def lines(self) -> tuple[LineResult, ...]: ...

    def limit_uses(self) -> tuple[LimitUse, ...]: ...

    def not_applied(self) -> Mapping[str, str]: ...

    def explanation(self) -> tuple[Mapping[str, Any], ...]: ...

    def without(self, rule: Rule) -> Outcome | None: ...


class Outcome(msgspec.Struct, eq=False):
    """The whole answer of one evaluation.

    ``applied``, ``lines``, ``limit_uses``, ``not_applied`` and ``explanation`` are worked out at the first reading, from
    the context that was judged; read them before anything that the context refers to is changed.
    """

    _source: Judged
    grants: tuple[Grant, ...]
    discounts: tuple[DiscountGrant, ...]
    effects: tuple[EffectGrant, ...]
    points: Mapping[str, int]
    _known: dict[str, Any] = {}

    def _part(self, name: str) -> Any:
        known = self._known
        if name not in known:
            known[name] = getattr(self._source, name)()
        return known[name]

    @property
    def applied(self) -> tuple[str, ...]:
        """The rules that gave something."""
        return self._part("applied")  # type: ignore[no-any-return]

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
    def start(self) -> State:
        """What was judged, before any discount."""
        return self._source.start

    @property
    def looked_at(self) -> Iterable[Rule]:
        """The candidate rules."""
        return self._source.looked_at()

    def without(self, rule: Rule) -> Outcome | None:
        """What the same rules give without one that gave something here; None where only judging them can tell."""
        return self._source.without(rule)

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
