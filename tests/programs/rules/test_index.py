"""The index leaves out only rules that cannot apply: with it and without it everybody gets the same, for the same reason."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.rules import Context, Line, MemberView, ProgramSettings, Purchase, RuleSet, evaluate, freeze, thaw
from tests.programs.rules.builders import compare_to, earn, fixed, in_category, rate, rule, times

pytestmark = pytest.mark.pure

SETTINGS = ProgramSettings(groups={"g": "best"})
CODES = ("a", "b", "c")
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
code = st.sampled_from(CODES)
some = st.lists(code, min_size=1, max_size=2, unique=True)
hours = st.integers(0, 24).map(lambda hour: f"{hour:02d}:00") | st.sampled_from(["06:30", "22:15"])
windows = st.lists(st.tuples(hours, hours).filter(lambda two: two[0] not in (two[1], "24:00")).map(list), max_size=2)


@st.composite
def schedules(draw):
    schedule = {}
    if draw(st.booleans()):
        schedule["weekdays"] = sorted(draw(st.sets(st.integers(1, 7), min_size=1)))
    if found := draw(windows):
        schedule["times"] = found
    if draw(st.integers(0, 4)) == 0:
        schedule["from"] = f"2026-12-{draw(st.integers(1, 4)):02d}"
    if draw(st.integers(0, 4)) == 0:
        schedule["to"] = f"2026-12-{draw(st.integers(2, 7)):02d}T12:30:00+01:00"
    if draw(st.integers(0, 4)) == 0:
        schedule["blackout"] = ["2026-12-03", "12-05"]
    if draw(st.integers(0, 4)) == 0:
        schedule["month_days"] = [1, 3, -27]
    return schedule or {"weekdays": [1, 2, 3]}


filters = (
    some.map(lambda codes: in_category(*codes))
    | some.map(lambda codes: compare_to("line.sku", "in", codes))
    | code.map(lambda one: compare_to("line.brand", "eq", one))
    | some.map(lambda codes: compare_to("line.categories", "contains_all", codes))
    | some.map(lambda codes: compare_to("line.sku", "not_in", codes))
    | st.tuples(code, code).map(
        lambda two: {"op": "all", "of": [in_category(two[0]), compare_to("line.product", "eq", two[1])]}
    )
)
leaves = (
    filters.map(lambda where: {"op": "lines", "where": where, "measure": "lines", "cmp": "gte", "value": 1})
    | filters.map(lambda where: {"op": "lines", "where": where, "measure": "units", "cmp": "gte", "value": 2})
    | filters.map(lambda where: {"op": "lines", "where": where, "measure": "lines", "cmp": "eq", "value": 0})
    | filters.map(lambda where: {"op": "every_line", "where": where})
    | some.map(lambda codes: compare_to("txn.channel", "in", codes))
    | code.map(lambda one: compare_to("txn.store", "eq", one))
    | some.map(lambda codes: compare_to("txn.coupons", "contains_all", codes))
    | code.map(lambda one: compare_to("member.tier", "eq", one))
    | code.map(lambda one: compare_to("member.tier", "gte", one))
    | some.map(lambda codes: compare_to("member.segments", "overlaps", codes))
    | code.map(lambda one: {"op": "in_segment", "segment": one})
    | schedules().map(lambda schedule: {"op": "during", "schedule": schedule})
    | st.integers(1, 60).map(lambda amount: compare_to("txn.amount", "gte", str(amount)))
)
conditions = st.recursive(
    leaves,
    lambda inner: st.tuples(
        st.sampled_from(["all", "all", "any", "none"]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda pair: {"op": pair[0], "of": pair[1]}),
    max_leaves=4,
)
formulas = st.sampled_from(
    [fixed("7"), rate("1", "5.00"), {"kind": "per_unit", "points": "2"}, times("2"), times("1.5")]
)


@st.composite
def rules(draw):
    found = []
    for number in range(draw(st.integers(1, 12))):
        effect = earn(draw(formulas))
        if draw(st.booleans()):
            effect["where"] = draw(filters)
        frame = {"priority": draw(st.integers(1, 3))}
        for name in ("audience", "when"):
            if draw(st.booleans()):
                frame[name] = draw(conditions)
        if draw(st.integers(0, 2)) == 0:
            frame["schedule"] = draw(schedules())
        if "when" in frame and draw(st.integers(0, 3)) == 0:
            frame["else"] = [{"effect": "print", "text": {"en": "more"}}]
        if draw(st.integers(0, 3)) == 0:
            frame["group"] = "g"
        if number == 0:
            frame, effect = {"phase": "base"}, earn(rate())
        found.append(rule(f"R{number:02d}", effect, **frame))
    return found


@st.composite
def contexts(draw):
    lines = tuple(
        Line(
            str(number), number, sku=draw(st.none() | code), product=draw(st.none() | code), brand=draw(code),
            categories=tuple(draw(st.sets(code))), qty=Decimal(draw(st.integers(1, 3))), paid=draw(st.integers(0, 3000)),
        )
        for number in range(1, draw(st.integers(1, 5)) + 1)
    )  # fmt: skip
    purchase = Purchase(
        at=MONDAY + timedelta(minutes=15 * draw(st.integers(0, 4 * 24 * 9))),
        lines=lines,
        channel=draw(st.none() | code),
        store=draw(st.none() | code),
        store_tz=draw(st.sampled_from([None, "Asia/Kolkata", "America/New_York"])),
        coupons=tuple(sorted(draw(st.sets(code)))),
    )
    ranks = {"a": 0, "b": 1, "c": 2}
    member = MemberView("m", draw(st.none() | code), ranks, frozenset(draw(st.sets(code))))
    return Context(member=member, purchase=purchase)


@given(rules(), contexts())
@settings(max_examples=300, deadline=None)
def test_with_and_without_the_index_everything_is_the_same(documents, context):
    indexed = evaluate(RuleSet.build(documents, SETTINGS), context)
    plain = evaluate(RuleSet.build(documents, SETTINGS, use_index=False), context)
    assert indexed.grants == plain.grants
    assert indexed.not_applied == plain.not_applied
    assert indexed.lines == plain.lines
    assert sorted(indexed.effects, key=repr) == sorted(plain.effects, key=repr)
    assert indexed.explanation == plain.explanation


@given(rules(), contexts())
@settings(max_examples=150, deadline=None)
def test_a_frozen_context_gives_the_same(documents, context):
    ruleset = RuleSet.build(documents, SETTINGS)
    before, after = (
        evaluate(ruleset, context, trace=False),
        evaluate(ruleset, thaw(freeze(ruleset, context)), trace=False),
    )
    assert (before.grants, before.effects, before.lines) == (after.grants, after.effects, after.lines)


def test_what_an_else_says_needs_no_trace():
    ruleset = RuleSet.build(
        [rule("R", earn(fixed("1")), when=compare_to("txn.channel", "eq", "web"), **{"else": [{"effect": "print",
          "text": {"en": "Order in the shop"}}]})],
        SETTINGS,
    )  # fmt: skip
    purchase = Purchase(at=MONDAY, lines=(Line("1", 1, paid=100),), channel="app")
    for trace in (False, True):
        outcome = evaluate(ruleset, Context(purchase=purchase), trace=trace)
        assert [(one.rule, one.branch) for one in outcome.effects] == [("R", "else")]


def test_a_rule_left_out_is_explained_without_its_history():
    """Nobody has fetched the history of a rule whose category is not in the basket."""
    history = {"op": "history", "measure": "purchases", "cmp": "gte", "value": 3}
    has_line = {"op": "lines", "where": in_category("a"), "measure": "lines", "cmp": "gte", "value": 1}
    ruleset = RuleSet.build([rule("R", earn(fixed("1")), when={"op": "all", "of": [history, has_line]})], SETTINGS)
    outcome = evaluate(ruleset, Context(purchase=Purchase(at=MONDAY, lines=(Line("1", 1, paid=100),))))
    (entry,) = outcome.explanation
    assert outcome.not_applied == {"R": "when_false"}
    assert (entry["leaf"]["path"], entry["leaf"]["actual"]) == ("/when/of/1", 0)
