"""The sentences about why a rule applied or did not, one for each kind of node."""

from typing import Any

import pytest
from django.utils import translation

from members.activity import why
from programs.promotions.snapshots import FrozenRule
from programs.rules import run_trial
from programs.rules.trial_document import read_settings

PROGRAM = {
    "currency": "USD",
    "timezone": "UTC",
    "point_types": [{"code": "POINTS", "decimals": 0}, {"code": "MILES", "decimals": 2}],
    "groups": {"first": "first"},
    "tiers": ["BASIC", "GOLD"],
}
BASE = {
    "id": "BASE",
    "phase": "base",
    "then": [{"effect": "earn", "formula": {"kind": "rate", "points": "1", "per": "1.00"}}],
}
PRODUCE = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["produce"]}
ONE_POINT = [{"effect": "earn", "formula": {"kind": "fixed", "points": "1"}}]


def sentences(*rules: dict[str, Any], language: str = "en", **changes: Any) -> dict[str, str]:
    """By rule: the sentence about it, for a purchase of three apples and a soap on a Tuesday noon."""
    document = {
        "program": PROGRAM,
        "rules": [BASE, *rules],
        "member": {"id": "7", "tier": "BASIC"},
        "purchase": {
            "at": "2026-10-20T12:00:00+00:00",
            "channel": "store",
            "lines": [
                {"sku": "APPLE", "unit_price": "2.50", "qty": 3, "categories": ["produce"]},
                {"sku": "SOAP", "amount": "4.00", "categories": ["household"]},
            ],
        },
        **changes,
    }
    answer = run_trial(document)
    assert "errors" not in answer, answer
    frozen = {
        rule["id"]: FrozenRule(None, rule["id"], {"en": rule["id"].title()}, None, None, rule)
        for rule in document["rules"]
    }
    settings = read_settings(PROGRAM)
    found = {}
    with translation.override(language):
        for entry in answer["explanation"]:
            if entry["status"] == "applied":
                found[entry["rule"]] = why.applied(entry, frozen, settings)
            elif entry["status"] == "not_applied":
                found[entry["rule"]] = why.not_applied(entry, frozen, settings)
    return found


def of_rule(**parts: Any) -> str:
    parts.setdefault("then", ONE_POINT)
    changes = {name: parts.pop(name) for name in ("member", "used_limits", "history") if name in parts}
    return sentences({"id": "R", **parts}, **changes)["R"]


def earn(formula: dict[str, Any], **parts: Any) -> list[dict[str, Any]]:
    return [{"effect": "earn", "formula": formula, **parts}]


class TestApplied:
    @pytest.mark.parametrize(
        ("then", "sentence"),
        [
            (earn({"kind": "rate", "points": "2", "per": "5.00"}), "4 points: 2 points for every full 5.00 USD on 11.50 USD"),
            (earn({"kind": "rate", "points": "1", "per": "10.00"}), "1 point: 1 point for every full 10.00 USD on 11.50 USD"),
            (earn({"kind": "rate", "points": "1", "per": "1.00", "step": "proportional"}, type="MILES"),
             "11.50 “MILES”: 1 “MILES” for 1.00 USD in proportion, on 11.50 USD"),
            (earn({"kind": "rate", "points": "1", "per": "3.00", "per_line": True}),
             "3 points: 1 point for every full 3.00 USD of each line, on 11.50 USD"),
            (earn({"kind": "fixed", "points": "25"}), "25 points: a fixed number for this purchase"),
            (earn({"kind": "fixed", "points": "5", "for_every": {"units": 3}}, where=PRODUCE),
             "5 points: 5 points for every 3 pieces, on 3 pieces"),
            (earn({"kind": "fixed", "points": "5", "for_every": {"units": 1}}, where=PRODUCE),
             "15 points: 5 points for every piece, on 3 pieces"),
            (earn({"kind": "fixed", "points": "5", "for_every": {"amount": "10.00"}}),
             "5 points: 5 points for every full 10.00 USD on 11.50 USD"),
            (earn({"kind": "per_unit", "points": "2"}, where=PRODUCE), "6 points: 2 points for every piece, on 3 pieces"),
            (earn({"kind": "multiply", "factor": "2"}), "Double points: +11 points"),
            (earn({"kind": "multiply", "factor": "2"}, where=PRODUCE), "Double points on 1 line: +7 points"),
            (earn({"kind": "multiply", "factor": "1.5"}), "1.5 times the points: +5 points"),
            (earn({"kind": "multiply", "factor": "3"}, where={"op": "true"}), "3 times the points on 2 lines: +22 points"),
            (earn({"kind": "table", "mode": "bracket", "rows": [{"from": "0", "points": "1"}, {"from": "10.00", "points": "9"}]}),
             "9 points: by the row of its table that begins at 10"),
            (earn({"kind": "table", "mode": "marginal", "rows": [
                {"from": "0", "points": "1", "per": "1.00"}, {"from": "10.00", "points": "2", "per": "1.00"}]}),
             "13 points: by 2 rows of its table"),
            (earn({"kind": "expression", "value": {"op": "attr", "attr": "txn.units"}}), "4 points: by its formula"),
            ([{"effect": "discount", "amount": "1.00"}], "1.00 USD off"),
            ([{"effect": "voucher", "template": "V"}], "Given: “voucher”"),
            ([*ONE_POINT, *earn({"kind": "fixed", "points": "2"}, type="MILES")],
             "1 point: a fixed number for this purchase; 2 “MILES”: a fixed number for this purchase"),
        ],
    )  # fmt: skip
    def test_tells_the_formula_with_its_numbers(self, then, sentence):
        assert of_rule(then=then) == sentence

    def test_tells_what_a_limit_left(self):
        limit = {"id": "M", "scope": "member", "period": "month", "measure": "points", "max": "100"}
        then = earn({"kind": "fixed", "points": "25"})

        assert of_rule(then=then, limits=[limit], used_limits={"M": "90"}) == (
            "10 points (25 points before limits): a fixed number for this purchase; "
            "Limit of the month reached (100 of 100 points)"
        )

    def test_writes_numbers_as_the_language_does(self):
        assert "11,50" in sentences(language="pl")["BASE"]


