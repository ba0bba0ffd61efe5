"""The promotions that run now and are open to a member."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from members.activity import eligibility, history, periods, state
from members.activity.state import MemberState
from programs.promotions import sentence, snapshots
from programs.promotions.models import LimitCounter
from programs.promotions.snapshots import FrozenProgram, FrozenRule
from programs.rules import Context, Needs, Purchase
from programs.rules.compile import RuleSet
from programs.rules.dates import local
from programs.rules.holdout import is_held_out
from programs.rules.needs import SumNeed
from programs.rules.rule import Rule
from programs.rules.state import State

OWN_SCOPES = frozenset({"member", "recipient", "account", "household"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion open to a member: ``ends_at`` is empty without an end, ``remaining_uses`` without a limit of uses."""

    version_id: int
    code: str
    name: Mapping[str, str]
    text: str
    starts_at: datetime | None
    ends_at: datetime | None
    remaining_uses: int | None

    @property
    def place(self) -> tuple[bool, float, int]:
        """The order of offers: the first to end first."""
        return self.ends_at is None, self.ends_at.timestamp() if self.ends_at else 0.0, self.version_id


def offers(member_id: int, *, at: datetime) -> list[Offer]:
    """What runs at ``at`` and is not closed to the member by their own data; the first to end first.

    Conditions on the basket are unknown and close nothing. Who is in a promotion's control group is not offered it.
    """
    frozen = snapshots.present()
    ruleset, rules = frozen.at(at)
    states = state.load([member_id], frozen, earliest=at)
    member = states[member_id]
    if not member.is_active:
        return []
    asked = Purchase(at=at)
    wants, asking = _needs(ruleset, frozen, at), history.Asking(member_id, at)
    history.load(states, [asking], [wants], frozen)
    context = Context(
        member=member.view(frozen, at),
        purchase=asked,
        history=history.before(member, at),
        events=history.events_of([member_id], wants.events).get(member_id, ()),
        purchases_before=history.count_before(member, at) if wants.purchase_count else None,
        history_values=history.values(member, asking, wants, ruleset),
    )
    view = State(context, ruleset.settings, ruleset.filters)
    open_rules = [rule for rule in ruleset.rules if rules[rule.id].version_id is not None and _is_open(rule, view)]
    used = _used(open_rules, view, member, local(at, frozen.zone).date())
    names = sentence.names_for([rules[rule.id].document for rule in open_rules])
    found = [_offer(rule, rules[rule.id], names, used) for rule in open_rules]
    return sorted(found, key=lambda one: one.place)


def _is_open(rule: Rule, view: State) -> bool:
    if rule.holdout is not None and is_held_out(rule.holdout, view.context.member):
        return False
    return eligibility.holds(rule.audience, view) is not False and eligibility.holds(rule.when, view) is not False


def _needs(ruleset: RuleSet, frozen: FrozenProgram, at: datetime) -> Needs:
    """How far back the rules look, all of them together."""
    today = local(at, frozen.zone).date()
    asked = [
        (spec, spec.first_date(today, rule.reads.streak_limits.get(spec.key)))
        for rule in ruleset.rules
        for spec in rule.reads.history.values()
    ]
    of_purchases = [(spec, first) for spec, first in asked if spec.measure != "events" and not spec.is_summed]
    known = [first for _spec, first in of_purchases if first is not None]
    return Needs(
        history_from=min(known, default=None) if len(known) == len(of_purchases) else None,
        all_history=len(known) < len(of_purchases),
        points=frozenset(spec.point_type for spec, _first in of_purchases if spec.measure == "points"),
        sums=tuple(SumNeed(spec, first) for spec, first in asked if spec.is_summed),
        purchase_count=any(rule.reads.purchase_count for rule in ruleset.rules),
        events=frozenset(spec.event or "" for spec, _first in asked if spec.measure == "events"),
    )


def _used(rules: Sequence[Rule], view: State, member: MemberState, day: date) -> dict[str, int | None]:
    """By rule: how many uses the member's own limits leave; nothing where none of them counts uses."""
    limits = [
        (rule.id, limit.maximum, _counters(limit.use(view, 0, None), member, day))
        for rule in rules
        for limit in rule.limits
        if limit.measure == "uses" and limit.scope in OWN_SCOPES
    ]
    keys = {key for _rule, _most, counters in limits for key in counters}
    counted: dict[periods.CounterKey, int] = {}
    if keys:
        rows = LimitCounter.objects.filter(
            scope_key__in={key[1] for key in keys}, period_key__in={key[2] for key in keys}
        ).values_list("limit", "scope_key", "period_key")
        counted = {(row[0], row[1], row[2]): int(row[3]) for row in rows.annotate(total=Sum("used"))}
    left: dict[str, int | None] = {}
    for rule, most, counters in limits:
        remaining = max(0, most - sum(counted.get(key, 0) for key in counters))
        before = left.get(rule)
        left[rule] = remaining if before is None else min(before, remaining)
    return left


def _counters(use: Any, member: MemberState, day: date) -> list[periods.CounterKey]:
    return periods.read_counters(use, day, member_id=member.member_id, account_id=member.account_id)


def _offer(rule: Rule, frozen_rule: FrozenRule, names: sentence.Names, left: Mapping[str, int | None]) -> Offer:
    assert frozen_rule.version_id is not None
    return Offer(
        version_id=frozen_rule.version_id,
        code=rule.id,
        name=frozen_rule.name,
        text=sentence.text_of(sentence.sentence(frozen_rule.document, names)),
        starts_at=frozen_rule.starts_at,
        ends_at=frozen_rule.ends_at,
        remaining_uses=left.get(rule.id),
    )
