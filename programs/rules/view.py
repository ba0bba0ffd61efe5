"""What a compiled condition looks at: the purchase under evaluation, or one purchase of the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from programs.rules import dates
from programs.rules.context import Context, HistoryPurchase, Line, ProgramSettings, Purchase
from programs.rules.held import Lookup

# The basis that counts units; every other basis is money.
UNITS = "units"


class View(Protocol):
    """The state that closures read. ``purchase`` is None when an event started the evaluation.

    ``memo`` keeps amounts of the whole purchase that many rules ask for.
    """

    context: Context
    settings: ProgramSettings
    purchase: Purchase | HistoryPurchase | None
    lines: tuple[Line, ...]
    at: datetime
    memo: dict[str, Any]

    def shop_time(self) -> datetime:
        """Naive local time of the shop, or of the program where the shop has no zone (C11)."""
        ...

    def matching(self, slot: int) -> Sequence[int]:
        """Positions of the lines for which a line predicate is true."""
        ...

    def history_base(self, spec: Any) -> Any:
        """What the history gives for a spec, without the current purchase."""
        ...


Getter: TypeAlias = Callable[[Any, Line | None], Any]
Truth: TypeAlias = Callable[[Any, Line | None], bool | None]


class Slot(NamedTuple):
    """A line predicate that rules share.

    :param field: ``sku``, ``product``, ``brand`` or ``categories`` where the predicate only asks whether one of
        ``keys`` is there; else None.
    """

    truth: Truth
    field: str | None = None
    keys: frozenset[Any] = frozenset()


@dataclass(frozen=True, slots=True)
class LineFilters:
    """The line predicates of a rule set.

    :param asking: by field, the predicates that ask for what a line holds there.
    """

    slots: tuple[Slot, ...] = ()
    asking: Mapping[str, Lookup] = field(default_factory=dict)


class HistoryView:
    """One earlier purchase, seen with the member of the current evaluation."""

    __slots__ = ("at", "context", "lines", "memo", "purchase", "settings")

    def __init__(self, context: Context, settings: ProgramSettings, purchase: HistoryPurchase) -> None:
        self.context = context
        self.settings = settings
        self.purchase = purchase
        self.lines = purchase.lines
        self.at = purchase.at
        self.memo: dict[str, Any] = {}

    def shop_time(self) -> datetime:
        return dates.local(self.purchase.at, zone(self.purchase.store_tz or self.settings.timezone))


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """A time zone by name, kept."""
    return ZoneInfo(name)


def walk(values: Mapping[str, Any], path: str, steps: tuple[str, ...]) -> Any:
    """A field by its dotted path: as one key, or step by step through nested mappings."""
    found = values.get(path)
    if found is not None or len(steps) == 1:
        return found
    here: Any = values
    for step in steps:
        if not isinstance(here, Mapping):
            return None
        here = here.get(step)
    return here
