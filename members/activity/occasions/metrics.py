"""Measures that a purchase brings over, or a threshold that it brings below: what a member has with it and without it."""

from collections.abc import Sequence
from datetime import date, datetime

from members.activity import history, state
from members.activity.occasions.starting import JUST_AFTER, Occasion
from members.activity.state import MemberState
from programs.promotions.snapshots import FrozenProgram
from programs.rules import Needs
from programs.rules.compile import RuleSet
from programs.rules.context import Context, Event, HistoryPurchase
from programs.rules.dates import local
from programs.rules.metrics import crosses
from programs.rules.rule import Rule
from programs.rules.state import State

TRIGGER = "metric_crossed"


def crossed(purchases: Sequence[tuple[int, int, datetime]], frozen: FrozenProgram) -> list[Occasion]:
    """An occasion for each rule and purchase (id, member, instant) with which the rule's measure crosses its threshold.

    The purchases are written: the history is read with them.
    """
    waiting = [(key, member, at, rules) for key, member, at in purchases if (rules := _rules(frozen.at(at)[0]))]
    if not waiting:
        return []
    states = state.load(
        {member for _key, member, _at, _rules in waiting}, frozen, earliest=min(one[2] for one in waiting)
    )
    asked = [history.Asking(member) for _key, member, _at, _rules in waiting]
    wants = [_needs(rules, local(at, frozen.zone).date()) for _key, _member, at, rules in waiting]
    history.load(states, asked, wants, frozen)
    found = []
    for key, member, at, rules in waiting:
        moved = {rule.id for rule in rules if _crosses(rule, states[member], at, frozen)}
        if moved:
            found += [
                Occasion(f"metric:{code}:{key}", TRIGGER, member, at + JUST_AFTER, {}, frozenset({code}))
                for code in sorted(moved)
            ]
    return found


def _rules(ruleset: RuleSet) -> Sequence[Rule]:
    waiting = ruleset.triggers.get(TRIGGER)
    return waiting.rules if waiting is not None else ()


def _needs(rules: Sequence[Rule], today: date) -> Needs:
    starts = [rule.metric.first_date(today) for rule in rules if rule.metric is not None]
    known = [start for start in starts if start is not None]
    return Needs(
        history_from=min(known, default=None) if len(known) == len(starts) else None,
        all_history=len(known) < len(starts),
    )


def _crosses(rule: Rule, member: MemberState, at: datetime, frozen: FrozenProgram) -> bool:
    def view(purchases: Sequence[HistoryPurchase]) -> State:
        event = Event(at=at + JUST_AFTER, type=TRIGGER)
        context = Context(member=member.view(frozen, at), event=event, trigger=TRIGGER, history=purchases)
        ruleset, _rules = frozen.at(at)
        return State(context, ruleset.settings, ruleset.filters)

    after = [one for one in member.history if one.at <= at]
    return crosses(rule, view([one for one in after if one.at < at]), view(after))
