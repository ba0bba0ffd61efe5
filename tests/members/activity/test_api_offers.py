"""``GET /api/v1/members/{identity}/offers``: what runs for a member, as far as it is known without a basket."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from members.profiles.models import Member, MemberStatus
from programs.promotions import services as promotions
from programs.promotions.models import Promotion, PromotionVersion
from programs.setup import services as setup
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"
ADDRESS = f"/api/v1/members/card:{CARD}/offers"
FIXED = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "10"}}


def rule(**parts: Any) -> dict[str, Any]:
    return {"schema": "promo/1", "then": [FIXED], **parts}


def check(attribute: str, value: Any, compare: str = "eq") -> dict[str, Any]:
    return {"op": "test", "attr": attribute, "cmp": compare, "value": value}


BIG = check("txn.amount", "50.00", "gte")
LINES = {"op": "lines", "measure": "amount", "cmp": "gte", "value": "5.00"}
CITY = check("member.city", "Lublin")
OTHER_CITY = check("member.city", "Gdynia")


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program(rules={})
    factories.make_member(made, card=CARD, attributes={"city": "Lublin"})
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def api(shop: Shop) -> Any:
    return factories.client(shop, "members.read", "purchases.write", "events.write")


def codes(api: Any) -> list[str]:
    return sorted(one["code"] for one in api.get(ADDRESS).json()["results"])


def buy(api: Any, number: int, amount: str = "60.00") -> None:
    response = api.post(
        "/api/v1/transactions",
        {
            "external_id": f"R-{number}", "member": {"kind": "card", "value": CARD}, "currency": "USD",
            "at": (NOON - timedelta(hours=5 - number)).isoformat(), "lines": [{"sku": "A", "amount": amount}],
        },
    )  # fmt: skip
    assert response.status_code == 201, response.content


@pytest.mark.parametrize(
    ("parts", "is_offered"),
    [
        ({}, True),
        ({"audience": CITY}, True),
        ({"audience": OTHER_CITY}, False),
        # Unknown is not false: the basket is not there yet.
        ({"when": BIG}, True),
        ({"when": LINES}, True),
        ({"when": {"op": "every_line", "where": check("line.sku", "A")}}, True),
        ({"when": {"op": "not", "of": [LINES]}}, True),
        ({"when": {"op": "all", "of": [LINES, CITY]}}, True),
        ({"when": {"op": "all", "of": [LINES, OTHER_CITY]}}, False),
        ({"when": {"op": "any", "of": [LINES, OTHER_CITY]}}, True),
        ({"when": {"op": "any", "of": [OTHER_CITY, OTHER_CITY]}}, False),
        ({"when": {"op": "none", "of": [CITY, LINES]}}, False),
        ({"when": {"op": "at_least", "n": 2, "of": [LINES, BIG, OTHER_CITY]}}, True),
        ({"when": {"op": "at_least", "n": 3, "of": [LINES, BIG, OTHER_CITY]}}, False),
        # Outside its hours now, inside them later.
        ({"schedule": {"times": [["02:00", "03:00"]]}}, True),
        ({"holdout": {"percent": "100", "salt": "S"}}, False),
        ({"when": {"op": "purchase_number", "cmp": "eq", "value": 1}}, True),
        ({"when": {"op": "purchase_number", "cmp": "eq", "value": 2}}, False),
    ],
)
def test_is_closed_by_the_members_own_data_alone(shop, api, parts, is_offered):
    factories.publish(shop, "TRIED", rule(**parts))

    assert ("TRIED" in codes(api)) is is_offered
    assert "BASE" in codes(api)


def test_what_the_member_bought_before_is_known(shop, api):
    spent = {"op": "history", "measure": "amount", "window": {"last_days": 30}, "cmp": "gte", "value": "100.00"}
    factories.publish(shop, "LOYAL", rule(audience=spent))
    factories.publish(shop, "SECOND", rule(when={"op": "purchase_number", "cmp": "eq", "value": 2}))
    assert codes(api) == ["BASE"]

    buy(api, 1)
    assert codes(api) == ["BASE", "SECOND"]
    buy(api, 2)
    assert codes(api) == ["BASE", "LOYAL"]


def test_what_the_member_reported_before_is_known(shop, api):
    with factories.entered(shop):
        setup.declare_event(code="REVIEW", name={"en": "Review"}, attributes=[])
    told = {"op": "history", "measure": "events", "event": "REVIEW", "cmp": "gte", "value": 1}
    factories.publish(shop, "CRITIC", rule(audience=told))
    assert codes(api) == ["BASE"]

    event = {"external_id": "E", "member": {"kind": "card", "value": CARD}, "kind": "REVIEW"}
    api.post("/api/v1/events", {**event, "at": "2026-10-20T10:00:00Z"})

    assert codes(api) == ["BASE", "CRITIC"]


def test_tells_name_terms_period_and_what_is_left(shop, api):
    factories.publish(
        shop, "TWICE", rule(when=BIG, limits=[
            {"id": "MONTH", "scope": "member", "period": "month", "measure": "uses", "max": "2"}
        ])
    )  # fmt: skip
    buy(api, 1)

    (found,) = [one for one in api.get(ADDRESS).json()["results"] if one["code"] == "TWICE"]

    assert {name: found[name] for name in ("name", "starts_at", "ends_at", "remaining_uses")} == {
        "name": "Twice", "starts_at": None, "ends_at": None, "remaining_uses": 1,
    }  # fmt: skip
    assert found["text"].startswith("For a purchase, when ")
    assert "members get: 10 points" in found["text"]
    buy(api, 2)
    buy(api, 3)
    (found,) = [one for one in api.get(ADDRESS).json()["results"] if one["code"] == "TWICE"]
    assert found["remaining_uses"] == 0


def test_speaks_the_readers_language(shop, api):
    with factories.entered(shop):
        version = promotions.write_promotion(code="HELLO", name={"en": "Welcome", "pl": "Witamy"}, document=rule())
        promotions.publish_version(version_id=version.pk, starts_at=None, now=NOON)

    names = [one["name"] for one in api.get(ADDRESS, HTTP_ACCEPT_LANGUAGE="pl").json()["results"]]

    assert "Witamy" in names


def test_what_does_not_run_now_is_not_offered(shop, api):
    factories.publish(shop, "STOPPED", rule())
    with factories.entered(shop):
        promotions.stop_promotion(promotion_id=Promotion.objects.get(code="STOPPED").pk, now=NOON)
        promotions.write_promotion(code="DRAFT", name={"en": "Draft"}, document=rule())
        later = promotions.write_promotion(code="LATER", name={"en": "Later"}, document=rule())
        promotions.publish_version(version_id=later.pk, starts_at=NOON + timedelta(days=1), now=NOON)

    assert codes(api) == ["BASE"]


def test_pages_by_cursor_the_first_to_end_first(shop, api):
    for number in range(4):
        factories.publish(shop, f"R{number}", rule())
    ending = []
    for code, days in (("R3", 2), ("R1", 1)):
        with factories.entered(shop):
            version = PromotionVersion.objects.get(promotion__code=code)
            promotions.stop_promotion(promotion_id=version.promotion_id, now=NOON + timedelta(days=days))
            ending.append(code)

    first = api.get(ADDRESS, {"limit": 2}).json()
    second = api.get(ADDRESS, {"limit": 2, "cursor": first["next"]}).json()
    third = api.get(ADDRESS, {"limit": 2, "cursor": second["next"]}).json()

    assert [one["code"] for one in first["results"]] == ["R1", "R3"]
    assert sorted(one["code"] for page in (second, third) for one in page["results"]) == ["BASE", "R0", "R2"]
    assert third["next"] is None


def test_a_blocked_member_is_offered_nothing(shop, api):
    with factories.entered(shop):
        Member.objects.update(status=MemberStatus.BLOCKED)

    assert codes(api) == []
