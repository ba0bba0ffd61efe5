"""What candidates read, and a context reduced to it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from programs.rules import (
    Context,
    HistoryPurchase,
    Line,
    MemberView,
    ProgramSettings,
    Purchase,
    RuleSet,
    bucket_of,
    evaluate,
    freeze,
    judge_return,
    needs,
    thaw,
)
from programs.rules.returns import granted_amounts
from tests.programs.rules.builders import base, compare_to, earn, fixed, in_category, rate, rule, times

pytestmark = pytest.mark.pure

MEMBER = MemberView(
    id="m-1", tier="gold", segments=frozenset({"a", "b"}), attributes={"consent": {"email": True}, "x": 1}
)
LINES = (
    Line("1", 1, sku="S1", categories=("coffee", "drinks"), qty=Decimal(3), paid=3000, list_amount=3000),
    Line("2", 2, sku="S2", categories=("tea",), paid=2500, list_amount=2500, attributes={"shelf": "low", "note": "n"}),
)
PURCHASE = Purchase(at=datetime(2026, 12, 4, 16, 30, tzinfo=UTC), lines=LINES, channel="web", store="S", partner="P")


def build(*rules):
    return RuleSet.build(rules, ProgramSettings())


def spent(window, **fields):
    return {"op": "history", "measure": "amount", "cmp": "gte", "value": "10.00", "window": window, **fields}


class TestNeeds:
    def test_nothing_is_needed_when_no_candidate_reads_history(self):
        elsewhere = rule(
            "R", earn(fixed("1")), audience=spent({"last_days": 30}), when=compare_to("txn.store", "eq", "T")
        )
        found = needs(build(base(), elsewhere), PURCHASE, MEMBER)
        assert found.is_empty
        assert found.rules == ("BASE",)

    def test_the_longest_window_of_the_candidates(self):
        rules = [
            rule("A", earn(fixed("1")), audience=spent({"last_days": 30})),
            rule("B", earn(fixed("1")), when=spent({"last_days": 5}, where=in_category("tea"))),
        ]
        found = needs(build(*rules), PURCHASE, MEMBER)
        assert (found.history_from, found.all_history, found.lines) == (date(2026, 11, 5), False, True)

    def test_tables_and_free_units_read_history_as_well(self):
        position = {"measure": "units", "where": in_category("coffee"), "window": {"since": "2026-12-01"}}
        found = needs(build(rule("N", {"effect": "nth_free", "n": 3, "position": position})), PURCHASE, MEMBER)
        assert (found.history_from, found.lines) == (date(2026, 12, 1), True)

    def test_counts_and_the_last_purchase_need_no_lines(self):
        rules = [
            rule("A", earn(fixed("1")), when={"op": "purchase_number", "every": 3}),
            rule(
                "B", earn(fixed("1")), when={"op": "history", "measure": "days_since_last", "cmp": "gte", "value": 30}
            ),
        ]
        found = needs(build(*rules), PURCHASE, MEMBER)
        assert (found.purchase_count, found.last_purchase, found.lines, found.all_history) == (True, True, False, False)

    def test_a_streak_reads_only_as_far_back_as_it_compares(self):
        """D is in the week of 30 November; 3 weeks need the week of 9 November at the earliest, and one more."""
        streak = {"op": "streak_weeks", "cmp": "gte", "value": 3}
        found = needs(build(rule("A", earn(fixed("1")), when=streak)), PURCHASE, MEMBER)
        assert found.history_from == date(2026, 11, 2)

    def test_sums_for_whoever_takes_them_and_purchases_where_sums_do_not_tell(self):
        streaks = [{"op": "streak_weeks", "cmp": "gte", "value": value} for value in (3, 5)]
        rules = [
            rule("A", earn(fixed("1")), audience=spent({"last_days": 30})),
            rule("B", earn(fixed("1")), when=spent({"last_days": 5}, where=in_category("tea"))),
            rule("C", earn(fixed("1")), when={"op": "any", "of": streaks}),
            rule(
                "D", earn(fixed("1")), when={"op": "history", "measure": "days_since_last", "cmp": "gte", "value": 30}
            ),
        ]
        told = needs(build(*rules), PURCHASE, MEMBER, takes_sums=True)
        assert [(one.spec.measure, one.spec.field, one.first) for one in told.sums] == [
            ("amount", None, date(2026, 11, 5)),
            ("amount", "categories", date(2026, 11, 30)),
            ("streak", None, date(2026, 10, 19)),
            ("days_since_last", None, None),
        ]
        assert (told.has_history, told.lines, told.is_empty) == (False, False, False)

        online = {"op": "test", "attr": "txn.channel", "cmp": "eq", "value": "web"}
        both = {"op": "all", "of": [in_category("tea"), compare_to("line.sku", "eq", "S2")]}
        others = [
            rule("E", earn(fixed("1")), audience=spent({"last_days": 9}, txn_where=online)),
            rule("F", earn(fixed("1")), audience=spent({"last_days": 8}, where=both)),
            rule("G", earn(fixed("1")), audience=spent({"last_days": 7}, measure="distinct:sku")),
        ]
        found = needs(build(*others), PURCHASE, MEMBER, takes_sums=True)
        assert (found.sums, found.history_from) == ((), date(2026, 11, 26))

    def test_limits_with_the_start_of_their_period(self):
        limits = [
            {"id": "M", "scope": "member", "period": "month", "measure": "points", "max": "5"},
            {"id": "T", "scope": "transaction", "measure": "points", "max": "5"},
            {"id": "R", "scope": "member", "rolling_days": 7, "measure": "uses", "max": "5"},
            {"id": "S", "scope": "store", "measure": "uses", "max": "5"},
        ]
        found = needs(build(rule("A", earn(fixed("1")), limits=limits)), PURCHASE, MEMBER).limits
        assert [(one.counter, one.period_key, one.period_start, one.scope_value) for one in found] == [
            ("A:M", "2026-12", datetime(2026, 11, 30, 23, tzinfo=UTC), None),
            ("A:R", "rolling:7", datetime(2026, 11, 27, 23, tzinfo=UTC), None),
            ("A:S", "lifetime", None, "S"),
        ]

    def test_attributes_that_are_read(self):
        rules = [
            rule(
                "A",
                earn(fixed("1"), where=compare_to("line.shelf", "eq", "low")),
                audience=compare_to("member.x", "eq", 1),
            ),
            rule("B", earn(fixed("1")), audience={"op": "in_segment", "segment": "a"}),
        ]
        assert needs(build(*rules), PURCHASE, MEMBER).attributes == {"line.shelf", "member.x", "segment:a"}

    def test_the_index_leaves_out_what_cannot_be_true(self):
        rules = [
            rule(
                "COFFEE",
                earn(fixed("1")),
                when={"op": "lines", "where": in_category("coffee"), "measure": "units", "cmp": "gte", "value": 1},
            ),
            rule(
                "MILK",
                earn(fixed("1")),
                when={"op": "lines", "where": in_category("milk"), "measure": "units", "cmp": "gte", "value": 1},
            ),
            rule(
                "NO-MILK",
                earn(fixed("1")),
                when={"op": "lines", "where": in_category("milk"), "measure": "lines", "cmp": "eq", "value": 0},
            ),
            rule("SILVER", earn(fixed("1")), audience=compare_to("member.tier", "in", ["silver"])),
            rule("WEB", earn(fixed("1")), when={"op": "all", "of": [compare_to("txn.channel", "eq", "web")]}),
        ]
        assert needs(build(*rules), PURCHASE, MEMBER).rules == ("COFFEE", "NO-MILK", "WEB")


class TestFreeze:
    RULES = (
        base(),
        rule(
            "HIST", earn(fixed("7")), audience=spent({"last_days": 30}, where=in_category("tea"), include_current=True)
        ),
        rule("SEG", earn(fixed("3")), audience={"op": "in_segment", "segment": "a"}),
        rule("MAIL", earn(fixed("2")), audience=compare_to("member.consent.email", "eq", True)),
        rule("HELD", earn(times("2")), holdout={"percent": "50", "salt": "s"}),
        rule(
            "LOW",
            earn(rate(), where=compare_to("line.shelf", "eq", "low")),
            limits=[{"id": "L", "scope": "member", "period": "month", "measure": "points", "max": "100"}],
        ),
        rule("NTH", earn(fixed("5")), when={"op": "purchase_number", "every": 2}),
        rule("COFFEE", earn({"kind": "per_unit", "points": "4"}, where=in_category("coffee"))),
    )
    CONTEXT = Context(
        member=MEMBER,
        purchase=PURCHASE,
        history=(HistoryPurchase(at=datetime(2026, 11, 20, tzinfo=UTC), lines=(replace(LINES[1], paid=800),)),),
        used_limits={"L": 99},
    )

    def same(self, first, second):
        assert [(one.rule, one.amount, one.lines) for one in first.grants] == [
            (one.rule, one.amount, one.lines) for one in second.grants
        ]
        assert first.limit_uses == second.limit_uses

    def test_a_thawed_context_gives_the_same_outcome(self):
        ruleset = build(*self.RULES)
        outcome = evaluate(ruleset, self.CONTEXT, trace=False)
        assert {grant.rule for grant in outcome.grants} >= {"BASE", "HIST", "SEG", "MAIL", "LOW", "NTH", "COFFEE"}
        stored = json.loads(json.dumps(freeze(ruleset, self.CONTEXT)))
        self.same(outcome, evaluate(ruleset, thaw(stored), trace=False))

    def test_a_return_is_judged_the_same_on_a_thawed_context(self):
        ruleset = build(*self.RULES)
        granted = granted_amounts(evaluate(ruleset, self.CONTEXT))
        thawed = thaw(json.loads(json.dumps(freeze(ruleset, self.CONTEXT))))
        for returned in ({"1": Decimal(2)}, {"2": Decimal(1)}, {"1": Decimal(3), "2": Decimal(1)}):
            full = judge_return(ruleset, self.CONTEXT, granted, returned)
            assert full.amounts == judge_return(ruleset, thawed, granted, returned).amounts
            assert full.amounts != {}

    def test_it_holds_only_what_candidates_read_and_no_identity(self):
        ruleset = build(*self.RULES)
        frozen = freeze(ruleset, self.CONTEXT)
        text = json.dumps(frozen)
        assert "m-1" not in text
        assert "S1" not in text
        assert frozen["member"] == {
            "attributes": {"consent.email": True},
            "buckets": {"s": bucket_of("s", "m-1")},
            "segments": ["a"],
        }
        assert frozen["purchase"]["lines"][1]["attributes"] == {"shelf": "low"}
        assert "history" not in frozen
        assert frozen["purchases_before"] == 1

    def test_values_keep_their_types(self):
        when = {
            "op": "all",
            "of": [compare_to("member.size", "eq", "42"), compare_to("member.since", "lt", "2027-01-01")],
        }
        member = MemberView(id="m", attributes={"size": Decimal("42.0"), "since": date(2026, 1, 1)})
        ruleset = build(rule("R", earn(fixed("1")), when=when))
        context = Context(member=member, purchase=PURCHASE)
        assert evaluate(ruleset, context).points == {"POINTS": 1}
        assert evaluate(ruleset, thaw(json.loads(json.dumps(freeze(ruleset, context))))).points == {"POINTS": 1}


class TestTrace:
    def test_without_trace_the_grants_are_the_same(self):
        ruleset = build(*TestFreeze.RULES)
        traced, plain = evaluate(ruleset, TestFreeze.CONTEXT), evaluate(ruleset, TestFreeze.CONTEXT, trace=False)
        assert (traced.grants, traced.limit_uses, traced.lines) == (plain.grants, plain.limit_uses, plain.lines)
        assert plain.explanation == ()
        json.dumps(traced.explanation)

    def test_a_rule_left_out_by_the_index_has_its_reason_with_trace(self):
        """Its history was not fetched: the part that the index proves false is the reason."""
        left_out = rule(
            "R", earn(fixed("1")), audience=spent({"last_days": 3}), when=compare_to("txn.store", "eq", "T")
        )
        ruleset = build(left_out)
        assert evaluate(ruleset, Context(purchase=PURCHASE)).not_applied == {"R": "when_false"}
        assert evaluate(ruleset, Context(purchase=PURCHASE), trace=False).not_applied == {}

    def test_only_named_rules_are_looked_at(self):
        ruleset = build(base(), base(fixed("3"), "OTHER"))
        assert evaluate(ruleset, Context(purchase=PURCHASE, only_rules=frozenset({"OTHER"}))).points == {"POINTS": 3}
