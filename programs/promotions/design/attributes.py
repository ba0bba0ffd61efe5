"""Attributes that conditions may test: how a value is typed, which comparisons make sense, what belongs to a part."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.promotions.design.fields import (
    BOOLEAN,
    CHOICE,
    CODES,
    DAY,
    DECIMAL,
    MONEY,
    NUMBERS,
    TEXT,
    WHOLE,
    WORDS,
    Option,
)
from programs.promotions.sentence import subjects

BASKET, MEMBER, LINE, EVENT = "basket", "member", "line", "event"
# The parts of a promotion that ask: what a purchase holds, what comes with an event, what else is true at the time.
WHEN, AUDIENCE, WHERE, HAPPENED = "when", "audience", "where", "happened"
ORDERED = ("gte", "gt", "lte", "lt", "eq", "ne")
CHOSEN = ("in", "not_in")
SHARED = ("overlaps", "disjoint")
PRESENCE = ("is_present", "is_missing")
_LISTS = (*CHOSEN, *SHARED, "contains_all")
# More codes than these are a list for machines; the page says how many and leaves them alone.
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Offered:
    """An attribute that conditions may test.

    :param start: the value with which a test of it begins.
    :param label: what the program calls it; empty for those of the platform.
    """

    path: str
    kind: str
    comparisons: tuple[str, ...]
    start: Any
    picker: str = ""
    group: str = MEMBER
    label: str = ""
    options: Sequence[Option] = ()

    @property
    def name(self) -> str:
        """What it is called in the reader's language."""
        return self.label or str(subjects.attribute_name(self.path))

    def kind_of_value(self, comparison: str, value: Any) -> str | None:
        """How a value is typed beside a comparison; None where it has no field: the page keeps it as it is."""
        if comparison in _LISTS:
            return self._kind_of_list(value)
        if comparison in (*PRESENCE, "between", "within_km") or self.kind in (CODES, NUMBERS):
            return None
        if isinstance(value, list | Mapping) or (isinstance(value, bool) and self.kind != BOOLEAN):
            return None
        return self.kind

    def _kind_of_list(self, value: Any) -> str | None:
        if not isinstance(value, list | None) or len(value or ()) > MOST_SHOWN:
            return None
        if self.kind == NUMBERS:
            return NUMBERS if all(isinstance(one, int) for one in value or ()) else None
        if not all(isinstance(one, str) for one in value or ()):
            return None
        if self.kind == TEXT:
            return None if any("," in one for one in value or ()) else WORDS
        return CODES if self.kind == CODES else None

    def value_beside(self, comparison: str, value: Any) -> Any:
        """The value as another comparison takes it: the same where that makes sense, else the one of the beginning."""
        if comparison in PRESENCE:
            return None
        if comparison in _LISTS:
            return value if isinstance(value, list) else [] if value in (None, "") else [value]
        if isinstance(value, list):
            return value[0] if value else self.start
        return self.start if value is None else value


