"""Limits of rules (C08, C25): names, counters, periods, and cutting what a rule wants to what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec

from programs.rules import dates
from programs.rules.context import ProgramSettings
from programs.rules.history import canonical
from programs.rules.money import Number, exact, round_number, whole
from programs.rules.outcome import LimitUse
from programs.rules.proposal import Proposal
from programs.rules.state import State

SHARED_SCOPES = ("campaign", "program")


@dataclass(frozen=True, slots=True)
class Limit:
    """A compiled limit.

    :param name: its id, or ``rule:limit`` where rules use the id for different limits (C25).
    :param counter: key of its counter, the same whatever other rules are published.
    :param maximum: points in smallest units, a count of uses, or minor units.
    :param effect_index: set when the limit belongs to one effect.
    """

    id: str
    name: str
    counter: str
    rule: str
    scope: str
    campaign: str | None
    period: str
    rolling_days: int | None
    measure: str
    point_type: str | None
    maximum: int
    partial: bool
    effect_index: int | None
    is_shared: bool

    def scope_value(self, state: State) -> str | None:
        """Which store, partner or campaign the limit counts in."""
        if self.scope == "campaign":
            return self.campaign
        if self.scope in ("store", "partner") and state.purchase is not None:
            return getattr(state.purchase, self.scope)  # type: ignore[no-any-return]
        return None

    def used(self, used_limits: Mapping[str, int]) -> int:
        """Used before; a limit per purchase knows this purchase only."""
        if self.scope == "transaction":
            return 0
        found = used_limits.get(self.counter)
        return used_limits.get(self.name, 0) if found is None else found

    def period_key(self, state: State) -> str:
        if self.rolling_days is not None:
            return f"rolling:{self.rolling_days}"
        return dates.period_key(self.period, state.today)

    def use(self, state: State, amount: int, slack: int | None) -> LimitUse:
        return LimitUse(
            limit=self.name,
            counter=self.counter,
            rule=self.rule,
            scope=self.scope,
            scope_value=self.scope_value(state),
            period=self.period,
            period_key=self.period_key(state),
            measure=self.measure,
            point_type=self.point_type,
            amount=amount,
            maximum=self.maximum,
            slack=slack,
            overflow="partial" if self.partial else "all_or_nothing",
        )


def limit_documents(rule: Mapping[str, Any]) -> list[tuple[int | None, Mapping[str, Any]]]:
    """The limits of a rule in the order in which they work: those of its effects, then its own."""
    found: list[tuple[int | None, Mapping[str, Any]]] = []
    for index, effect in enumerate(rule["then"]):
        found.extend((index, limit) for limit in effect.get("limits", ()))
    found.extend((None, limit) for limit in rule.get("limits", ()))
    return found


def names_in_use(rules: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Ids of limits that mean different limits in this set of rules (C25)."""
    owners: dict[str, set[str]] = {}
    for rule in rules:
        for index, limit in limit_documents(rule):
            identity = _counter(rule, index, limit) + canonical(limit)
            owners.setdefault(limit["id"], set()).add(identity)
    return frozenset(limit_id for limit_id, identities in owners.items() if len(identities) > 1)


def _counter(rule: Mapping[str, Any], effect_index: int | None, limit: Mapping[str, Any]) -> str:
    if limit["scope"] == "program":
        return f"program:{limit['id']}"
    if limit["scope"] == "campaign":
        return f"campaign:{rule.get('campaign') or ''}:{limit['id']}"
    return f"{rule['id']}:{limit['id']}"


def compile_limits(
    rule: Mapping[str, Any], ambiguous: frozenset[str], settings: ProgramSettings, default_type: str | None
) -> tuple[Limit, ...]:
    """The limits of a rule. A limit of points counts its own ``type``, else the type of the first earn effect."""
    return tuple(
        _compile_limit(rule, index, document, ambiguous, settings, default_type)
        for index, document in limit_documents(rule)
    )


def _compile_limit(
    rule: Mapping[str, Any],
    effect_index: int | None,
    document: Mapping[str, Any],
    ambiguous: frozenset[str],
    settings: ProgramSettings,
    default_type: str | None,
) -> Limit:
    measure = document.get("measure", "points")
    point_type: str | None = None
    scale = 1
    if measure == "points":
        own_type = rule["then"][effect_index].get("type") if effect_index is not None else None
        point_type = document.get("type") or own_type or default_type or settings.default_point_type
        scale = settings.point_scale(point_type)
    elif measure == "value":
        scale = settings.money_scale
    limit_id = document["id"]
    return Limit(
        id=limit_id,
        name=f"{rule['id']}:{limit_id}" if limit_id in ambiguous else limit_id,
        counter=_counter(rule, effect_index, document),
        rule=rule["id"],
        scope=document["scope"],
        campaign=rule.get("campaign"),
        period=document.get("period", "lifetime"),
        rolling_days=document.get("rolling_days"),
        measure=measure,
        point_type=point_type,
        maximum=round_number(exact(document["max"]) * scale, "down"),
        partial=document.get("overflow", "partial") == "partial",
        effect_index=effect_index,
        is_shared=document["scope"] in SHARED_SCOPES,
    )


class Taken(msgspec.Struct, eq=False):
    """What this evaluation has taken from counters so far, by counter and scope."""

    amounts: dict[str, int] = {}

    def add(self, counter: str, amount: int) -> None:
        self.amounts[counter] = self.amounts.get(counter, 0) + amount


def point_values(settings: ProgramSettings) -> dict[str, Number]:
    """Minor units that the smallest unit of each type is worth; a cent of a currency unit where nothing is set."""
    values: dict[str, Number] = {}
    for point_type in settings.point_types:
        worth = exact(settings.point_value.get(point_type.code, "0.01"))
        values[point_type.code] = whole(Fraction(worth) * settings.money_scale / 10**point_type.decimals)
    return values


def apply_limits(
    limits: Sequence[Limit],
    proposal: Proposal,
    used_limits: Mapping[str, int],
    taken: Taken,
    values: Mapping[str, Number],
) -> None:
    """Cut a proposal to what its limits leave, in the order listed (C08); notes each cut on the proposal."""
    for limit in limits:
        left = limit.maximum - limit.used(used_limits)
        if limit.counter in taken.amounts:
            left -= taken.amounts[limit.counter]
        left = max(0, left)
        before = proposal.measured(limit.measure, limit.point_type, limit.effect_index, values)
        if before == 0:
            continue
        after = before
        if before > left:
            proposal.cut(limit, left, values)
            after = proposal.measured(limit.measure, limit.point_type, limit.effect_index, values)
        proposal.limit_notes = (*proposal.limit_notes, (limit, left, before, after))
        if after < before and proposal.blocked_by is None and not proposal.grants_something():
            proposal.blocked_by = limit.id
