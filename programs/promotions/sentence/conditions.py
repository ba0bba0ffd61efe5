"""Conditions in words: one message a kind of node, names in the nominative, nothing declined."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from loyalty.kernel.phrases import gettext as _
from programs.promotions.naming import Names
from programs.promotions.sentence import subjects
from programs.promotions.sentence.phrases import Phrases, both, either, in_a_row, phrase, say, text_of
from programs.rules.attributes import MONEY, attribute

Node = Mapping[str, Any]
SHOWN_MULTIPLES = 3


def condition(document: Node, names: Names, field: str) -> Phrases:
    """A condition as a part of a sentence; each leaf leads to its place below ``field``."""
    return WORDS[document["op"]](document, names, field)


def _children(document: Node, names: Names, field: str) -> list[Phrases]:
    found = []
    for index, child in enumerate(document["of"]):
        said = condition(child, names, f"{field}/of/{index}")
        # A group within a group stands in brackets, or “and” and “or” would mix.
        is_group = child["op"] in ("all", "any", "at_least") and len(child["of"]) > 1
        found.append(say(_("(%(group)s)"), group=said) if is_group else said)
    return found


def _all(document: Node, names: Names, field: str) -> Phrases:
    return both(_children(document, names, field))


def _any(document: Node, names: Names, field: str) -> Phrases:
    return either(_children(document, names, field))


def _none(document: Node, names: Names, field: str) -> Phrases:
    return say(_("none of these: %(list)s"), list=in_a_row(_children(document, names, field)))


def _not(document: Node, names: Names, field: str) -> Phrases:
    return say(_("not so: %(list)s"), list=both(_children(document, names, field)))


def _at_least(document: Node, names: Names, field: str) -> Phrases:
    wanted = int(document["n"])
    template = ngettext("at least %(count)s of these: %(list)s", "at least %(count)s of these: %(list)s", wanted)
    return say(template, count=phrase(str(wanted), f"{field}/n"), list=in_a_row(_children(document, names, field)))


def _test(document: Node, names: Names, field: str) -> Phrases:
    path, comparison, given = document["attr"], document["cmp"], document.get("value")
    shown = {"subject": subjects.attribute_name(path, names)}
    if comparison == "between":
        shown |= {"low": _value(path, given[0], names), "high": _value(path, given[1], names)}  # type: ignore[index]
    elif comparison == "within_km":
        shown |= {"value": subjects.number_of(given["km"])}  # type: ignore[index]
    elif comparison not in ("is_missing", "is_present"):
        is_list = isinstance(given, list | tuple | Mapping)
        shown |= {"value": names.values(path, given) if is_list else _value(path, given, names)}
    return phrase(str(_TESTS[comparison]) % shown, field)


def _value(path: str, given: Any, names: Names) -> str:
    return names.money(given) if attribute(path).kind == MONEY else names.value(path, given)


_TESTS: Mapping[str, Any] = {
    "gte": gettext_lazy("%(subject)s at least %(value)s"),
    "gt": gettext_lazy("%(subject)s more than %(value)s"),
    "lte": gettext_lazy("%(subject)s at most %(value)s"),
    "lt": gettext_lazy("%(subject)s less than %(value)s"),
    "eq": gettext_lazy("%(subject)s: %(value)s"),
    "in": gettext_lazy("%(subject)s: %(value)s"),
    "overlaps": gettext_lazy("%(subject)s: %(value)s"),
    "ne": gettext_lazy("%(subject)s: not %(value)s"),
    "not_in": gettext_lazy("%(subject)s: not %(value)s"),
    "disjoint": gettext_lazy("%(subject)s: not %(value)s"),
    "contains_all": gettext_lazy("%(subject)s: all of %(value)s"),
    "starts_with": gettext_lazy("%(subject)s beginning with %(value)s"),
    "between": gettext_lazy("%(subject)s from %(low)s to %(high)s"),
    "within_km": gettext_lazy("%(subject)s no farther than %(value)s km"),
    "is_missing": gettext_lazy("%(subject)s: not filled in"),
    "is_present": gettext_lazy("%(subject)s: filled in"),
}


def lines(where: Node, names: Names) -> str:
    """A filter of lines as plain text."""
    return text_of(condition(where, names, ""))


def is_filter(where: Node | None) -> bool:
    """Whether a filter of lines leaves any out."""
    return where is not None and where["op"] != "true"


def _lines(document: Node, names: Names, field: str) -> Phrases:
    named = str(subjects.OF_BASKET[document["measure"].partition(":")[0]])
    return _measured(named, document, names, field)


def _history(document: Node, names: Names, field: str) -> Phrases:
    return _measured(measure(document, names), document, names, field, filtered=False)


def measure(document: Node, names: Names) -> str:
    """What a history measures: “spent before, in the last 90 days (category: “Coffee”)”."""
    named = str(subjects.OF_HISTORY[document["measure"].partition(":")[0]])
    if document.get("window"):
        named = _("%(measure)s, %(window)s") % {"measure": named, "window": subjects.window(document["window"])}
    if is_filter(document.get("where")):
        named = _("%(measure)s (%(filter)s)") % {"measure": named, "filter": lines(document["where"], names)}
    return named


def _measured(named: str, document: Node, names: Names, field: str, *, filtered: bool = True) -> Phrases:
    if filtered and is_filter(document.get("where")):
        named = _("%(measure)s (%(filter)s)") % {"measure": named, "filter": lines(document["where"], names)}
    wanted = subjects.measured(document, names, document["value"])
    shown = {"subject": named, "comparison": subjects.compared(document["cmp"], wanted)}
    return phrase(_("%(subject)s: %(comparison)s") % shown, field)


def _every_line(document: Node, names: Names, field: str) -> Phrases:
    return phrase(_("every line: %(filter)s") % {"filter": lines(document["where"], names)}, field)


def _compare(document: Node, names: Names, field: str) -> Phrases:
    shown = {"subject": _number(document["left"], names), "value": _number(document["right"], names)}
    return phrase(str(_TESTS[document["cmp"]]) % shown, field)


def _number(node: Any, names: Names) -> str:
    if not isinstance(node, Mapping):
        return subjects.number_of(node)
    if node["op"] == "attr":
        return subjects.attribute_name(node["attr"], names)
    if node["op"] == "history":
        return measure(node, names)
    parts = [_number(one, names) for one in node["of"]]
    if node["op"] in ("min", "max"):
        words = {"min": _("the smallest of %(list)s"), "max": _("the largest of %(list)s")}
        return words[node["op"]] % {"list": ", ".join(parts)}
    return f" {_SIGNS[node['op']]} ".join(parts)


_SIGNS = {"add": "+", "sub": "−", "mul": "×", "div": "÷"}


def _in_segment(document: Node, names: Names, field: str) -> Phrases:
    segment = names.thing("segment", document["segment"])
    return phrase(_("member of the segment “%(segment)s”") % {"segment": segment}, field)


def _purchase_number(document: Node, names: Names, field: str) -> Phrases:
    if "every" in document:
        every = int(document["every"])
        shown = ", ".join(subjects.number_of(every * times) for times in range(1, SHOWN_MULTIPLES + 1))
        return phrase(_("number of the purchase: %(numbers)s …") % {"numbers": shown}, field)
    if (document["cmp"], document["value"]) == ("eq", 1):
        return phrase(_("the first purchase"), field)
    wanted = subjects.compared(document["cmp"], subjects.number_of(document["value"]))
    return phrase(_("number of the purchase: %(comparison)s") % {"comparison": wanted}, field)


def _streak(document: Node, names: Names, field: str) -> Phrases:
    wanted = subjects.compared(document["cmp"], subjects.number_of(document["value"]))
    return phrase(_("weeks in a row with a purchase: %(comparison)s") % {"comparison": wanted}, field)


def _anniversary(document: Node, names: Names, field: str) -> Phrases:
    name = subjects.attribute_name(document.get("attr", "member.birthday"), names)
    before, after = int(document.get("before", 0)), int(document.get("after", 0))
    if not before and not after:
        return phrase(_("on the day of: %(what)s") % {"what": name}, field)
    shown = {"what": name, "before": before, "after": after}
    return phrase(_("around the day of: %(what)s (days before: %(before)s, days after: %(after)s)") % shown, field)


def _during(document: Node, names: Names, field: str) -> Phrases:
    return phrase(_("within certain times"), field)


def _true(document: Node, names: Names, field: str) -> Phrases:
    return phrase(_("always"), field)


WORDS: Mapping[str, Callable[[Node, Names, str], Phrases]] = {
    "all": _all, "any": _any, "none": _none, "not": _not, "at_least": _at_least, "test": _test, "lines": _lines,
    "every_line": _every_line, "history": _history, "compare": _compare, "in_segment": _in_segment,
    "purchase_number": _purchase_number, "streak_weeks": _streak, "anniversary_within": _anniversary,
    "birthday_within": _anniversary, "during": _during, "true": _true,
}  # fmt: skip
