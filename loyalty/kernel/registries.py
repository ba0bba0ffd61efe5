"""Two registries and the panels: what keeps imports one way.

A context to the left (rewards, partners, messaging) registers at start what it adds to a context on the right, which
calls it without knowing it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Issue:
    """One effect that a purchase or another occasion grants.

    :param effect: as written in the rule, with ``facts``: the numbers that its placeholders and quantities need.
    :param key: names the deed for ever: its cause, the rule and the place of the effect in it.
    :param cause_kind: ``purchase``, or ``occasion`` with the evaluation as its ``cause_id``.
    """

    effect: Mapping[str, Any]
    rule: str
    key: str
    at: datetime
    member_id: int
    account_id: int
    cause_id: int
    cause_kind: str = "purchase"


@dataclass(frozen=True, slots=True)
class Undo:
    """One effect that a return takes back; ``issued`` is what its handler answered, ``cause_id`` the return."""

    issued: Mapping[str, Any]
    key: str
    at: datetime
    member_id: int
    account_id: int
    cause_id: int


class EffectHandler(Protocol):
    """What an effect of a promotion does, inside the purchase's transaction and under the wallet lock.

    It may also be a :class:`BatchEffectHandler`, and a :class:`CheckedEffect`.
    """

    def issue(self, effect: Mapping[str, Any], *, member_id: int, account_id: int, cause_id: int) -> Mapping[str, Any]:
        """Do it; the answer goes into the outcome."""

    def on_reverse(self, issued: Mapping[str, Any], *, member_id: int, account_id: int, cause_id: int) -> None:
        """Undo it after a return, as the effect says."""


@runtime_checkable
class BatchEffectHandler(Protocol):
    """The same for many purchases at once, in a few statements; asked instead of the one-by-one functions."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """Do them, in this order; one answer each."""

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """Undo them after returns, as the effects said."""


@runtime_checkable
class CheckedEffect(Protocol):
    """A handler that knows which codes of the program an effect may name."""

    def problems(self, effect: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
        """What keeps the effect from being published in the program in scope: (field of the effect, code, facts)."""


@runtime_checkable
class ChoosingEffect(Protocol):
    """A handler that knows what of the program its effects may name, for pages that let people choose."""

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        """(code, name) of what the field of an effect may name in the program in scope."""


AnyEffectHandler = EffectHandler | BatchEffectHandler


class Funding(Protocol):
    """Who pays for points: answered by the context that owns partners and their agreements."""

    def partner_ids(self, codes: Iterable[str]) -> Mapping[str, int]:
        """The partners of the program in scope by code; unknown codes are left out."""

    def partner_names(self, codes: Iterable[str]) -> Mapping[str, str]:
        """What those partners are called, by code; unknown codes are left out."""

    def all_names(self) -> Mapping[str, str]:
        """What all partners of the program in scope are called, by code."""

    def payers(self, on: date) -> frozenset[int]:
        """The partners whose agreement of that day makes them pay for points earned at their locations."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value that conditions may read: its path in the language, type, and how SQL says it."""

    path: str
    type: str
    label: Any
    operators: tuple[str, ...]
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page that another context owns: a template and the function that fills it."""

    page: str
    position: int
    template: str
    fill: Callable[..., Mapping[str, Any]]
    permission: str


_effects: dict[str, AnyEffectHandler | None] = {}
_triggers: set[str] = set()
_attributes: dict[str, Attribute] = {}
_member_attributes: list[Callable[[], Sequence[Attribute]]] = []
_panels: list[Panel] = []
_causes: dict[str, Callable[[Sequence[Any]], Mapping[int, str]]] = {}
_funding: list[Funding] = []
Spans = Mapping[int, Sequence[tuple[str, datetime, datetime | None]]]
_segments: list[tuple[Callable[[Iterable[int]], Spans], Callable[[], Mapping[str, str]]]] = []
_on_enrolled: list[Callable[[Any], object]] = []
_audience: list[Callable[[Mapping[str, Any], datetime], Sequence[int] | None]] = []
_on_settings_changed: list[Callable[[], object]] = []


def on_settings_changed(react: Callable[[], object]) -> None:
    """Call ``react`` after settings or tiers of the program in scope were saved and committed."""
    _on_settings_changed.append(react)


def settings_changed() -> None:
    """Tell who registered that what judges purchases has changed; outside any transaction, in the program's scope."""
    for react in _on_settings_changed:
        react()


