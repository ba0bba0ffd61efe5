"""What a document says that the page has no fields for, in words: it stays as it is when the page saves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from programs.promotions import sentence
from programs.promotions.design.edits import at
from programs.promotions.design.rows import Part, Row, all_fields, all_rows
from programs.promotions.sentence import conditions, effects

# Which say what a thing is; they are not read apart from it.
_SILENT = frozenset(("op", "effect", "schema", "id", "version", "name", "sentence", "kind"))
# A condition without parts, as a document in its normal form has it.
NOTHING: Mapping[str, Any] = {"op": "all", "of": []}
_LABELS: Mapping[str, Any] = {
    "basis": gettext_lazy("which amount counts"), "blackout": gettext_lazy("not on these days"),
    "buy_where": gettext_lazy("for what is bought"), "campaign": gettext_lazy("campaign"),
    "channel": gettext_lazy("channel"), "compound": gettext_lazy("on top of the other bonuses"),
    "dates": gettext_lazy("only on these days"), "days": gettext_lazy("days"), "days_before": gettext_lazy("days before"),
    "decimals": gettext_lazy("decimals"), "else": gettext_lazy("otherwise"), "expiry": gettext_lazy("valid until"),
    "get": gettext_lazy("pieces that get it"), "group": gettext_lazy("pieces bought for it"), "if": gettext_lazy("only if"),
    "include_current": gettext_lazy("with this purchase"), "limits": gettext_lazy("limits of its own"),
    "list": gettext_lazy("one of the list"), "max": gettext_lazy("at most"), "measure": gettext_lazy("counted in"),
    "method": gettext_lazy("way of delivery"), "month_days": gettext_lazy("only on these days of the month"),
    "months": gettext_lazy("months"), "never": gettext_lazy("never"), "on": gettext_lazy("on the day"),
    "on_event": gettext_lazy("after the event"), "after_inactivity": gettext_lazy("after a time without purchases"),
    "per_line": gettext_lazy("each line for itself"), "period": gettext_lazy("period"),
    "position": gettext_lazy("counted on from"),
    "rolling_days": gettext_lazy("within days"), "round": gettext_lazy("rounding"), "scheme": gettext_lazy("tier scheme"),
    "scope": gettext_lazy("for"), "select": gettext_lazy("which pieces"), "step": gettext_lazy("steps"),
    "template": gettext_lazy("template"), "text": gettext_lazy("words"), "tier": gettext_lazy("tier"),
    "to": pgettext_lazy("who gets it", "to"), "txn_where": gettext_lazy("of these purchases"), "type": gettext_lazy("type"),
    "units": gettext_lazy("pieces"), "value": gettext_lazy("value"), "where": gettext_lazy("of these products"),
    "window": gettext_lazy("in the time"), "after_days": gettext_lazy("after days"), "after_months": gettext_lazy("after months"),
    "at": gettext_lazy("at"), "audience": gettext_lazy("for whom"), "when": gettext_lazy("what must be true"),
}  # fmt: skip


# Values that are words of the language, not of the program.
VALUES: Mapping[Any, Any] = {
    "paid": gettext_lazy("what was paid"), "list": gettext_lazy("before discounts"), "ex_tax": gettext_lazy("without tax"),
    "without_points": gettext_lazy("not paid with points"), "whole": gettext_lazy("for every full amount"),
    "proportional": gettext_lazy("in proportion"), "down": gettext_lazy("rounded down"), "up": gettext_lazy("rounded up"),
    "half_up": gettext_lazy("rounded half up"), "cheapest": gettext_lazy("the cheapest"),
    "dearest": gettext_lazy("the dearest"), "charge_value": gettext_lazy("charged for"),
    "member": gettext_lazy("the member"), "referrer": gettext_lazy("who referred them"),
    "household": gettext_lazy("their household"), "company": gettext_lazy("their company"),
    "email": gettext_lazy("by e-mail"), "sms": gettext_lazy("by SMS"), "push": gettext_lazy("by push message"),
    "in_app": gettext_lazy("in the member’s own list of messages"), "same_day": gettext_lazy("the same day"),
    "start_of_day": gettext_lazy("at the start of that day"), "end_of_month": gettext_lazy("at the end of that month"),
    "end_of_quarter": gettext_lazy("at the end of that quarter"), "end_of_year": gettext_lazy("at the end of that year"),
    "month": gettext_lazy("month"), "week": gettext_lazy("week"), "day": gettext_lazy("day"),
    "quarter": gettext_lazy("quarter"), "year": gettext_lazy("year"), "lifetime": gettext_lazy("in all"),
}  # fmt: skip


def tell(parts: Sequence[Part], document: Mapping[str, Any], names: sentence.Names) -> None:
    """Say at each row and part what of the document has no field there.

    :param document: in its normal form.
    """
    known = _Known(parts)
    for part in parts:
        for row in all_rows(part.rows):
            node = at(document, row.path)
            if not row.fields and not row.rows and not row.additions and isinstance(node, Mapping):
                row.words = _said(node, names)
                known.said.add(row.path)
    for path, value in _left(document, "", known):
        place = known.nearest(path)
        if place is not None:
            place.kept.append(f"{_label(path)}: {_said(value, names)}")


class _Known:
    """What the page shows, by the place in the document."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.rows: dict[str, Row] = {row.path: row for part in parts for row in all_rows(part.rows)}
        paths = [field.path.replace("/@window", "/window") for field in all_fields(parts)]
        self.fields = frozenset(paths)
        self.above = frozenset(above for path in (*paths, *self.rows) for above in _above(path))
        self.said: set[str] = set()

    def nearest(self, path: str) -> Row | Part | None:
        """The row that a place belongs to, else the part."""
        steps = path.split("/")
        for count in range(len(steps), 0, -1):
            row = self.rows.get("/".join(steps[:count]))
            if row is not None:
                return row
        own = {"schedule": "start", "trigger": "start", "phase": "start"}.get(steps[0], steps[0])
        return next((part for part in self.parts if part.code == own), self.parts[-1] if self.parts else None)


def _above(path: str) -> Iterator[str]:
    """The places that a place is within."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _left(node: Any, path: str, known: _Known) -> Iterator[tuple[str, Any]]:
    """The places and values that have no field; of a thing wholly without fields only the thing itself."""
    if path in known.fields or path in known.said or node in ({}, [], None) or node == NOTHING:
        return
    is_shown = not path or path in known.above or path in known.rows
    if not is_shown:
        yield path, node
        return
    children = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        if key not in _SILENT:
            yield from _left(child, f"{path}/{key}".lstrip("/"), known)


def _label(path: str) -> str:
    last = next((step for step in reversed(path.split("/")) if not step.isdigit()), path)
    return str(_LABELS.get(last, last))


def _said(value: Any, names: sentence.Names) -> str:
    if isinstance(value, Mapping):
        try:
            if value.get("op") in conditions.WORDS:
                return sentence.text_of(conditions.condition(value, names, ""))
            if "effect" in value:
                return sentence.text_of(effects.effect(value, names, ""))
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
            # A draft may be unfinished: what cannot be said as a sentence is said word by word.
            pass
        return "; ".join(f"{_label(str(key))}: {_said(one, names)}" for key, one in value.items() if key not in _SILENT)
    if isinstance(value, list):
        return ", ".join(_said(one, names) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(VALUES.get(value, value))