class TestLimits:
    @pytest.mark.parametrize(
        ("limit", "used", "sentence"),
        [
            ({"scope": "member", "period": "month", "measure": "uses", "max": "1"}, "1",
             "Limit of the month reached (1 of 1 time)"),
            ({"scope": "member", "period": "day", "measure": "uses", "max": "4"}, "4",
             "Limit of the day reached (4 of 4 times)"),
            ({"scope": "account", "period": "year", "measure": "points", "max": "1"}, "1",
             "Limit of the year reached (1 of 1 point)"),
            ({"scope": "store", "measure": "points", "max": "9"}, "9", "Limit reached (9 of 9 points)"),
            ({"scope": "member", "rolling_days": 30, "max": "9"}, "9", "Limit of 30 days reached (9 of 9 points)"),
            ({"scope": "promotion", "measure": "points", "max": "9"}, "9", "The budget is used up (9 of 9 points)"),
            ({"scope": "program", "measure": "value", "max": "5.00"}, "5.00", "The budget is used up (5.00 USD of 5.00 USD)"),
            ({"scope": "transaction", "measure": "points", "max": "0"}, "0", "Limit of one purchase reached (0 of 0 points)"),
            ({"scope": "member", "period": "week", "max": "30", "overflow": "all_or_nothing"}, "20",
             "Too little is left of a limit (20 of 30 points)"),
        ],
    )  # fmt: skip
    def test_tells_how_much_of_how_much_is_used(self, limit, used, sentence):
        then = earn({"kind": "fixed", "points": "25"})

        assert of_rule(then=then, limits=[{"id": "L", **limit}], used_limits={"L": used}) == sentence


