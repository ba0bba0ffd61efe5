"""The leaf of a condition because of which a rule was not applied: what was needed, what was found."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import formats
from django.utils.dateparse import parse_date
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_noop

from loyalty.kernel import registries
from loyalty.kernel.phrases import gettext as _
from members.activity.explanations import is_personal
from members.activity.why import figures, hours, subjects
from programs.promotions import naming
from programs.rules import ProgramSettings
from programs.rules.attributes import MONEY, attribute

Leaf = Mapping[str, Any]
Show = Callable[[Any], str]
_OPPOSITE = {
    "eq": "ne", "ne": "eq", "gt": "lte", "lte": "gt", "gte": "lt", "lt": "gte", "in": "not_in", "not_in": "in",
    "overlaps": "disjoint", "disjoint": "overlaps", "is_missing": "is_present", "is_present": "is_missing",
}  # fmt: skip
_SAME_AS_LIST = {"overlaps": "in", "disjoint": "not_in"}


def not_true(leaf: Leaf, settings: ProgramSettings) -> str:
    """The sentence about a failing leaf: ``condition``, ``actual``, ``unknown`` and ``negated`` of an explanation."""
    condition = leaf["condition"]
    operation = condition["op"]
    if operation in ("lines", "history", "purchase_number", "streak_weeks"):
        return _of_measure(leaf, settings)
    if operation == "test":
        return _of_attribute(leaf, settings)
    if operation == "in_segment":
        return _of_segment(leaf)
    if operation == "during" and not leaf["negated"]:
        return hours.windows(condition["schedule"])
    if operation == "every_line" and not leaf["negated"]:
        return _("Not applied: every line must match: %(filter)s") % {"filter": subjects.lines(condition["where"])}
    if operation in ("birthday_within", "anniversary_within"):
        return _of_anniversary(leaf)
    return _("Not applied: a condition of it does not hold")


def _of_segment(leaf: Leaf) -> str:
    shown = {"segment": leaf["condition"]["segment"]}
    if leaf["negated"]:
        return _("Not applied: not for members of the segment “%(segment)s”") % shown
    return _("Not applied: only for members of the segment “%(segment)s”") % shown


def _of_anniversary(leaf: Leaf) -> str:
    name = subjects.attribute_name(leaf["condition"].get("attr", "member.birthday"), naming.present())
    if leaf["unknown"]:
        return _("Not applied: not known: %(what)s") % {"what": name}
    if leaf["negated"]:
        return _("Not applied: not around this day: %(what)s") % {"what": name}
    return _("Not applied: only around this day: %(what)s") % {"what": name}


def _of_measure(leaf: Leaf, settings: ProgramSettings) -> str:
    condition = leaf["condition"]
    subject = subjects.measure(condition)
    if leaf["unknown"]:
        return _("Not applied: not known: %(what)s") % {"what": subject}
    if "cmp" not in condition:
        return _("Not applied: only every %(count)s. purchase, this is number %(actual)s") % {
            "count": figures.number(condition["every"]),
            "actual": figures.value(leaf.get("actual")),
        }
    is_money = condition["op"] in ("lines", "history") and condition["measure"] == "amount"
    show: Show = (lambda given: figures.money(given, settings)) if is_money else figures.value
    return _compared(subject, leaf, show)


def _of_attribute(leaf: Leaf, settings: ProgramSettings) -> str:
    condition = leaf["condition"]
    path, comparison = condition["attr"], condition["cmp"]
    subject = subjects.attribute_name(path, naming.present())
    if leaf["unknown"]:
        return _("Not applied: not known: %(what)s") % {"what": subject}
    show = _show_of(path, settings)
    if path == "txn.amount" and comparison == "gte" and not leaf["negated"]:
        shown = {"actual": show(leaf["actual"]), "wanted": show(condition["value"])}
        return _("Not applied: the basket is %(actual)s, at least %(wanted)s is needed") % shown
    return _compared(subject, leaf, show)


def _show_of(path: str, settings: ProgramSettings) -> Show:
    """How values of an attribute are written."""
    if attribute(path).kind == MONEY:
        return lambda given: figures.money(given, settings)
    if path == "txn.weekday":
        return lambda given: str(WEEKDAYS[int(given) - 1])
    registered = registries.attributes().get(path)
    if path in ("member.birthday", "txn.date") or (registered is not None and registered.type == "date"):
        return _date
    return lambda given: figures.value(given, path)


def _date(given: Any) -> str:
    day = parse_date(str(given)) if given else None
    return str(formats.date_format(day, "DATE_FORMAT")) if day else figures.value(given)


def _compared(subject: str, leaf: Leaf, show: Show) -> str:
    """Subject, what it is, what it had to be: names stand before a colon, values after it."""
    condition = leaf["condition"]
    comparison = condition["cmp"]
    if leaf["negated"]:
        comparison = _OPPOSITE.get(comparison, f"not {comparison}")
    comparison = _SAME_AS_LIST.get(comparison, comparison)
    actual, wanted = leaf.get("actual"), condition.get("value")
    path = condition.get("attr", "")
    shown = {"subject": subject, "actual": _shown(actual, show, path), "wanted": _shown(wanted, show, path)}
    if comparison in ("between", "not between"):
        shown |= {"low": show(condition["value"][0]), "high": show(condition["value"][1])}
    if comparison == "within_km":
        shown |= {"km": figures.number(condition["value"]["km"])}
    template = _TEMPLATES.get(comparison, gettext_noop("Not applied: %(subject)s: %(actual)s does not fit"))
    return _(template) % shown


def _shown(given: Any, show: Show, attribute: str = "") -> str:
    if isinstance(given, Mapping):
        return _("elsewhere")
    if given is None and is_personal(attribute):
        return _("not kept")
    if given is None or isinstance(given, list | tuple):
        return figures.values(given if given is not None else [], attribute)
    return show(given)


_TEMPLATES: Mapping[str, str] = {
    "gte": gettext_noop("Not applied: %(subject)s: %(actual)s; needed: at least %(wanted)s"),
    "gt": gettext_noop("Not applied: %(subject)s: %(actual)s; needed: more than %(wanted)s"),
    "lte": gettext_noop("Not applied: %(subject)s: %(actual)s; allowed: at most %(wanted)s"),
    "lt": gettext_noop("Not applied: %(subject)s: %(actual)s; allowed: less than %(wanted)s"),
    "eq": gettext_noop("Not applied: %(subject)s: %(actual)s; needed: %(wanted)s"),
    "ne": gettext_noop("Not applied: %(subject)s: %(actual)s; allowed: anything but this"),
    "in": gettext_noop("Not applied: %(subject)s: %(actual)s; needed: one of %(wanted)s"),
    "not_in": gettext_noop("Not applied: %(subject)s: %(actual)s; allowed: none of %(wanted)s"),
    "contains_all": gettext_noop("Not applied: %(subject)s: %(actual)s; needed: all of %(wanted)s"),
    "starts_with": gettext_noop("Not applied: %(subject)s: %(actual)s; needed: beginning with %(wanted)s"),
    "between": gettext_noop("Not applied: %(subject)s: %(actual)s; needed: from %(low)s to %(high)s"),
    "not between": gettext_noop("Not applied: %(subject)s: %(actual)s; allowed: not from %(low)s to %(high)s"),
    "within_km": gettext_noop("Not applied: %(subject)s: farther than %(km)s km"),
    "is_present": gettext_noop("Not applied: not filled in: %(subject)s"),
    "is_missing": gettext_noop("Not applied: must be empty: %(subject)s"),
}
