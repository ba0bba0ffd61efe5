"""Why a rule gave what it gave."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import ngettext

from loyalty.kernel.phrases import gettext as _
from members.activity.why import caps, figures
from programs.promotions.snapshots import FrozenRule
from programs.rules import ProgramSettings

Entry = Mapping[str, Any]
_PRICE_EFFECTS = ("discount", "nth_free", "bundle")


def applied(entry: Entry, rules: Mapping[str, FrozenRule], settings: ProgramSettings) -> str:
    """The sentences about a rule that applied: each effect with its formula and numbers, then what its limits cut.

    ``rules`` are those of the snapshot that judged, by code.
    """
    document = rules[entry["rule"]].document
    sentences = [_effect(one, document, settings) for one in entry["effects"] if one.get("amount") != "0"]
    sentences += [
        caps.reached(note, document, settings)
        for note in entry["limits"]
        if Decimal(note["after"]) < Decimal(note["before"])
    ]
    return "; ".join(sentences)


def _effect(effect: Entry, document: Mapping[str, Any], settings: ProgramSettings) -> str:
    if effect["effect"] in _PRICE_EFFECTS:
        return _("%(amount)s off") % {"amount": figures.money(effect["amount"], settings)}
    if effect["effect"] != "earn":
        return _("Given: “%(effect)s”") % {"effect": effect["effect"]}
    formula = effect["formula"]
    how = _FORMULAS[formula["kind"]](effect, document, settings)
    if formula["kind"] == "multiply":
        gain = figures.points(effect["amount"], effect["type"], settings, is_gain=True)
        return _("%(how)s: %(points)s") % {"how": how, "points": gain}
    total = figures.points(effect["amount"], effect["type"], settings)
    if effect["amount"] == effect["before_limits"]:
        return _("%(points)s: %(how)s") % {"points": total, "how": how}
    wanted = figures.points(effect["before_limits"], effect["type"], settings)
    return _("%(points)s (%(wanted)s before limits): %(how)s") % {"points": total, "wanted": wanted, "how": how}


def _reward(effect: Entry, settings: ProgramSettings) -> str:
    return figures.points(effect["formula"]["points"], effect["type"], settings)


def _fixed(effect: Entry, document: Mapping[str, Any], settings: ProgramSettings) -> str:
    every = effect["formula"].get("for_every")
    if every is None:
        return _("a fixed number for this purchase")
    shown = {"reward": _reward(effect, settings)}
    if "units" in every:
        count = int(every["units"])
        shown |= {"count": figures.number(count), "basis": figures.pieces(int(effect["basis"]))}
        return (
            ngettext(
                "%(reward)s for every piece, on %(basis)s", "%(reward)s for every %(count)s pieces, on %(basis)s", count
            )
            % shown
        )
    shown |= {"per": figures.money(every["amount"], settings), "basis": figures.money(effect["basis"], settings)}
    return _("%(reward)s for every full %(per)s on %(basis)s") % shown


def _rate(effect: Entry, document: Mapping[str, Any], settings: ProgramSettings) -> str:
    formula = effect["formula"]
    shown = {
        "reward": _reward(effect, settings),
        "per": figures.money(formula["per"], settings),
        "basis": figures.money(effect["basis"], settings),
    }
    if formula.get("step") == "proportional":
        return _("%(reward)s for %(per)s in proportion, on %(basis)s") % shown
    if formula.get("per_line"):
        return _("%(reward)s for every full %(per)s of each line, on %(basis)s") % shown
    return _("%(reward)s for every full %(per)s on %(basis)s") % shown


def _per_unit(effect: Entry, document: Mapping[str, Any], settings: ProgramSettings) -> str:
    shown = {"reward": _reward(effect, settings), "basis": figures.pieces(int(effect["numbers"]["units"]))}
    return _("%(reward)s for every piece, on %(basis)s") % shown


def _multiply(effect: Entry, document: Mapping[str, Any], settings: ProgramSettings) -> str:
    factor, point_type = str(effect["formula"]["factor"]), effect["type"]
    lines = len(effect["lines"])
    shown = {"factor": figures.number(factor), "type": figures.type_name(point_type), "count": figures.number(lines)}
    if not document["then"][effect["index"]].get("where"):
        if point_type != settings.default_point_type:
            return _("%(factor)s times “%(type)s”") % shown
        if factor == "2":
            return _("Double points")
        return _("%(factor)s times the points") % shown
    if point_type != settings.default_point_type:
        return (
            ngettext(
                "%(factor)s times “%(type)s” on %(count)s line", "%(factor)s times “%(type)s” on %(count)s lines", lines
            )
            % shown
        )
    if factor == "2":
        return ngettext("Double points on %(count)s line", "Double points on %(count)s lines", lines) % shown
    return (
        ngettext(
            "%(factor)s times the points on %(count)s line", "%(factor)s times the points on %(count)s lines", lines
        )
        % shown
    )


def _table(effect: Entry, document: Mapping[str, Any], settings: ProgramSettings) -> str:
    numbers = effect["numbers"]
    if "row" in numbers:
        return _("by the row of its table that begins at %(start)s") % {"start": figures.number(numbers["row"])}
    count = len(numbers.get("parts", ()))
    return ngettext("by %(count)s row of its table", "by %(count)s rows of its table", count) % {"count": count}


def _expression(effect: Entry, document: Mapping[str, Any], settings: ProgramSettings) -> str:
    return _("by its formula")


_FORMULAS: Mapping[str, Callable[[Entry, Mapping[str, Any], ProgramSettings], str]] = {
    "fixed": _fixed,
    "rate": _rate,
    "per_unit": _per_unit,
    "multiply": _multiply,
    "table": _table,
    "expression": _expression,
}
