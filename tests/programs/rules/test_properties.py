"""Properties over random rules, baskets and returns."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.rules import Context, Line, MemberView, ProgramSettings, Purchase, RuleSet, evaluate, judge_return
from programs.rules.money import largest_remainder, spread_points_payment
from programs.rules.returns import granted_amounts
from tests.programs.rules.builders import compare_to, earn, fixed, in_category, rate, rule, times

pytestmark = pytest.mark.pure

CATEGORIES = ("a", "b", "c")
SETTINGS = ProgramSettings(groups={"g": "best", "f": "first"})
filters = st.none() | st.sampled_from(CATEGORIES).map(in_category)
conditions = (
    st.none()
    | st.integers(1, 120).map(lambda amount: compare_to("txn.amount", "gte", f"{amount}.00"))
    | st.integers(1, 120).map(lambda amount: compare_to("txn.amount", "lt", f"{amount}.00"))
    | st.sampled_from(CATEGORIES).map(
        lambda code: {"op": "lines", "where": in_category(code), "measure": "units", "cmp": "gte", "value": 2}
    )
    | st.just(compare_to("member.nothing", "eq", "x"))
)
formulas = (
    st.integers(1, 40).map(lambda points: fixed(str(points)))
    | st.tuples(st.integers(1, 5), st.sampled_from(["7.00", "10.00", "3.33"])).map(
        lambda one: rate(str(one[0]), one[1])
    )
    | st.sampled_from(["10.00", "1.50"]).map(lambda per: rate("1", per, step="proportional"))
    | st.integers(1, 4).map(lambda points: {"kind": "per_unit", "points": str(points)})
)
multipliers = st.sampled_from(["1.5", "2", "3"]).map(times)


@st.composite
def limits(draw, rule_id):
    if not draw(st.booleans()):
        return {}
    overflow = draw(st.sampled_from(["partial", "all_or_nothing"]))
    limit = {"id": f"L-{rule_id}", "scope": "member", "measure": "points", "max": str(draw(st.integers(0, 60)))}
    return {"limits": [{**limit, "overflow": overflow}]}


@st.composite
def rules(draw):
    found = []
    for number in range(draw(st.integers(1, 7))):
        is_base = draw(st.booleans())
        kind = draw(st.sampled_from(["points", "points", "points", "discount"]))
        if kind == "discount" and not is_base:
            effect = {"effect": "discount", "percent": str(draw(st.integers(1, 60)))}
        else:
            effect = earn(draw(formulas if is_base else formulas | multipliers))
        where = draw(filters)
        if where is not None:
            effect["where"] = where
        frame = {"priority": draw(st.integers(1, 3)), **draw(limits(f"R{number}"))}
        when = draw(conditions)
        if when is not None:
            frame["when"] = when
        if is_base:
            frame["phase"] = "base"
        else:
            group = draw(st.sampled_from([None, None, "g", "f"]))
            # A group holds one kind.
            if group is not None:
                frame["group"] = f"{group}d" if effect["effect"] == "discount" else group
            if draw(st.integers(0, 9)) == 0:
                frame["exclusive"] = True
        found.append(rule(f"R{number}", effect, **frame))
    return found


@st.composite
def purchases(draw):
    lines = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        qty = draw(st.integers(1, 4))
        list_amount = draw(st.integers(0, 3000)) * qty
        discount = draw(st.integers(0, list_amount))
        categories = tuple(draw(st.sets(st.sampled_from(CATEGORIES))))
        lines.append(
            Line(
                str(number),
                number,
                categories=categories,
                qty=Decimal(qty),
                paid=list_amount - discount,
                list_amount=list_amount,
            )
        )
    return Purchase(at=datetime(2026, 12, 4, 12, tzinfo=UTC), lines=tuple(lines))


def context_of(purchase):
    return Context(member=MemberView("m"), purchase=purchase)


@given(rules(), purchases(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_rules_does_not_matter(documents, purchase, random):
    shuffled = list(documents)
    random.shuffle(shuffled)
    assert evaluate(RuleSet.build(documents, SETTINGS), context_of(purchase)) == evaluate(
        RuleSet.build(shuffled, SETTINGS), context_of(purchase)
    )


@given(rules(), purchases())
@settings(max_examples=150, deadline=None)
def test_removing_a_rule_that_was_not_applied_changes_no_grant(documents, purchase):
    """A winner of exclusivity or of a group is applied; whoever is not can go without a trace."""
    outcome = evaluate(RuleSet.build(documents, SETTINGS), context_of(purchase))
    for rule_id in outcome.not_applied:
        rest = [document for document in documents if document["id"] != rule_id]
        without = evaluate(RuleSet.build(rest, SETTINGS), context_of(purchase))
        assert (without.grants, without.discounts, without.limit_uses) == (
            outcome.grants,
            outcome.discounts,
            outcome.limit_uses,
        )


@given(rules(), purchases())
@settings(max_examples=200, deadline=None)
def test_what_is_left_without_a_rule_is_what_the_others_give(documents, purchase):
    ruleset = RuleSet.build(documents, SETTINGS)
    outcome = evaluate(ruleset, context_of(purchase))
    for one in (one for one in ruleset.rules if one.id in outcome.applied):
        left = outcome.without(one)
        if left is not None:
            rest = [document for document in documents if document["id"] != one.id]
            assert left == evaluate(RuleSet.build(rest, SETTINGS), context_of(purchase))


def test_a_rule_that_only_adds_can_be_taken_away_and_others_cannot():
    documents = [
        rule("BASE", earn(fixed("10")), phase="base"),
        rule("MORE", earn(fixed("5"))),
        rule("ONE", earn(fixed("3")), group="g"),
    ]
    ruleset = RuleSet.build(documents, SETTINGS)
    bought = Purchase(at=datetime(2026, 12, 4, 12, tzinfo=UTC), lines=(Line("1", 1, paid=100, list_amount=100),))
    outcome = evaluate(ruleset, context_of(bought))
    left = {one.id: outcome.without(one) for one in ruleset.rules}
    assert left["BASE"] is left["ONE"] is None
    assert (left["MORE"].points, left["MORE"].applied) == ({"POINTS": 13}, ("BASE", "ONE"))


@given(rules(), purchases())
@settings(max_examples=100, deadline=None)
def test_trace_and_index_change_no_grant(documents, purchase):
    traced = evaluate(RuleSet.build(documents, SETTINGS, use_index=False), context_of(purchase))
    plain = evaluate(RuleSet.build(documents, SETTINGS), context_of(purchase), trace=False)
    assert (traced.grants, traced.discounts, traced.limit_uses) == (plain.grants, plain.discounts, plain.limit_uses)


@given(rules(), purchases())
@settings(max_examples=100, deadline=None)
def test_nothing_returned_reverses_nothing(documents, purchase):
    ruleset = RuleSet.build(documents, SETTINGS)
    granted_before = granted_amounts(evaluate(ruleset, context_of(purchase)))
    found = judge_return(ruleset, context_of(purchase), granted_before, {})
    assert found.amounts == {}
    assert found.outcome is None or granted_amounts(found.outcome) == granted_before


@given(rules(), purchases(), st.sampled_from(["recompute", "proportional"]), st.data())
@settings(max_examples=150, deadline=None)
def test_all_units_returned_in_any_order_reverse_everything(documents, purchase, mode, data):
    ruleset = RuleSet.build(documents, SETTINGS)
    context = context_of(purchase)
    granted_before = granted_amounts(evaluate(ruleset, context))
    units = [line.line_id for line in purchase.lines for _ in range(int(line.qty))]
    returned: dict[str, Decimal] = {}
    done: dict = {}
    total: dict = {}
    for line_id in data.draw(st.permutations(units)):
        returned[line_id] = returned.get(line_id, Decimal(0)) + 1
        found = judge_return(ruleset, context, granted_before, returned, mode, already_reversed=done)
        assert all(amount > 0 for amount in found.amounts.values())
        for key, amount in found.amounts.items():
            total[key] = total.get(key, 0) + amount
            assert total[key] <= granted_before[key]
        done = dict(found.so_far)
    assert total == {key: amount for key, amount in granted_before.items() if amount}


@given(rules(), purchases())
@settings(max_examples=100, deadline=None)
def test_what_lines_show_adds_up_to_what_was_granted(documents, purchase):
    outcome = evaluate(RuleSet.build(documents, SETTINGS), context_of(purchase))
    assert sum(line.discount for line in outcome.lines) == outcome.discount
    assert all(0 <= shown.discount <= line.paid for shown, line in zip(outcome.lines, purchase.lines, strict=True))
    for grant in outcome.grants:
        assert sum(share for _, share in grant.lines) == grant.amount
        assert 0 < grant.amount <= grant.wanted
    on_lines = sum(sum(part.values()) for line in outcome.lines for part in (line.base, line.bonus))
    assert on_lines == sum(outcome.points.values())


@given(st.integers(0, 10_000), st.lists(st.integers(0, 5000), min_size=1, max_size=12))
@settings(deadline=None)
def test_a_spread_adds_up_and_is_within_one_of_the_exact_share(total, weights):
    shares = largest_remainder(total, weights)
    assert sum(shares) == total
    if sum(weights):
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share * sum(weights) - total * weight) < sum(weights)


@given(purchases(), st.data())
@settings(deadline=None)
def test_points_paid_never_exceed_what_was_paid_for_a_line(purchase, data):
    amount = sum(line.paid for line in purchase.lines)
    lines = spread_points_payment(purchase.lines, data.draw(st.integers(0, amount)))
    assert all(0 <= line.points_paid <= line.paid for line in lines)
