"""One purchase judged with a draft and without it: the same evaluation as at the till, nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from members.activity import decision, telling, why
from members.activity.explained import AppliedRule
from members.whatif import tree
from members.whatif.rulesets import Contest
from members.whatif.tree import Branch, Words
from programs.promotions import naming, sentence
from programs.rules import Context, Outcome, evaluate
from programs.rules.state import State


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a draft does to one purchase. Points are smallest units by type, money minor units.

    :param gives: points of the draft itself.
    :param why: the sentence of why it gave or did not give.
    :param others: the other rules that gave something, with the draft in force.
    :param change: points with the draft less points without it, by type; ``discount_change`` likewise.
    """

    applies: bool
    why: str
    gives: Mapping[str, int]
    discount: int
    others: Sequence[AppliedRule]
    points: Mapping[str, int]
    before: Mapping[str, int]
    change: Mapping[str, int]
    discount_change: int
    branches: Sequence[Branch]


def judge(contest: Contest, context: Context, *, shows_personal: bool) -> Verdict:
    """Judge a purchase by the live rules with the draft, and by the live rules alone."""
    without = evaluate(contest.live, context, trace=False)
    outcome = evaluate(contest.drafted, context)
    rule = contest.drafted.rule(contest.code)
    assert rule is not None, "the draft is one of the rules"
    state = State(context, contest.drafted.settings, contest.drafted.filters)
    if not rule.has_price and contest.settings.earn_on == "after_loyalty_discounts" and outcome.discounts:
        state = state.lowered(_by_position(outcome, state))
    with naming.naming(naming.Names()):
        words = Words(sentence.names_for([rule.document]), contest.settings, shows_personal)
        document = _document(outcome, contest, shows_personal=shows_personal)
        applied = telling.applied_rules(document, contest.rules, contest.frozen)
        entry = next((one for one in document["explanation"] if one["rule"] == contest.code), None)
        said = _said(entry, contest)
        branches = tree.grown(rule, state, words)
    own = next((one for one in applied if one.rule == contest.code), None)
    kinds = [*outcome.points, *(kind for kind in without.points if kind not in outcome.points)]
    changes = {kind: outcome.points.get(kind, 0) - without.points.get(kind, 0) for kind in kinds}
    return Verdict(
        applies=contest.code in outcome.applied,
        why=said,
        gives=own.points if own else {},
        discount=sum(one.amount for one in outcome.discounts if one.rule == contest.code),
        others=[one for one in applied if one.rule != contest.code],
        points=outcome.points,
        before=without.points,
        change={kind: units for kind, units in changes.items() if units},
        discount_change=outcome.discount - without.discount,
        branches=branches,
    )


def _document(outcome: Outcome, contest: Contest, *, shows_personal: bool) -> dict[str, Any]:
    document = decision.outcome_document(outcome, {}, contest.rules)
    if shows_personal:
        document["explanation"] = list(outcome.explanation)
    return document


def _said(entry: Mapping[str, Any] | None, contest: Contest) -> str:
    if entry is None:
        return ""
    if entry["status"] == "applied":
        return why.applied(entry, contest.rules, contest.settings)
    return why.not_applied(entry, contest.rules, contest.settings) if entry["status"] == "not_applied" else ""


def _by_position(outcome: Outcome, state: State) -> dict[int, int]:
    places = {line.line_id: position for position, line in enumerate(state.lines)}
    found: dict[int, int] = {}
    for grant in outcome.discounts:
        for line_id, amount in grant.lines:
            found[places[line_id]] = found.get(places[line_id], 0) + amount
    return found
