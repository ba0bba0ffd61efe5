"""From when and until when points of an effect can be used, as fields."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from programs.promotions.design.fields import CHOICE, DAY, WHOLE, Field, Option

Effect = Mapping[str, Any]
ACTIVATION, EXPIRY, KIND = "activation", "expiry", "@life"
# How each kind begins. A document names at most one of them; ``at`` alone is the end of a period.
BEGUN: Mapping[str, Mapping[str, Any]] = {
    "after_days": {"after_days": 14}, "after_months": {"after_months": 12}, "on": {"on": ""}, "at": {"at": "end_of_month"},
    "on_event": {"on_event": ""}, "never": {"never": True}, "after_inactivity": {"after_inactivity": {"months": 12}},
}  # fmt: skip
_ORDER = ("on_event", "never", "after_inactivity", "on", "after_months", "after_days", "at")


def begun(kind: str, events: Sequence[Option]) -> dict[str, Any] | None:
    """What stands in the document when a kind is chosen; nothing for what the point type says."""
    if kind == "on_event":
        return {"on_event": events[0].value if events else ""}
    return dict(BEGUN[kind]) if kind in BEGUN else None


def fields(effect: Effect, path: str, events: Sequence[Option]) -> Iterator[Field]:
    """When points become usable, and when they expire."""
    begins, expires = effect.get(ACTIVATION, {}), effect.get(EXPIRY, {})
    place = f"{path}/{ACTIVATION}"
    kinds = [
        Option("", _("usable as the point type says")), Option("after_days", _("usable after days")),
        Option("after_months", _("usable after months")), Option("at", _("usable from the end of a period")),
        Option("on", _("usable from a day on")),
    ]  # fmt: skip
    if events or "on_event" in begins:
        kinds.append(Option("on_event", _("usable after an event")))
    yield Field(f"{place}/{KIND}", _("usable"), CHOICE, _kind(begins), options=kinds, role="life")
    yield from _lengths(begins, place)
    if "on_event" in begins:
        yield Field(f"{place}/on_event", _("the event"), CHOICE, begins["on_event"], options=events)
        label = _("after so many days at the latest (empty: never without it)")
        yield Field(f"{place}/after_days", label, WHOLE, begins.get("after_days"), is_optional=True)
    place = f"{path}/{EXPIRY}"
    kinds = [
        Option("", _("expiring as the point type says")), Option("after_days", _("expiring after days")),
        Option("after_months", _("expiring after months")), Option("at", _("expiring at the end of a period")),
        Option("on", _("usable until a day")), Option("after_inactivity", _("expiring without activity")),
        Option("never", _("never expiring")),
    ]  # fmt: skip
    yield Field(f"{place}/{KIND}", _("expiring"), CHOICE, _kind(expires), options=kinds, role="life")
    yield from _lengths(expires, place)
    span = expires.get("after_inactivity")
    if span is not None:
        name = "days" if "days" in span and "months" not in span else "months"
        label = _("days without activity") if name == "days" else _("months without activity")
        yield Field(f"{place}/after_inactivity/{name}", label, WHOLE, span.get(name))


def _kind(life: Effect) -> str:
    return next((name for name in _ORDER if name in life), "")


def _lengths(life: Effect, place: str) -> Iterator[Field]:
    """A span and what it is rounded to, or a day."""
    kind = _kind(life)
    if kind in ("after_days", "after_months"):
        label = _("days") if kind == "after_days" else pgettext("how many", "months")
        yield Field(f"{place}/{kind}", label, WHOLE, life[kind])
        yield Field(f"{place}/at", _("exactly"), CHOICE, life.get("at"), options=_ends(), is_optional=True)
    elif kind == "at":
        yield Field(f"{place}/at", _("of which period"), CHOICE, life["at"], options=_ends()[2:])
    elif kind == "on":
        yield Field(f"{place}/on", _("the day"), DAY, life["on"])


def _ends() -> list[Option]:
    return [
        Option("", _("at that hour")), Option("start_of_day", _("at the start of that day")),
        Option("end_of_month", _("at the end of that month")), Option("end_of_quarter", _("at the end of that quarter")),
        Option("end_of_year", _("at the end of that year")),
    ]  # fmt: skip