def on_enrolled(react: Callable[[Any], object]) -> None:
    """Call ``react`` with each member who joins, in the transaction of the joining."""
    _on_enrolled.append(react)


def enrolled(member: Any) -> None:
    """Tell who registered that somebody has joined the program in scope."""
    for react in _on_enrolled:
        react(member)


def register_funding(funding: Funding) -> None:
    """The one context that knows agreements answers who pays."""
    _funding[:] = [funding]


def funding() -> Funding:
    """Who answers for the payers of points."""
    return _funding[0]


def register_audience(choose: Callable[[Mapping[str, Any], datetime], Sequence[int] | None]) -> None:
    """The one context that says conditions in SQL answers which members may be meant."""
    _audience[:] = [choose]


def audience(condition: Mapping[str, Any], at: datetime) -> Sequence[int] | None:
    """The members that a condition chooses as of ``at``; None where only judging each member can tell."""
    return _audience[0](condition, at) if _audience else None


def register_segments(read: Callable[[Iterable[int]], Spans], names: Callable[[], Mapping[str, str]]) -> None:
    """The one context that knows segments answers who was in which, one query for all members, and what they are called."""
    _segments[:] = [(read, names)]


def segments_of(member_ids: Iterable[int]) -> Spans:
    """By member: (code, since, until) of the segments that they are or were in, half-open."""
    return _segments[0][0](member_ids) if _segments else {}


def segment_names() -> Mapping[str, str]:
    """What the segments in use are called in the reader's language, by code."""
    return _segments[0][1]() if _segments else {}


def register_effect(name: str, handler: AnyEffectHandler | None) -> None:
    """Offer an effect. Without a handler judging the purchase carries it out itself (``earn``, money off)."""
    assert name not in _effects, f"effect {name} is registered twice"
    _effects[name] = handler


def register_trigger(name: str) -> None:
    """Say that something starts promotions by this trigger (without its details: ``event``, ``schedule`` ...)."""
    _triggers.add(name)


def trigger_names() -> frozenset[str]:
    """The triggers that may be offered and published."""
    return frozenset(_triggers)


def effect_names() -> frozenset[str]:
    """The effects that may be offered and published."""
    return frozenset(_effects)


def effect_handler(name: str) -> AnyEffectHandler | None:
    """The handler of a registered effect."""
    return _effects[name]


def effect_problems(effect: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """What the handler of a registered effect says against publishing it: (field of the effect, code, facts)."""
    handler = _effects[effect["effect"]]
    return list(handler.problems(effect)) if isinstance(handler, CheckedEffect) else []


def effect_choices(name: str, field: str) -> list[tuple[str, str]]:
    """What the field of a registered effect may name, as (code, name); none where its handler offers no choice."""
    handler = _effects[name]
    return list(handler.choices(field)) if isinstance(handler, ChoosingEffect) else []


def register_attribute(attribute: Attribute) -> None:
    """Offer an attribute to conditions."""
    assert attribute.path not in _attributes, f"attribute {attribute.path} is registered twice"
    _attributes[attribute.path] = attribute


def attributes() -> Mapping[str, Attribute]:
    """All attributes by path."""
    return dict(_attributes)


def register_member_attributes(read: Callable[[], Sequence[Attribute]]) -> None:
    """Offer attributes that each program has of its own: ``read`` gives those of the program in scope."""
    _member_attributes.append(read)


def member_attributes() -> list[Attribute]:
    """What members of the program in scope have beside what every member has, in the order of registering."""
    return [attribute for read in _member_attributes for attribute in read()]


def register_panel(panel: Panel) -> None:
    """Add a panel to a page of another context."""
    _panels.append(panel)


def panels(page: str) -> list[Panel]:
    """The panels of a page in order."""
    return sorted((panel for panel in _panels if panel.page == page), key=lambda panel: panel.position)


def register_cause(kind: str, describe: Callable[[Sequence[Any]], Mapping[int, str]]) -> None:
    """Offer words for ledger entries of a cause: ``describe`` takes entries and gives texts by the entries' keys."""
    assert kind not in _causes, f"cause {kind} is described twice"
    _causes[kind] = describe


def describe_causes(kind: str, entries: Sequence[Any]) -> Mapping[int, str]:
    """What the context that caused ``entries`` says about them; nothing when none registered."""
    describe = _causes.get(kind)
    return describe(entries) if describe else {}
