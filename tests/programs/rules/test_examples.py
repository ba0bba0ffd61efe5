"""The eight rules of rising difficulty (the eighth, a tier program, is no promotion)."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from programs.rules import (
    Context,
    Event,
    HistoryPurchase,
    Line,
    MemberView,
    ProgramSettings,
    RuleSet,
    bucket_of,
    ends_at,
    evaluate,
    starts_at,
    validate,
)
from tests.programs.rules.builders import base, line, of_rule, points, trial

pytestmark = pytest.mark.pure

DOCUMENT = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
RULES = {one["id"]: one for one in DOCUMENT["promotions"]}


def test_happy_hours_double_the_points_at_the_partner():
    rules = [base(), RULES["HAPPY-X"]]
    assert points(trial(rules, [line("55.00")], purchase={"partner": "X"})) == "10"
    other = trial(rules, [line("55.00")], purchase={"partner": "Y"})
    assert (points(other), other["not_applied"]) == ("5", {"HAPPY-X": "when_false"})
    late = trial(rules, [line("55.00")], purchase={"partner": "X", "at": "2026-12-04T18:00:00+01:00"})
    assert late["not_applied"] == {"HAPPY-X": "outside_schedule"}


def test_every_third_coffee_is_free_over_visits():
    history = [{"at": "2026-12-02T09:00:00+01:00", "lines": [line("12.00", 1, "coffee")]}]
    answer = trial([RULES["COFFEE-3"]], [line("12.00", 2, "coffee")], history=history)
    assert (answer["discount"], answer["by_rule"]["COFFEE-3"]["effects"][0]["effect"]) == ("12.00", "print")
    first = trial([RULES["COFFEE-3"]], [line("12.00", 1, "coffee")])
    assert (first["discount"], list(first["by_rule"])) == ("0.00", ["COFFEE-3"])
    kept = trial([RULES["COFFEE-3"]], [line("12.00", 2, "coffee")], history=history, returns=[[[0, 1]]])
    assert kept["reversed_by_rule"] == {"COFFEE-3": {"discount": "12.00"}}


def test_cosmetics_triple_perfumes_up_to_500_a_month():
    rules = [base(), RULES["CROSS-PERFUME"]]
    history = [{"at": "2026-10-06T12:00:00+02:00", "lines": [line("20.00", 1, "cosmetics")]}]
    lines = [line("200.00", 1, "perfume"), line("100.00", 1, "soap")]
    answer = trial(rules, lines, history=history, used_limits={"M": "470"})
    assert (of_rule(answer, "BASE"), of_rule(answer, "CROSS-PERFUME")) == ("30", "30")
    assert of_rule(trial(rules, lines, history=history), "CROSS-PERFUME") == "40"
    early = [{**history[0], "at": "2026-10-05T12:00:00+02:00"}]
    assert trial(rules, lines, history=early)["not_applied"] == {"CROSS-PERFUME": "audience_false"}


def test_sports_lovers():
    history = [
        {"at": f"2026-11-0{day}T12:00:00+01:00", "lines": [line("40.00", 1, "sport"), line("60.00")]}
        for day in (1, 2, 3)
    ]
    lines = [line("105.00", 2, "sport", "sport.equipment")]
    answer = trial([RULES["SPORT-LOVERS"]], lines, history=history)
    assert (points(answer), answer["vouchers"]) == ("42", ["FREE-DELIVERY"])
    assert trial([RULES["SPORT-LOVERS"]], lines[:1], history=history[:2])["not_applied"] == {
        "SPORT-LOVERS": "audience_false"
    }


def test_reactivation_runs_for_those_who_agreed_and_are_not_held_out():
    ruleset = RuleSet.build([RULES["BACK-30"]], ProgramSettings())
    earlier = HistoryPurchase(at=datetime(2026, 11, 4, 12, tzinfo=UTC), lines=(Line("1", 1, paid=100),))
    member_id = next(name for name in (f"m-{n}" for n in range(100)) if bucket_of("BACK-2026", name) >= 1000)

    def outcome(at, **consent):
        member = MemberView(id=member_id, attributes={"consent": consent})
        context = Context(member=member, event=Event(at=at), trigger="schedule", history=(earlier,))
        return evaluate(ruleset, context)

    applied = outcome(datetime(2026, 12, 4, 8, tzinfo=UTC), email=True)
    assert [effect.effect for effect in applied.effects] == ["coupon", "message"]
    assert [(use.limit, use.period_key, use.amount) for use in applied.limit_uses] == [("Q", "2026-Q4", 1)]
    assert outcome(datetime(2026, 12, 5, 8, tzinfo=UTC), email=True).not_applied == {"BACK-30": "audience_false"}
    assert outcome(datetime(2026, 12, 4, 8, tzinfo=UTC)).not_applied == {"BACK-30": "unknown_attribute"}


def test_volume_in_rubles_earns_more_above_5000_a_month():
    """4900 before: 100 at 1 and 800 at 2 per hundred = 1 + 16."""
    history = [{"at": "2026-12-01T12:00:00+03:00", "lines": [line("4900.00")]}]
    program = {"currency": "RUB", "timezone": "Europe/Moscow"}
    answer = trial([RULES["VOLUME-RUB"]], [line("900.00")], history=history, program=program)
    assert points(answer) == "17"
    effect = RULES["VOLUME-RUB"]["then"][0]
    at = datetime(2026, 12, 4, 14, 30, tzinfo=UTC)
    assert starts_at(effect["activation"], at, "Europe/Moscow") == datetime(2026, 12, 17, 21, tzinfo=UTC)
    assert ends_at(effect["expiry"], at, "Europe/Moscow") == datetime(2027, 12, 31, 21, tzinfo=UTC)


def test_the_premium_offer_is_given_once_a_year_within_its_budget():
    ruleset = RuleSet.build([RULES["PREMIUM-OFFER"]], ProgramSettings())

    def outcome(**used):
        event = Event(at=datetime(2026, 12, 4, tzinfo=UTC), type="metric_crossed")
        return evaluate(ruleset, Context(event=event, trigger="metric_crossed", used_limits=used))

    assert [effect.effect for effect in outcome().effects] == ["segment_add", "voucher", "message"]
    assert [use.counter for use in outcome().limit_uses] == ["PREMIUM-OFFER:Y", "PREMIUM-OFFER:B"]
    assert outcome(Y=1).not_applied == {"PREMIUM-OFFER": "limit:Y"}
    assert outcome(B=2000).not_applied == {"PREMIUM-OFFER": "limit:B"}


def test_a_tier_benefit_is_a_bonus_rule():
    (benefit,) = DOCUMENT["tier_program"]["benefits"]["gold"]
    gold = {
        "id": "TIER:STATUS:gold",
        "audience": {"op": "test", "attr": "member.tier", "cmp": "eq", "value": "gold"},
        "then": [benefit],
    }
    assert validate(gold) == []
    assert points(trial([base(), gold], [line("59.00")], member={"id": "m", "tier": "gold"})) == "7"
    assert Decimal(points(trial([base(), gold], [line("59.00")]))) == 5
