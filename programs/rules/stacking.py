"""Exclusivity and groups (C10): which of the applicable bonus rules stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from programs.rules.context import ProgramSettings
from programs.rules.money import Number
from programs.rules.proposal import Wish

# A proposal that is dropped, with the reason code.
Dropped: TypeAlias = list[tuple[Wish, str]]


def stack(
    pending: Sequence[Wish], settings: ProgramSettings, values: Mapping[str, Number]
) -> tuple[list[Wish], Dropped]:
    """The proposals that stay, and those that are dropped.

    :param pending: of rules whose conditions hold, after their own limits, in order of priority and id.
    """
    groups: dict[str, list[Wish]] = {}
    for one in pending:
        rule = one.owner
        if rule.competes and one.grants_something():
            if rule.exclusive:
                reason = f"exclusive:{rule.id}"
                return [one], [(other, reason) for other in pending if other is not one and other.blocked_by is None]
            if rule.group in groups:
                groups[rule.group].append(one)
            elif rule.group is not None:
                groups[rule.group] = [one]
    dropped: Dropped = []
    for name, members in groups.items():
        if len(members) > 1:
            dropped += _losers(members, settings.groups.get(name, "best"), values)
    lost = {id(one) for one, _ in dropped}
    return [one for one in pending if id(one) not in lost] if lost else list(pending), dropped


def _losers(members: Sequence[Wish], mode: str, values: Mapping[str, Number]) -> Dropped:
    """Ties go to the smaller priority number, then the smaller id; ``at_most:k`` keeps the k most valuable."""
    if mode == "all":
        return []
    if mode == "first":
        return [(one, f"first_of:{members[0].owner.id}") for one in members[1:]]
    # The members stand in order of priority and id: of equals the first is the best, and a stable sort leaves it so.
    if mode == "best":
        best, most = members[0], members[0].value(values)
        for one in members[1:]:
            worth = one.value(values)
            if worth > most:
                best, most = one, worth
        return [(one, f"best_of:{best.owner.id}") for one in members if one is not best]
    ranked = sorted(members, key=lambda one: one.value(values), reverse=True)
    return [(one, f"best_of:{ranked[0].owner.id}") for one in ranked[int(mode.partition(":")[2]) :]]
