"""Back from what was typed to the document."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from programs.promotions.design import life, starts
from programs.promotions.design.attributes import Attributes
from programs.promotions.design.edits import at, normal, put
from programs.promotions.design.effects import FORMULAS
from programs.promotions.design.fields import FLAG, Field, is_same, is_sent, typed
from programs.promotions.design.metrics import DAYS_SINCE, WINDOWS
from programs.promotions.design.shape import Palette, all_fields, parts


def read(document: Mapping[str, Any], data: Mapping[str, list[str]], palette: Palette) -> dict[str, Any]:
    """The document with what was typed: only fields that the page shows for it are read; all else stays as it is."""
    before = normal(document)
    found = copy.deepcopy(before)
    found["schedule"].setdefault("times", [["", ""]])
    reading = _Reading(found, before, palette)
    for field in all_fields(parts(before, palette)):
        if is_sent(field, data):
            reading.take(field, typed(field, data))
    _finish(found, before, reading.begun)
    return found


class _Reading:
    """Takes values one after the other. Where another choice makes what stands beside it meaningless, that begins anew."""

    def __init__(self, found: dict[str, Any], before: Mapping[str, Any], palette: Palette) -> None:
        self.found, self.before, self.palette = found, before, palette
        self.attributes: Attributes = palette.attributes(before)
        self.begun: list[str] = []

    def take(self, field: Field, value: Any) -> None:
        if any(field.path.startswith(f"{place}/") or field.path == place for place in self.begun):
            # It belonged to another choice.
            return
        if field.role in _ROLES:
            _ROLES[field.role](self, field, value)
            return
        self.put(field, value)

    def put(self, field: Field, value: Any) -> None:
        was = at(self.before, field.path)
        if value is None and (was in (None, "") or was is False):
            return
        if field.kind != FLAG and value == typed(field, {field.name: field.values or [field.text]}):
            # Nobody touched it. What is meant where nothing is said need not be said.
            return
        if was is not None and is_same(was, value):
            return
        put(self.found, field.path, value)

    def begin(self, path: str, node: Any) -> None:
        put(self.found, path, copy.deepcopy(node))
        self.begun.append(path)

    def trigger(self, field: Field, value: Any) -> None:
        if value is not None and value != field.value:
            self.begin("trigger", starts.begun(value))

    def every(self, field: Field, value: Any) -> None:
        if value is not None and value != field.value:
            for name in ("weekday", "day"):
                self.begin(f"trigger/{name}", None)
            put(self.found, field.path, value)

    def weekday(self, field: Field, value: Any) -> None:
        if value is not None and value != field.value:
            put(self.found, field.path, int(value))

    def attribute(self, field: Field, value: Any) -> None:
        parent = field.path.rpartition("/")[0]
        if value is not None and value != field.value and self.attributes.get(value):
            self.begin(parent, self.attributes.new_test(value))

    def filter(self, field: Field, value: Any) -> None:
        if value is None and field.value is not None:
            self.begin(field.path.rpartition("/")[0], None)
        else:
            self.attribute(field, value)

    def comparison(self, field: Field, value: Any) -> None:
        parent = field.path.rpartition("/")[0]
        test = at(self.before, parent)
        offered = self.attributes.get(test.get("attr", ""))
        if value is None or value == field.value or offered is None:
            return
        put(self.found, field.path, value)
        beside = offered.value_beside(value, test.get("value"))
        if beside != test.get("value"):
            self.begin(f"{parent}/value", beside)

    def kind(self, field: Field, value: Any) -> None:
        if value in FORMULAS and value != field.value:
            self.begin(field.path.rpartition("/")[0], FORMULAS[value])

    def life(self, field: Field, value: Any) -> None:
        if (value or "") != field.value:
            self.begin(field.path.rpartition("/")[0], life.begun(value or "", self.palette.events))

    def window(self, field: Field, value: Any) -> None:
        if value != field.value:
            self.begin(f"{field.path.rpartition('/')[0]}/window", WINDOWS.get(value) if value else None)

    def measure(self, field: Field, value: Any) -> None:
        if value is None or value == field.value:
            return
        parent = field.path.rpartition("/")[0]
        put(self.found, field.path, value)
        events, types = self.palette.events, self.palette.point_types
        self.begin(f"{parent}/event", events[0].value if value == "events" and events else None)
        self.begin(f"{parent}/point_type", types[0].value if value == "points" and types else None)
        if value in ("events", "points", DAYS_SINCE):
            self.begin(f"{parent}/{'window' if value == DAYS_SINCE else 'where'}", None)

    def template(self, field: Field, value: Any) -> None:
        """A message has a template or words of its own."""
        was = field.value
        self.put(field, value)
        if bool(value) != bool(was):
            self.begin(f"{field.path.rpartition('/')[0]}/text", None if value else {})

    def scope(self, field: Field, value: Any) -> None:
        self.put(field, value)
        if value == "transaction" and value != field.value:
            self.begin(f"{field.path.rpartition('/')[0]}/period", None)


_ROLES: Mapping[str, Callable[[_Reading, Field, Any], None]] = {
    "attr": _Reading.attribute,
    "cmp": _Reading.comparison,
    "every": _Reading.every,
    "filter": _Reading.filter,
    "kind": _Reading.kind,
    "life": _Reading.life,
    "measure": _Reading.measure,
    "scope": _Reading.scope,
    "template": _Reading.template,
    "trigger": _Reading.trigger,
    "weekday": _Reading.weekday,
    "window": _Reading.window,
}


def _finish(found: dict[str, Any], before: Mapping[str, Any], begun: Sequence[str]) -> None:
    schedule = found.get("schedule", {})
    if "times" in schedule:
        windows = schedule["times"] if isinstance(schedule["times"], list) else []
        schedule["times"] = [window for window in windows if any(window)]
        if not schedule["times"]:
            del schedule["times"]
    for index, effect in enumerate(found["then"]):
        if effect.get("effect") == "tier" and effect.get("valid", {}).get("after_days"):
            # A number of days counts whole ones.
            effect["valid"].setdefault("at", "start_of_day")
        for name in ("activation", "expiry", "valid"):
            place = f"then/{index}/{name}"
            if set(effect.get(name, ())) == {"at"} != set(at(before, place) or ()) and place not in begun:
                # What has no length any more has no end either.
                del effect[name]
    holdout = found.get("holdout")
    if holdout is not None:
        if holdout.get("percent"):
            holdout.setdefault("salt", "CONTROL")
        else:
            del found["holdout"]
    if found.get("phase") == "bonus" != before.get("phase"):
        del found["phase"]
    if not found.get("group"):
        found.pop("group", None)
