"""Two lanes side by side: the points and reasons of one, in less time."""

from typing import Any

import pytest
from django.db import connection

from loyalty.kernel import clock
from members.activity import each
from members.activity.models import Evaluation, Purchase
from members.files import lanes
from members.ledger import invariants
from members.ledger.models import Wallet
from tests import factories
from tests.factories import NOON, Shop
from tests.members.files.writing import row, take_in, written

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])

CARDS = [f"40000000000{number:02d}" for number in range(10, 18)]
FOURTH = {
    "schema": "promo/1",
    "when": {"op": "purchase_number", "cmp": "eq", "value": 4},
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "100"}}],
}
ROWS = [
    row(f"R-{number}", f"{number + 1}.00", member=CARDS[number % len(CARDS)], at=f"2026-10-20T08:{number:02d}:00Z")
    for number in range(48)
]


def budget(scope: str) -> dict[str, Any]:
    """A gift of which there are five."""
    return {
        "schema": "promo/1",
        "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "7"}}],
        "limits": [{"id": "FIVE", "scope": scope, "period": "lifetime", "measure": "uses", "max": "5"}],
    }


def make_shop(code: str, document: dict[str, Any]) -> Shop:
    shop = factories.make_program(code)
    for card in CARDS:
        factories.make_member(shop, card=card, number=card)
    factories.publish(shop, "GIFT", document)
    return shop


def books(shop: Shop) -> tuple[dict[str, Any], list[int]]:
    """By receipt what was granted and why, and the balances."""
    with factories.entered(shop):
        rows = Evaluation.objects.values_list("purchase__external_id", "outcome")
        outcomes = {
            receipt: ([(one["rule"], one["amount"]) for one in outcome["grants"]], outcome["explanation"])
            for receipt, outcome in rows
        }
        return outcomes, list(Wallet.objects.order_by("pk").values_list("active", flat=True))


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """How many purchases each lane was asked to record at once."""
    found: list[int] = []
    record_each = each.record_each

    def noted(given: Any) -> Any:
        found.append(len(given))
        return record_each(given)

    monkeypatch.setattr(each, "record_each", noted)
    return found


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def test_two_lanes_give_the_points_and_the_reasons_of_one(monkeypatch, asked):
    alone = make_shop("ALONE", FOURTH)
    assert take_in(alone, written(ROWS))["recorded"] == 48
    assert asked == [48]

    monkeypatch.setattr(lanes, "FEWEST", 1)
    beside = make_shop("BESIDE", FOURTH)
    answer = take_in(beside, written(ROWS))

    assert (len(asked), sum(asked[1:])) == (3, 48)
    assert (answer["state"], answer["recorded"], answer["rejected"]) == ("done", 48, 0)
    assert not connection.in_atomic_block
    assert books(beside) == books(alone)
    # Each member's fourth receipt, by the order of time.
    granted = [receipt for receipt, (grants, _why) in books(beside)[0].items() if ("GIFT", 100) in grants]
    assert sorted(granted) == sorted(f"R-{number}" for number in range(24, 32))
    assert list(invariants.check("auditor")) == []


def test_what_more_than_points_and_prices_is_given_is_given_in_one_lane(monkeypatch, asked):
    monkeypatch.setattr(lanes, "FEWEST", 1)
    flag = {"effect": "flag", "flag": "SEEN", "severity": "block", "text": {"en": "Seen"}}
    shop = make_shop("SHOP", {**FOURTH, "then": [*FOURTH["then"], flag]})

    assert take_in(shop, written(ROWS))["recorded"] == 48

    assert asked == [48]


@pytest.mark.parametrize(("scope", "lanes_used"), [("member", 2), ("program", 1)])
def test_where_members_share_a_limit_the_first_by_time_get_it(monkeypatch, asked, scope, lanes_used):
    monkeypatch.setattr(lanes, "FEWEST", 1)
    shop = make_shop("SHOP", budget(scope))

    assert take_in(shop, written(ROWS))["recorded"] == 48

    assert len(asked) == lanes_used
    granted = [receipt for receipt, (grants, _why) in books(shop)[0].items() if ("GIFT", 7) in grants]
    first = 5 if scope == "program" else 5 * len(CARDS)
    assert sorted(granted) == sorted(f"R-{number}" for number in range(first))


def test_a_refusal_in_one_lane_leaves_the_rest_of_both(monkeypatch):
    monkeypatch.setattr(lanes, "FEWEST", 1)
    shop = make_shop("SHOP", FOURTH)
    wrong = row("R-99", "3.00", member=CARDS[3], basket_discount="4.00", at="2026-10-20T08:10:30Z")

    answer = take_in(shop, written([*ROWS, wrong]))

    assert (answer["recorded"], answer["rejected"]) == (48, 1)
    with factories.entered(shop):
        assert Purchase.objects.count() == 48
