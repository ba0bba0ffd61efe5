"""What a limit cut, or kept from being given at all."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from loyalty.kernel.phrases import gettext as _
from members.activity.why import figures
from programs.rules import ProgramSettings
from programs.rules.limits import limit_documents

_BUDGETS = ("promotion", "campaign", "program")
_OF_PERIOD: Mapping[str, Any] = {
    "day": gettext_lazy("Limit of the day reached (%(used)s)"),
    "week": gettext_lazy("Limit of the week reached (%(used)s)"),
    "month": gettext_lazy("Limit of the month reached (%(used)s)"),
    "quarter": gettext_lazy("Limit of the quarter reached (%(used)s)"),
    "year": gettext_lazy("Limit of the year reached (%(used)s)"),
    "lifetime": gettext_lazy("Limit reached (%(used)s)"),
}


def reached(note: Mapping[str, Any], document: Mapping[str, Any], settings: ProgramSettings) -> str:
    """The sentence about one limit of a rule, from its note in the explanation."""
    index, limit = next(pair for pair in limit_documents(document) if pair[1]["id"] == note["limit"])
    used = Decimal(note["max"]) - Decimal(note["left"]) + Decimal(note["after"])
    shown = {"used": _used(note, f"{used:f}", limit, index, document, settings)}
    if used < Decimal(note["max"]):
        return _("Too little is left of a limit (%(used)s)") % shown
    if limit["scope"] in _BUDGETS:
        return _("The budget is used up (%(used)s)") % shown
    if limit["scope"] == "transaction":
        return _("Limit of one purchase reached (%(used)s)") % shown
    if "rolling_days" in limit:
        days = int(limit["rolling_days"])
        return ngettext(
            "Limit of %(days)s day reached (%(used)s)", "Limit of %(days)s days reached (%(used)s)", days
        ) % {**shown, "days": days}
    return str(_OF_PERIOD[limit.get("period", "lifetime")]) % shown


def _used(
    note: Mapping[str, Any],
    used: str,
    limit: Mapping[str, Any],
    effect_index: int | None,
    document: Mapping[str, Any],
    settings: ProgramSettings,
) -> str:
    """So much of so much, in the measure of the limit."""
    if note["measure"] == "value":
        return _("%(used)s of %(max)s") % {
            "used": figures.money(used, settings),
            "max": figures.money(note["max"], settings),
        }
    shown = {"used": figures.number(used)}
    if note["measure"] == "uses":
        shown["max"] = figures.number(note["max"])
        return ngettext("%(used)s of %(max)s time", "%(used)s of %(max)s times", int(note["max"])) % shown
    effects = document["then"] if effect_index is None else [document["then"][effect_index]]
    own_types = [effect["type"] for effect in effects if "type" in effect]
    point_type = limit.get("type") or (own_types[0] if own_types else settings.default_point_type)
    return _("%(used)s of %(max)s") % {**shown, "max": figures.points(note["max"], point_type, settings)}
