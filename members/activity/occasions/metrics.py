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
from programs.rules.needs import SumNeed
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
    asked = [one for _key, member, at, _rules in waiting for one in _asking(member, at)]
    wants = [
        want
        for _key, _member, at, rules in waiting
        for want in [_needs(rules, local(at + JUST_AFTER, frozen.zone).date())] * 2
    ]
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


def _asking(member_id: int, at: datetime) -> tuple[history.Asking, history.Asking]:
    """What there was without the purchase, and with it."""
    return history.Asking(member_id, at + JUST_AFTER, until=at), history.Asking(member_id, at + JUST_AFTER)


def _needs(rules: Sequence[Rule], today: date) -> Needs:
    asked = [(rule.metric, rule.metric.first_date(today)) for rule in rules if rule.metric is not None]
    starts = [first for spec, first in asked if not spec.is_summed]
    known = [first for first in starts if first is not None]
    return Needs(
        history_from=min(known, default=None) if len(known) == len(starts) else None,
        all_history=len(known) < len(starts),
        sums=tuple(SumNeed(spec, first) for spec, first in asked if spec.is_summed),
    )


def _crosses(rule: Rule, member: MemberState, at: datetime, frozen: FrozenProgram) -> bool:
    ruleset, _rules = frozen.at(at)
    assert rule.metric is not None, "a rule that waits for a measure names it"
    want = _needs([rule], local(at + JUST_AFTER, frozen.zone).date())

    def view(asking: history.Asking, purchases: Sequence[HistoryPurchase]) -> State:
        context = Context(
            member=member.view(frozen, at), event=Event(at=asking.at, type=TRIGGER), trigger=TRIGGER, history=purchases,
            history_values=history.values(member, asking, want, ruleset),
        )  # fmt: skip
        return State(context, ruleset.settings, ruleset.filters)

    without, together = _asking(member.member_id, at)
    return crosses(
        rule,
        view(without, [one for one in member.loaded if one.at < at]),
        view(together, history.before(member, together.at)),
    )
