"""Two registries and the panels: what keeps imports one way.

A context to the left (rewards, partners, messaging) registers at start what it adds to a context on the right, which
calls it without knowing it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol


class EffectHandler(Protocol):
    """What an effect of a promotion does, inside the purchase's transaction and under the wallet lock."""

    def issue(self, effect: Mapping[str, Any], *, member_id: int, account_id: int, cause_id: int) -> Mapping[str, Any]:
        """Do it; the answer goes into the outcome."""

    def on_reverse(self, issued: Mapping[str, Any], *, member_id: int, account_id: int, cause_id: int) -> None:
        """Undo it after a return, as the effect says."""


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


_effects: dict[str, EffectHandler | None] = {}
_attributes: dict[str, Attribute] = {}
_panels: list[Panel] = []
_causes: dict[str, Callable[[Sequence[Any]], Mapping[int, str]]] = {}
_funding: list[Funding] = []
_on_settings_changed: list[Callable[[], object]] = []


def on_settings_changed(react: Callable[[], object]) -> None:
    """Call ``react`` after settings or tiers of the program in scope were saved and committed."""
    _on_settings_changed.append(react)


def settings_changed() -> None:
    """Tell who registered that what judges purchases has changed; outside any transaction, in the program's scope."""
    for react in _on_settings_changed:
        react()


def register_funding(funding: Funding) -> None:
    """The one context that knows agreements answers who pays."""
    _funding[:] = [funding]


def funding() -> Funding:
    """Who answers for the payers of points."""
    return _funding[0]


def register_effect(name: str, handler: EffectHandler | None) -> None:
    """Offer an effect. Without a handler the ledger itself carries it out (``earn``)."""
    assert name not in _effects, f"effect {name} is registered twice"
    _effects[name] = handler


def effect_names() -> frozenset[str]:
    """The effects that may be offered and published."""
    return frozenset(_effects)


def effect_handler(name: str) -> EffectHandler | None:
    """The handler of a registered effect."""
    return _effects[name]


def register_attribute(attribute: Attribute) -> None:
    """Offer an attribute to conditions."""
    assert attribute.path not in _attributes, f"attribute {attribute.path} is registered twice"
    _attributes[attribute.path] = attribute


def attributes() -> Mapping[str, Attribute]:
    """All attributes by path."""
    return dict(_attributes)


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