_FIXED: tuple[Offered, ...] = (
    Offered("txn.amount", MONEY, ORDERED, "20.00", group=BASKET),
    Offered("txn.units", WHOLE, ORDERED, 3, group=BASKET),
    Offered("txn.lines", WHOLE, ORDERED, 3, group=BASKET),
    Offered("txn.channel", CODES, CHOSEN, ["store"], "channel", BASKET),
    Offered("txn.store", CODES, CHOSEN, [], "store", BASKET),
    Offered("txn.store_group", CODES, CHOSEN, [], "store_group", BASKET),
    Offered("txn.region", CODES, CHOSEN, [], "region", BASKET),
    Offered("txn.partner", CODES, CHOSEN, [], "partner", BASKET),
    Offered("txn.payment", TEXT, ("eq", "ne", *CHOSEN), "card", group=BASKET),
    Offered("txn.weekday", NUMBERS, CHOSEN, [6, 7], group=BASKET),
    Offered("txn.hour", WHOLE, ORDERED, 12, group=BASKET),
    Offered("member.tier", CODES, CHOSEN, [], "tier"),
    Offered("member.age", WHOLE, ORDERED, 18),
    Offered("member.city", TEXT, ("eq", "ne", *CHOSEN, "starts_with"), ""),
    Offered("member.region", CODES, CHOSEN, [], "region"),
    Offered("member.since", DAY, ORDERED, ""),
    Offered("line.categories", CODES, SHARED, [], "category", LINE),
    Offered("line.product", CODES, CHOSEN, [], "product", LINE),
    Offered("line.brand", CODES, CHOSEN, [], "brand", LINE),
    Offered("line.unit_price", MONEY, ORDERED, "5.00", group=LINE),
    Offered("line.qty", DECIMAL, ORDERED, "2", group=LINE),
)
# What each part may ask about.
_ROOMS: Mapping[str, tuple[str, ...]] = {
    WHEN: (BASKET, MEMBER), AUDIENCE: (MEMBER,), WHERE: (LINE,), HAPPENED: (EVENT, MEMBER),
}  # fmt: skip
# How values are typed, by the types of declared attributes; an instant of an event is nothing that people compare.
_TYPED: Mapping[str, tuple[str, Any]] = {
    "text": (TEXT, ""), "whole": (WHOLE, 1), "number": (DECIMAL, "1"), "yes_no": (BOOLEAN, True), "date": (DAY, ""),
}  # fmt: skip
_COMPARED: Mapping[str, tuple[str, ...]] = {
    "text": ("eq", "ne", *CHOSEN, "starts_with", *PRESENCE), "whole": (*ORDERED, *PRESENCE),
    "number": (*ORDERED, *PRESENCE), "yes_no": ("eq", *PRESENCE), "date": (*ORDERED, *PRESENCE),
}  # fmt: skip


def declared(
    path: str, kind: str, label: str, *, group: str = MEMBER, comparisons: tuple[str, ...] = ()
) -> Offered | None:
    """An attribute that the program declares; nothing for one that people do not compare."""
    if kind not in _TYPED:
        return None
    how, start = _TYPED[kind]
    return Offered(path, how, comparisons or _COMPARED[kind], start, group=group, label=label)


class Attributes:
    """What a promotion may ask about: the attributes of the platform and those of the program."""

    def __init__(self, own: Iterable[Offered] = ()) -> None:
        language = Offered(
            "member.language", CHOICE, ("eq", "ne"), settings.LANGUAGES[0][0],
            options=[Option(code, str(name)) for code, name in settings.LANGUAGES],
        )  # fmt: skip
        self._by_path = {one.path: one for one in (*_FIXED, language, *own)}

    def get(self, path: str) -> Offered | None:
        """An attribute by its path; nothing for one that is not offered."""
        return self._by_path.get(path)

    def first(self, prefix: str) -> Offered | None:
        """The first attribute of a family; nothing where the program has none."""
        return next((one for path, one in self._by_path.items() if path.startswith(prefix)), None)

    def options(self, room: str) -> list[Option]:
        """What a condition of this part may ask about."""
        groups = {BASKET: _("Basket"), MEMBER: _("Member"), LINE: _("Product"), EVENT: _("Event")}
        return [
            Option(one.path, one.name, groups[group])
            for group in _ROOMS[room]
            for one in self._by_path.values()
            if one.group == group
        ]

    def new_test(self, path: str) -> dict[str, Any]:
        """A test of an attribute as it begins."""
        offered = self._by_path[path]
        return {"op": "test", "attr": path, "cmp": offered.comparisons[0], "value": offered.start}


COMPARISONS: Mapping[str, Any] = {
    "gte": gettext_lazy("at least"),
    "gt": gettext_lazy("more than"),
    "lte": gettext_lazy("at most"),
    "lt": gettext_lazy("less than"),
    "eq": gettext_lazy("is exactly"),
    "ne": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "overlaps": gettext_lazy("is one of"),
    "disjoint": gettext_lazy("is none of"),
    "contains_all": gettext_lazy("has all of"),
    "starts_with": gettext_lazy("begins with"),
    "is_present": gettext_lazy("is filled in"),
    "is_missing": gettext_lazy("is not filled in"),
}


def comparison_options(comparisons: Sequence[str], present: str = "") -> list[Option]:
    """Comparisons with their words, and the one that stands there already."""
    wanted = comparisons if present in comparisons or not present else (present, *comparisons)
    return [Option(one, str(COMPARISONS.get(one, one))) for one in wanted]
