"""Exclusivity and groups (C10): which of the applicable bonus rules stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from programs.rules.compile import Rule
from programs.rules.context import ProgramSettings
from programs.rules.money import Number
from programs.rules.proposal import Proposal


@dataclass(slots=True)
class Pending:
    """A rule whose conditions hold, with what it wants after its own limits."""

    rule: Rule
    proposal: Proposal

    @property
    def is_applicable(self) -> bool:
        return self.proposal.grants_something()


def stack(
    pending: Sequence[Pending], settings: ProgramSettings, values: Mapping[str, Number]
) -> tuple[list[Pending], dict[str, str]]:
    """The rules that stay, and the reason code of each that is dropped.

    :param pending: in order of priority and id.
    """
    dropped: dict[str, str] = {}
    winner = next((one for one in pending if one.rule.exclusive and one.is_applicable), None)
    if winner is not None:
        for one in pending:
            if one is not winner and one.proposal.blocked_by is None:
                dropped[one.rule.id] = f"exclusive:{winner.rule.id}"
        return [winner], dropped
    groups: dict[str, list[Pending]] = {}
    for one in pending:
        if one.rule.group is not None and one.is_applicable:
            groups.setdefault(one.rule.group, []).append(one)
    for name, members in groups.items():
        if len(members) > 1:
            dropped.update(_losers(members, settings.groups.get(name, "best"), values))
    return [one for one in pending if one.rule.id not in dropped], dropped


def _losers(members: Sequence[Pending], mode: str, values: Mapping[str, Number]) -> dict[str, str]:
    """Ties go to the smaller priority number, then the smaller id; ``at_most:k`` keeps the k most valuable."""
    if mode == "all":
        return {}
    if mode == "first":
        return {one.rule.id: f"first_of:{members[0].rule.id}" for one in members[1:]}
    count = 1 if mode == "best" else int(mode.partition(":")[2])
    ranked = sorted(members, key=lambda one: (-one.proposal.value(values), one.rule.order))
    return {one.rule.id: f"best_of:{ranked[0].rule.id}" for one in ranked[count:]}
