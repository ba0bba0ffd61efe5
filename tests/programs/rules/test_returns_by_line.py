"""Returns of lines that lose their points each in its own way."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.rules import ByLine, Line, Purchase, RuleSet, evaluate, judge_return
from programs.rules.returns import DISCOUNT, granted_amounts
from tests.programs.rules.builders import earn, fixed, rule
from tests.programs.rules.test_properties import SETTINGS, context_of, purchases, rules

pytestmark = pytest.mark.pure


def parts_of(outcome):
    """What each grant gave for which line."""
    found = {}
    for one in outcome.grants:
        key = (one.rule, one.effect_index, one.point_type)
        for line_id, amount in one.lines:
            of_key = found.setdefault(key, {})
            of_key[line_id] = of_key.get(line_id, 0) + amount
    for one in outcome.discounts:
        for line_id, amount in one.lines:
            of_key = found.setdefault((one.rule, one.effect_index, DISCOUNT), {})
            of_key[line_id] = of_key.get(line_id, 0) + amount
    return found


def modes_of(data, purchase, *modes):
    return {line.line_id: data.draw(st.sampled_from(modes)) for line in purchase.lines}


def units_of(data, purchase):
    return data.draw(st.permutations([line.line_id for line in purchase.lines for _ in range(int(line.qty))]))


def steps(documents, purchase, by_line_of, order):
    """Units come back one after the other; what each step took, and what was granted before."""
    ruleset = RuleSet.build(documents, SETTINGS)
    context = context_of(purchase)
    outcome = evaluate(ruleset, context)
    granted, by_line = granted_amounts(outcome), by_line_of(parts_of(outcome))
    returned, done, found = {}, {}, []
    for line_id in order:
        returned[line_id] = returned.get(line_id, Decimal(0)) + 1
        one = judge_return(ruleset, context, granted, returned, by_line=by_line, already_reversed=done)
        done = dict(one.so_far)
        found.append(one)
    return found, granted


def total_of(found):
    total = {}
    for one in found:
        for key, amount in one.amounts.items():
            assert amount > 0
            total[key] = total.get(key, 0) + amount
    return total


@given(rules(), purchases(), st.data())
@settings(max_examples=100, deadline=None)
def test_lines_that_recompute_are_judged_as_if_there_were_no_terms(documents, purchase, data):
    order = units_of(data, purchase)
    named = {line.line_id: "recompute" for line in purchase.lines}

    with_terms, _granted = steps(documents, purchase, lambda parts: ByLine(named, parts), order)
    without, _granted = steps(documents, purchase, lambda _parts: None, order)

    assert [(one.amounts, one.so_far, one.kept, one.withdrawn) for one in with_terms] == [
        (one.amounts, one.so_far, one.kept, one.withdrawn) for one in without
    ]


@given(rules(), purchases(), st.data())
@settings(max_examples=150, deadline=None)
def test_where_no_line_keeps_its_points_all_units_returned_in_any_order_reverse_everything(documents, purchase, data):
    modes = modes_of(data, purchase, "recompute", "proportional")

    found, granted = steps(documents, purchase, lambda parts: ByLine(modes, parts), units_of(data, purchase))

    assert total_of(found) == {key: amount for key, amount in granted.items() if amount}


@given(rules(), purchases(), st.data())
@settings(max_examples=150, deadline=None)
def test_no_more_is_taken_back_than_was_granted_and_money_off_always_whole(documents, purchase, data):
    modes = modes_of(data, purchase, "recompute", "proportional", "keep")

    found, granted = steps(documents, purchase, lambda parts: ByLine(modes, parts), units_of(data, purchase))

    total = total_of(found)
    assert all(amount <= granted[key] for key, amount in total.items())
    for key, amount in granted.items():
        if key[2] == DISCOUNT and amount:
            assert total[key] == amount


@given(rules(), purchases(), st.data())
@settings(max_examples=100, deadline=None)
def test_lines_that_keep_their_points_lose_none(documents, purchase, data):
    modes = {line.line_id: "keep" for line in purchase.lines}

    found, _granted = steps(documents, purchase, lambda parts: ByLine(modes, parts), units_of(data, purchase))

    assert [key for key in total_of(found) if key[2] != DISCOUNT] == []


def test_a_rule_of_its_own_mind_is_heard_before_the_lines():
    documents = [rule("OWN", earn(fixed("10")), on_return="proportional"), rule("OTHER", earn(fixed("7")))]
    lines = tuple(
        Line(str(number), number, qty=Decimal(1), paid=paid, list_amount=paid)
        for number, paid in enumerate((3000, 7000), start=1)
    )
    context = context_of(Purchase(at=datetime(2026, 12, 4, 12, tzinfo=UTC), lines=lines))
    ruleset = RuleSet.build(documents, SETTINGS)
    outcome = evaluate(ruleset, context)
    keeping = ByLine({"1": "keep", "2": "keep"}, parts_of(outcome))

    found = judge_return(ruleset, context, granted_amounts(outcome), {"1": Decimal(1)}, by_line=keeping)

    assert {key[0]: amount for key, amount in found.amounts.items()} == {"OWN": 3}
