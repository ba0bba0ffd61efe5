"""What is wrong with rules side by side, each of them being right on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from programs.rules.context import ProgramSettings
from programs.rules.pricing import PRICE_EFFECTS

# The rule, and the path, code and facts of its problem.
Clash: TypeAlias = tuple[str, str, str, dict[str, Any]]
Documents: TypeAlias = Sequence[Mapping[str, Any]]

DEFAULT_PRIORITY = 100


def clashes(documents: Documents, settings: ProgramSettings) -> list[Clash]:
    """Hard contradictions between rules that would be live together, at the later of the rules by id.

    In a group of mode ``first`` two rules have the same priority; a group holds discounts and points (C23); two base
    rules give everybody points of one type for the same basis; two rules give the shared limit of one name two sizes.
    """
    rules = sorted(documents, key=lambda one: str(one["id"]))
    found = [*_groups(rules, settings), *_bases(rules, settings), *_shared_limits(rules)]
    return sorted(found, key=lambda one: one[:3])


def clashes_of(document: Mapping[str, Any], others: Documents, settings: ProgramSettings) -> list[Clash]:
    """What is wrong with one rule beside others, always at this one; what is wrong among the others is not told."""
    rules = [*sorted((one for one in others if one["id"] != document["id"]), key=lambda one: str(one["id"])), document]
    found = [*_groups(rules, settings), *_bases(rules, settings), *_shared_limits(rules)]
    return sorted((clash for clash in found if clash[0] == document["id"]), key=lambda one: one[:3])


def _groups(rules: Documents, settings: ProgramSettings) -> Iterator[Clash]:
    priorities: dict[tuple[Any, Any, Any], str] = {}
    kinds: dict[str, tuple[bool, str]] = {}
    for rule in rules:
        group = rule.get("group")
        if group is None or rule.get("phase") == "base":
            continue
        priority = rule.get("priority", DEFAULT_PRIORITY)
        if settings.groups.get(group) == "first":
            first = priorities.setdefault((str(rule.get("trigger", "purchase")), group, priority), rule["id"])
            if first != rule["id"]:
                yield rule["id"], "/priority", "priority_tie", {"group": group, "rule": first}
        has_price = any(effect["effect"] in PRICE_EFFECTS for effect in rule["then"])
        known, other = kinds.setdefault(group, (has_price, rule["id"]))
        if known is not has_price:
            yield rule["id"], "/group", "group_of_two_kinds", {"group": group, "rule": other}


def _bases(rules: Documents, settings: ProgramSettings) -> Iterator[Clash]:
    seen: dict[tuple[str, str], str] = {}
    for rule in rules:
        is_for_all = not any(rule.get(name) for name in ("audience", "when", "schedule"))
        if rule.get("phase") != "base" or rule.get("trigger", "purchase") != "purchase" or not is_for_all:
            continue
        for index, effect in enumerate(rule["then"]):
            if effect["effect"] != "earn" or effect.get("where") or effect.get("if"):
                continue
            formula = effect["formula"]
            basis = "units" if formula["kind"] == "per_unit" else formula.get("basis", settings.basis)
            key = (effect.get("type") or settings.default_point_type, basis)
            first = seen.setdefault(key, rule["id"])
            if first != rule["id"]:
                yield rule["id"], f"/then/{index}", "second_base_rule", {"rule": first, "type": key[0]}


def _shared_limits(rules: Documents) -> Iterator[Clash]:
    seen: dict[tuple[str, str, str], tuple[Mapping[str, Any], str]] = {}
    for rule in rules:
        for index, limit in enumerate(rule.get("limits", ())):
            if limit["scope"] not in ("campaign", "program"):
                continue
            campaign = str(rule.get("campaign") or "") if limit["scope"] == "campaign" else ""
            first, other = seen.setdefault((limit["scope"], campaign, limit["id"]), (limit, rule["id"]))
            if first != limit:
                yield rule["id"], f"/limits/{index}", "limit_differs", {"limit": limit["id"], "rule": other}