class TestNotApplied:
    @pytest.mark.parametrize(
        ("schedule", "sentence"),
        [
            ({"weekdays": [3, 2], "times": [["07:00", "10:00"]]}, "only on Tuesday and Wednesday 07:00–10:00"),
            ({"weekdays": [1, 6, 7]}, "only on Monday, Saturday and Sunday"),
            ({"times": [["07:00", "10:00"], ["22:00", "02:00"]]}, "only 07:00–10:00, 22:00–02:00"),
            ({"from": "2026-11-01"}, "it starts on 1 Nov 2026"),
            ({"to": "2026-10-01"}, "it ended on 1 Oct 2026"),
            ({"blackout": ["10-20"]}, "not on this day"),
            ({"month_days": [1]}, "only on chosen days"),
        ],
    )
    def test_outside_its_schedule(self, schedule, sentence):
        assert of_rule(schedule=schedule) == f"Not applied: {sentence}"

    @pytest.mark.parametrize(
        ("when", "sentence"),
        [
            ({"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"},
             "the basket is 11.50 USD, at least 50.00 USD is needed"),
            ({"op": "test", "attr": "txn.amount", "cmp": "lt", "value": "5.00"},
             "amount of the basket: 11.50 USD; allowed: less than 5.00 USD"),
            ({"op": "not", "of": [{"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "5.00"}]},
             "amount of the basket: 11.50 USD; allowed: less than 5.00 USD"),
            ({"op": "test", "attr": "txn.channel", "cmp": "eq", "value": "web"}, "channel: “store”; needed: “web”"),
            ({"op": "test", "attr": "txn.channel", "cmp": "in", "value": ["web", "app", "phone", "fax"]},
             "channel: “store”; needed: one of “web”, “app”, “phone” and 1 more"),
            ({"op": "none", "of": [{"op": "test", "attr": "txn.channel", "cmp": "eq", "value": "store"}]},
             "channel: “store”; allowed: anything but this"),
            ({"op": "test", "attr": "txn.weekday", "cmp": "eq", "value": 5}, "weekday: Tuesday; needed: Friday"),
            ({"op": "test", "attr": "txn.units", "cmp": "between", "value": [5, 9]},
             "pieces in the basket: 4; needed: from 5 to 9"),
            ({"op": "test", "attr": "txn.coupons", "cmp": "contains_all", "value": ["A", "B"]},
             "coupons: nothing; needed: all of “A”, “B”"),
            ({"op": "test", "attr": "txn.channel", "cmp": "starts_with", "value": "app"},
             "channel: “store”; needed: beginning with “app”"),
            ({"op": "test", "attr": "txn.payment", "cmp": "is_present"}, "not filled in: payment"),
            ({"op": "test", "attr": "txn.channel", "cmp": "is_missing"}, "must be empty: channel"),
            ({"op": "test", "attr": "member.shoe", "cmp": "gte", "value": 40}, "not known: “member.shoe”"),
            ({"op": "lines", "measure": "units", "where": PRODUCE, "cmp": "gte", "value": 5},
             "pieces in the basket (category: “produce”): 3; needed: at least 5"),
            ({"op": "lines", "measure": "amount", "cmp": "gt", "value": "20"},
             "amount in the basket: 11.50 USD; needed: more than 20.00 USD"),
            ({"op": "lines", "measure": "distinct:brand", "cmp": "gte", "value": 2},
             "different ones in the basket: 0; needed: at least 2"),
            ({"op": "every_line", "where": PRODUCE}, "every line must match: category: “produce”"),
            ({"op": "purchase_number", "cmp": "eq", "value": 3}, "number of the purchase: 1; needed: 3"),
            ({"op": "purchase_number", "every": 10}, "only every 10. purchase, this is number 1"),
            ({"op": "streak_weeks", "cmp": "gte", "value": 2}, "weeks in a row: 1; needed: at least 2"),
            ({"op": "in_segment", "segment": "vip"}, "only for members of the segment “vip”"),
            ({"op": "during", "schedule": {"weekdays": [5]}}, "only on Friday"),
            ({"op": "compare", "left": {"op": "attr", "attr": "txn.units"}, "cmp": "gt", "right": "9"},
             "a condition of it does not hold"),
            ({"op": "any", "of": [{"op": "test", "attr": "txn.channel", "cmp": "eq", "value": "web"},
                                  {"op": "test", "attr": "txn.units", "cmp": "gte", "value": 9}]},
             "channel: “store”; needed: “web”"),
        ],
    )  # fmt: skip
    def test_its_condition_does_not_hold(self, when, sentence):
        assert of_rule(when=when) == f"Not applied: {sentence}"

    @pytest.mark.parametrize(
        ("audience", "sentence"),
        [
            ({"op": "test", "attr": "member.tier", "cmp": "eq", "value": "GOLD"}, "tier: “BASIC”; needed: “GOLD”"),
            ({"op": "history", "measure": "purchases", "window": {"last_days": 30}, "cmp": "gte", "value": 1},
             "purchases before, in the last 30 days: 0; needed: at least 1"),
            ({"op": "history", "measure": "amount", "where": PRODUCE, "window": {"this": "month"}, "cmp": "gte", "value": "5"},
             "spent before, this month (category: “produce”): 0.00 USD; needed: at least 5.00 USD"),
            ({"op": "history", "measure": "days_since_last", "cmp": "gte", "value": 30},
             "not known: days since the last purchase"),
            ({"op": "birthday_within", "before": 0, "after": 0}, "not known: birthday"),
        ],
    )  # fmt: skip
    def test_it_is_for_others(self, audience, sentence):
        assert of_rule(audience=audience) == f"Not applied: {sentence}"

    def test_a_birthday_on_another_day(self):
        audience = {"op": "birthday_within", "before": 3, "after": 3}

        found = of_rule(audience=audience, member={"birthday": "1990-05-31"})

        assert found == "Not applied: only around this day: birthday"

    def test_another_rule_won(self):
        rules = [
            {"id": "A", "group": "g", "then": earn({"kind": "fixed", "points": "9"})},
            {"id": "B", "group": "g", "then": earn({"kind": "fixed", "points": "3"})},
            {"id": "C", "group": "first", "priority": 1, "then": ONE_POINT},
            {"id": "D", "group": "first", "priority": 2, "then": ONE_POINT},
        ]

        found = sentences(*rules)

        assert found["B"] == "Not applied: “A” gives more"
        assert found["D"] == "Not applied: “C” comes first"
        assert sentences(*rules, {"id": "X", "exclusive": True, "then": ONE_POINT})["A"] == (
            "Not applied: “X” allows no other"
        )

    def test_the_control_group(self):
        held_out = of_rule(holdout={"percent": "100.00", "salt": "x"})

        assert held_out == "Not applied: the member is in its control group"
