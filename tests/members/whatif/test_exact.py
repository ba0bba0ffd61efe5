"""Accounts apart and one pass through the budgets give exactly what everybody in the order of time gives."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from members.activity.replay import Depth, Past, Recorded
from members.activity.state import MemberState
from members.whatif import budgets, tally
from members.whatif.replaying import Result, Setting, by_account, replay_accounts, replay_in_sequence
from members.whatif.rulesets import contest
from programs.promotions.snapshots import FrozenProgram
from programs.rules import Line, Purchase

pytestmark = pytest.mark.pure
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SINCE = NOW - timedelta(days=40)
CENTS = {"POINTS": "0.01"}


def earn(**formula):
    return {"effect": "earn", "type": "POINTS", "formula": formula}


def spent(amount):
    return {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": amount}


BASE = {"phase": "base", "then": [earn(kind="rate", points="1", per="1.00")]}
FULL = {
    "when": spent("40.00"),
    "then": [earn(kind="fixed", points="20")],
    "group": "ONE",
    "limits": [
        {"id": "MONTH", "scope": "member", "period": "month", "measure": "uses", "max": "3"},
        {"id": "HOUSE", "scope": "account", "period": "month", "measure": "points", "max": "70"},
    ],
}
STORE = {
    "then": [earn(kind="rate", points="1", per="5.00")],
    "limits": [{"id": "STORE", "scope": "store", "rolling_days": 7, "measure": "points", "max": "60"}],
}
SHARED = {"id": "ALL", "scope": "program", "measure": "points", "max": "900"}
FIRST = {"when": spent("25.00"), "then": [earn(kind="fixed", points="9")], "limits": [SHARED]}


def draft(random):
    """A draft with a budget that is soon used up, often in a group with others."""
    overflow = random.choice(["partial", "all_or_nothing"])
    limits = [
        {"id": "BUDGET", "scope": "promotion", "measure": random.choice(["points", "uses", "value"]),
         "max": str(random.choice([5, 40, 300])), "overflow": overflow},
        {"id": "MINE", "scope": "member", "period": random.choice(["week", "month"]), "measure": "points", "max": "90"},
        SHARED,
    ]  # fmt: skip
    random.shuffle(limits)
    formula = random.choice([earn(kind="multiply", factor="3"), earn(kind="fixed", points="31")])
    found = {"when": spent("20.00"), "then": [formula], "limits": limits}
    if random.random() < 0.4:
        # Of no group and with no limit that others have: it only adds.
        return {**found, "limits": [one for one in limits if one is not SHARED]}
    return {**found, "group": random.choice(["ONE", "TWO"])}


def frozen(mode):
    rules = {"BASE": BASE, "FULL": FULL, "STORE": STORE, "FIRST": FIRST}
    return FrozenProgram(
        1,
        {
            "settings": {
                "currency": "EUR", "exponent": 2, "timezone": "UTC", "rounding": "down", "basis": "paid",
                "earn_on": "after_loyalty_discounts", "groups": {"ONE": mode, "TWO": "best"}, "point_value": CENTS,
                "point_types": [{"id": 1, "code": "POINTS", "decimals": 0}],
            },
            "rules": [
                {"version": place, "code": code, "name": {"en": code}, "from": None, "to": None,
                 "document": {**document, "id": code, "priority": place}}
                for place, (code, document) in enumerate(rules.items(), start=1)
            ],
            "tiers": [],
        },
    )  # fmt: skip


def bought(random, key, member):
    at = SINCE + timedelta(seconds=random.randrange(40 * 86400))
    lines = tuple(
        Line(str(number), number, paid=random.randrange(100, 4000), list_amount=4000)
        for number in range(1, random.randrange(2, 5))
    )
    purchase = Purchase(at=at, lines=lines, store=random.choice(["A", "B"]), currency="EUR")
    return Recorded(key, member, at.date(), at, purchase, None, sum(line.paid for line in lines))


def people(random):
    """Twelve members on nine accounts with up to fourteen purchases each."""
    pasts, key = [], 0
    for member in range(1, 13):
        past = Past(
            MemberState(
                member,
                100 + min(member, 9),
                is_active=True,
                birthday=None,
                attributes={},
                wallets={},
                enrolled_at=SINCE,
            )
        )
        for _ in range(random.randrange(15)):
            key += 1
            past.purchases.append(bought(random, key, member))
        past.purchases.sort(key=lambda one: (one.at, one.id))
        pasts.append(past)
    return pasts


@pytest.mark.parametrize("seed", range(60))
def test_a_replay_in_parts_is_exactly_the_replay_in_sequence(seed):
    random = Random(seed)
    document = draft(random)
    code = random.choice(["DRAFT", "FULL"])
    setting = Setting(
        contest=contest(frozen(random.choice(["best", "first"])), code, {"en": code}, document, NOW),
        depth=Depth(), since=SINCE, until=NOW, payers=frozenset(),
    )  # fmt: skip
    pasts = people(random)
    owned = by_account(pasts)
    parts = Result()
    for accounts in (list(owned)[::2], list(owned)[1::2]):
        parts.merge(replay_accounts([past for key in accounts for past in owned[key]], setting))
    before = dict(parts.drafted)
    budgets.settle(parts, setting, lambda keys: {key: owned[key] for key in keys})
    definition = replay_in_sequence(pasts, setting)
    assert parts.live == definition.live
    assert parts.drafted == definition.drafted
    assert parts.purchases == definition.purchases == sum(len(past.purchases) for past in pasts)
    # The budget has bitten, or the test proves nothing.
    assert before != parts.drafted


def test_a_budget_never_gives_more_than_it_holds():
    random = Random(7)
    document = {**BASE, "phase": "bonus", "limits": [
        {"id": "BUDGET", "scope": "promotion", "measure": "points", "max": "100"}]}  # fmt: skip
    setting = Setting(contest(frozen("best"), "DRAFT", {}, document, NOW), Depth(), SINCE, NOW, frozenset())
    pasts = people(random)
    owned = by_account(pasts)
    result = replay_accounts(pasts, setting)
    assert tally.chosen(result.drafted, tally.RULE)["DRAFT", "POINTS"] > 100
    budgets.settle(result, setting, lambda keys: {key: owned[key] for key in keys})
    assert tally.chosen(result.drafted, tally.RULE)["DRAFT", "POINTS"] == 100
