"""Changing a document by place: set, add, remove, move. Documents are copied, never changed. Pure."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from programs.promotions.design.rows import Part, additions

Document = dict[str, Any]
_GROUPS = ("all", "any", "none", "at_least")
CONDITIONS = ("audience", "when")


@dataclass(frozen=True, slots=True)
class Edit:
    """One structural change: ``add`` and ``set`` (with ``node``), ``remove``, ``up``, ``down``."""

    deed: str
    path: str
    node: Any = None


def edit_of(deed: str, shown: Sequence[Part]) -> Edit | None:
    """The structural change that a button asks for: ``remove:when/of/0``, ``add:when/of:amount``; none unless offered."""
    name, _separator, rest = deed.partition(":")
    if name in ("remove", "up", "down"):
        return Edit(name, rest)
    if name != "add":
        return None
    path, _separator, code = rest.rpartition(":")
    found = next((one for place, one in additions(shown) if place == path and one.code == code), None)
    if found is None:
        return None
    return Edit("set", f"{path}/{found.key}", found.node) if found.key else Edit("add", path, found.node)


def normal(document: Mapping[str, Any]) -> Document:
    """The document as the form shows it: each condition is a group, empty ones too, and the trigger an object."""
    found = copy.deepcopy(dict(document))
    for name in CONDITIONS:
        condition = found.get(name)
        if condition is None or condition.get("op") == "true":
            found[name] = {"op": "all", "of": []}
        elif condition["op"] not in _GROUPS:
            found[name] = {"op": "all", "of": [condition]}
    found.setdefault("then", [])
    found.setdefault("limits", [])
    found.setdefault("schedule", {})
    trigger = found.get("trigger", "purchase")
    found["trigger"] = {"on": trigger} if isinstance(trigger, str) else trigger
    return found


def tidied(document: Mapping[str, Any]) -> Document:
    """The document as it is kept: nothing that is empty."""
    found = copy.deepcopy(dict(document))
    for name in CONDITIONS:
        if name in found:
            condition = _without_empty_groups(found[name])
            if condition is None:
                del found[name]
            else:
                found[name] = condition
    if set(found.get("trigger", ())) == {"on"}:
        found["trigger"] = found["trigger"]["on"]
    if found.get("trigger") == "purchase":
        del found["trigger"]
    for name in ("limits", "schedule", "else", "funding"):
        if name in found and not found[name]:
            del found[name]
    return found


def _without_empty_groups(condition: Any) -> Any:
    if condition.get("op") not in (*_GROUPS, "not"):
        return condition
    children = [child for child in (_without_empty_groups(one) for one in condition["of"]) if child is not None]
    return {**condition, "of": children} if children else None


def steps(path: str) -> list[str | int]:
    """The steps of a path such as ``when/of/0/value``."""
    return [int(step) if step.isdigit() else step for step in path.split("/") if step]


def at(document: Any, path: str) -> Any:
    """What stands at a path; nothing when there is no such place."""
    for step in steps(path):
        if isinstance(step, int):
            if not isinstance(document, list) or step >= len(document):
                return None
            document = document[step]
        else:
            if not isinstance(document, Mapping):
                return None
            document = document.get(step)
    return document


def put(document: Document, path: str, value: Any) -> None:
    """Set the value at a path; nothing (None) takes the key away. Objects on the way are made."""
    *way, last = steps(path)
    if value is None and isinstance(last, str):
        _take_away(document, way, last)
        return
    place: Any = document
    for step in way:
        if isinstance(step, str) and step not in place:
            place[step] = {}
        place = place[step]
    place[last] = value


def _take_away(document: Document, way: Sequence[str | int], last: str) -> None:
    """Without a key that is there; objects that are left empty go with it."""
    passed: list[tuple[Any, str | int]] = []
    place: Any = document
    for step in way:
        if isinstance(place, Mapping) and step not in place:
            return
        passed.append((place, step))
        place = place[step]
    place.pop(last, None)
    while passed and place == {}:
        place, step = passed.pop()
        if isinstance(step, int):
            return
        del place[step]


def edited(document: Mapping[str, Any], edit: Edit) -> Document:
    """The document after one structural change; a place that is not there changes nothing."""
    found = copy.deepcopy(dict(document))
    if edit.deed == "set":
        put(found, edit.path, copy.deepcopy(edit.node))
        return found
    if edit.deed == "add":
        _add(found, edit)
        return found
    parent_path, _slash, last = edit.path.rpartition("/")
    parent = at(found, parent_path)
    if edit.deed == "remove" and isinstance(parent, Mapping) and parent_path:
        put(found, edit.path, None)
    if not isinstance(parent, list) or not last.isdigit() or int(last) >= len(parent):
        return found
    place = int(last)
    if edit.deed == "remove":
        del parent[place]
    elif edit.deed == "up" and place > 0:
        parent[place - 1], parent[place] = parent[place], parent[place - 1]
    elif edit.deed == "down" and place + 1 < len(parent):
        parent[place + 1], parent[place] = parent[place], parent[place + 1]
    return found


def _add(found: Document, edit: Edit) -> None:
    wanted = at(found, edit.path)
    if wanted is None:
        wanted = []
        put(found, edit.path, wanted)
    if not isinstance(wanted, list):
        return
    node = copy.deepcopy(edit.node)
    if isinstance(node, dict) and "id" in node:
        # Limits of one promotion have different names.
        taken, name, number = {one.get("id") for one in wanted}, node["id"], 2
        while node["id"] in taken:
            node["id"], number = f"{name}-{number}", number + 1
    wanted.append(node)
