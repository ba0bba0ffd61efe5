"""Back from what was typed to the document."""

import copy
from collections.abc import Mapping
from typing import Any

from programs.promotions.design import offers, starts
from programs.promotions.design.edits import at, normal, put
from programs.promotions.design.fields import Field, is_sent, typed
from programs.promotions.design.shape import Palette, all_fields, parts

# Where another choice makes the values beside it meaningless, they begin anew.
_FORMULAS: Mapping[str, Mapping[str, Any]] = {
    "multiply": {"kind": "multiply", "factor": "2"},
    "fixed": {"kind": "fixed", "points": "100"},
    "rate": {"kind": "rate", "points": "1", "per": "1.00"},
    "per_unit": {"kind": "per_unit", "points": "10"},
}


def read(document: Mapping[str, Any], data: Mapping[str, list[str]], palette: Palette) -> dict[str, Any]:
    """The document with what was typed: only fields that the page shows for it are read."""
    before = normal(document)
    found = copy.deepcopy(before)
    found["schedule"].setdefault("times", [["", ""]])
    for field in all_fields(parts(before, palette)):
        if is_sent(field, data):
            _set(found, before, field, typed(field, data))
    _finish(found)
    return found


def _set(found: dict[str, Any], before: Mapping[str, Any], field: Field, value: Any) -> None:
    parent, _slash, last = field.path.rpartition("/")
    was = at(before, field.path)
    if last == "attr" and value != was and value in offers.BY_PATH:
        put(found, parent, offers.new_test(value))
        return
    if field.path == "trigger/on":
        if value is not None and value != was:
            put(found, parent, starts.begun(value))
        return
    if field.path.startswith("trigger/") and at(found, "trigger/on") != at(before, "trigger/on"):
        return
    if field.path == "trigger/weekday":
        value = int(value) if value else None
    if last == "kind" and value != was and value in _FORMULAS:
        put(found, parent, dict(_FORMULAS[value]))
        return
    if at(found, parent) is not None and _is_anew(found, before, parent):
        return
    put(found, field.path, value)


def _is_anew(found: Mapping[str, Any], before: Mapping[str, Any], parent: str) -> bool:
    """Whether the node of a field was just begun anew: then what was typed belonged to another choice."""
    now, was = at(found, parent), at(before, parent)
    if not isinstance(now, Mapping) or not isinstance(was, Mapping):
        return False
    return any(now.get(key) != was.get(key) for key in ("attr", "kind", "on") if key in was)


def _finish(found: dict[str, Any]) -> None:
    schedule = found.get("schedule", {})
    if "times" in schedule:
        windows = schedule["times"] if isinstance(schedule["times"], list) else []
        schedule["times"] = [window for window in windows if any(window)]
        if not schedule["times"]:
            del schedule["times"]
    for effect in found["then"]:
        for life in ("activation", "expiry"):
            if life in effect and not effect[life]:
                del effect[life]
        if effect.get("effect") == "tier" and "valid" in effect:
            # A number of days counts whole ones.
            if effect["valid"].get("after_days"):
                effect["valid"].setdefault("at", "start_of_day")
            elif not set(effect["valid"]) - {"at"}:
                del effect["valid"]
        if effect.get("effect") == "flag" and effect.get("text") == {}:
            del effect["text"]
    holdout = found.get("holdout")
    if holdout is not None:
        if holdout.get("percent"):
            holdout.setdefault("salt", "CONTROL")
        else:
            del found["holdout"]
    if found.get("phase") == "bonus":
        del found["phase"]
    if not found.get("group"):
        found.pop("group", None)
