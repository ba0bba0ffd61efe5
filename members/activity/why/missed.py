"""Why a rule was not applied: one sentence by its reason code (C22)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from loyalty.kernel.phrases import gettext as _
from loyalty.kernel.text import Texts
from members.activity.why import caps, conditions, hours
from programs.promotions.snapshots import FrozenRule
from programs.rules import ProgramSettings

Entry = Mapping[str, Any]
_GENERAL: Mapping[str, Any] = {
    "audience_false": gettext_lazy("Not applied: it is for other members"),
    "when_false": gettext_lazy("Not applied: it is for other purchases"),
    "unknown_attribute": gettext_lazy("Not applied: it asks for something that is not known"),
}
_BEATEN: Mapping[str, Any] = {
    "best_of": gettext_lazy("Not applied: “%(winner)s” gives more"),
    "first_of": gettext_lazy("Not applied: “%(winner)s” comes first"),
    "exclusive": gettext_lazy("Not applied: “%(winner)s” allows no other"),
}


def not_applied(entry: Entry, rules: Mapping[str, FrozenRule], settings: ProgramSettings) -> str:
    """The sentence about a rule that was not applied. ``rules`` are those of the snapshot that judged, by code."""
    kind, _separator, named = entry["reason"].partition(":")
    document = rules[entry["rule"]].document
    if kind == "outside_schedule":
        return hours.only_on(document["schedule"], entry["local_time"])
    if kind == "limit":
        note = next(one for one in entry["limits"] if one["limit"] == named)
        return caps.reached(note, document, settings)
    if kind == "holdout":
        return _("Not applied: the member is in its control group")
    if kind in ("best_of", "first_of", "exclusive"):
        return str(_BEATEN[kind]) % {"winner": Texts(rules[named].name)}
    if "leaf" in entry:
        return conditions.not_true(entry["leaf"], settings)
    return str(_GENERAL[kind])


def spoken_of(entry: Entry) -> Iterator[Mapping[str, Any]]:
    """The parts of an entry whose codes a sentence may call by name."""
    leaf = entry.get("leaf")
    if leaf is not None:
        condition = leaf["condition"]
        yield condition
        if isinstance(condition.get("attr"), str):
            yield {"attr": condition["attr"], "value": leaf.get("actual")}
