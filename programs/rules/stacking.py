"""Exclusivity and groups (C10): which of the applicable bonus rules stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar

from programs.rules.context import ProgramSettings
from programs.rules.money import Number
from programs.rules.outcome import Grant
from programs.rules.proposal import Wish

# Proposals that are dropped, with their reason code.
Dropped: TypeAlias = list[tuple[Sequence[Wish], str]]

BEST, FIRST = "best", "first"
_W = TypeVar("_W", Wish, Grant)


def mode_of(group: str | None, settings: ProgramSettings) -> str:
    """How a group chooses of those of its rules that hold; one that is not declared keeps the best."""
    return settings.groups.get(group or "", BEST)


def stack(
    pending: Sequence[Wish], settings: ProgramSettings, values: Mapping[str, Number]
) -> tuple[list[Wish], Dropped]:
    """The proposals that stay, and those that are dropped.

    :param pending: of rules whose conditions hold, after their own limits, in order of priority and id.
    """
    groups: dict[str | None, list[Wish]] = {}
    for one in pending:
        rule = one.effect.owner if isinstance(one, Grant) else one.owner
        if rule.competes and (type(one) is Grant or one.grants_something()):
            if rule.exclusive:
                others = [other for other in pending if other is not one and other.blocked_by is None]
                return [one], [(others, f"exclusive:{rule.id}")]
            if rule.group in groups:
                groups[rule.group].append(one)
            elif rule.group is not None:
                groups[rule.group] = [one]
    return _without_losers(pending, groups, settings, values)


def winners(pending: Sequence[Grant]) -> Sequence[Grant]:
    """What :func:`stack_groups` leaves of groups of which one rule stays, without asking who lost against whom."""
    best: dict[str | None, Grant] = {}
    for one in pending:
        effect = one.effect
        group = effect.group
        if group in best:
            other = best[group]
            if effect.mode == BEST and one.amount * effect.worth > other.amount * other.effect.worth:
                best[group] = one
        else:
            best[group] = one
    if len(best) == len(pending):
        return pending
    return [one for one in pending if best[one.effect.group] is one]


def stack_groups(
    pending: Sequence[Grant], settings: ProgramSettings, values: Mapping[str, Number]
) -> tuple[Sequence[Grant], Dropped]:
    """As :func:`stack`, where all that is proposed is of a group and nothing is exclusive."""
    groups: dict[str | None, list[Grant]] = {}
    for one in pending:
        group = one.effect.owner.group
        if group in groups:
            groups[group].append(one)
        else:
            groups[group] = [one]
    if len(groups) == len(pending):
        return pending, []
    return _without_losers(pending, groups, settings, values)


def _without_losers(
    pending: Sequence[_W],
    groups: Mapping[str | None, list[_W]],
    settings: ProgramSettings,
    values: Mapping[str, Number],
) -> tuple[list[_W], Dropped]:
    dropped: Dropped = []
    lost: set[int] = set()
    for name, members in groups.items():
        if len(members) > 1:
            losers = _losers(members, mode_of(name, settings), values)
            dropped.append(losers)
            lost.update(map(id, losers[0]))
    return [one for one in pending if id(one) not in lost], dropped


def _losers(members: Sequence[Wish], mode: str, values: Mapping[str, Number]) -> tuple[Sequence[Wish], str]:
    """Ties go to the smaller priority number, then the smaller id; ``at_most:k`` keeps the k most valuable."""
    if mode == "all":
        return (), ""
    if mode == FIRST:
        return members[1:], f"first_of:{members[0].owner.id}"
    worth = [one.value(values) for one in members]
    # The members stand in order of priority and id: of equals the first is the best, and a stable sort leaves it so.
    if mode == BEST:
        best = worth.index(max(worth))
        return [*members[:best], *members[best + 1 :]], f"best_of:{members[best].owner.id}"
    ranked = sorted(range(len(members)), key=worth.__getitem__, reverse=True)
    losers = [members[place] for place in ranked[int(mode.partition(":")[2]) :]]
    return losers, f"best_of:{members[ranked[0]].owner.id}"
