"""Sales of points over HTTP: the price first, then the deed, once."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import services
from members.ledger.models import ConversionRate, Entry, PointSale, PriceList, PriceStep
from programs.setup.models import PointType
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db
ANNA = {"kind": "card", "value": "79927398713"}
URL = "/api/v1/point-sales"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.fixed(NOON):
        yield


@pytest.fixture
def shop(db: None) -> Shop:
    made = factories.make_program(point_types=(("POINTS", 1), ("MILES", 0)))
    factories.make_member(made, card=ANNA["value"])
    with factories.entered(made), unit_of_work():
        PointType.objects.update(is_spendable=True, expiry={"after_days": 30, "at": "start_of_day"})
        points, miles = made.point_types["POINTS"], made.point_types["MILES"]
        for kind, pay_type, terms in (
            ("buy", None, {"refund_days": 14, "member_cap": 10_000}),
            ("extend", None, {"days": 60}),
            ("extend", miles, {"days": 60}),
            ("reinstate", None, {"days": 60, "window_days": 365}),
        ):
            row = PriceList.objects.create(kind=kind, point_type_id=points, pay_type_id=pay_type, **terms)
            PriceStep.objects.create(price_list=row, fixed=100, each=5, block=10)
        ConversionRate.objects.create(from_type_id=points, to_type_id=miles, since_date=NOON.date(), give=100, get=3)
    return made


@pytest.fixture
def api(shop: Shop) -> Any:
    made = factories.client(shop, "sales.write", "adjustments.write", "members.read")
    give = {"member": ANNA, "type": "POINTS", "points": "15.5", "reason": "GOODWILL"}
    assert made.post("/api/v1/adjustments", give, HTTP_IDEMPOTENCY_KEY="g").status_code == 201
    return made


def ask(api: Any, **changes: Any) -> Any:
    return api.post(f"{URL}/quote", {"kind": "buy", "member": ANNA, "type": "POINTS", **changes})


def sell(api: Any, key: str = "k", **changes: Any) -> Any:
    return api.post(URL, {"kind": "buy", "member": ANNA, "type": "POINTS", **changes}, HTTP_IDEMPOTENCY_KEY=key)


def deed(api: Any, sale: str, name: str, body: dict[str, Any], key: str = "d") -> Any:
    return api.post(f"{URL}/{sale}/{name}", body, HTTP_IDEMPOTENCY_KEY=key)


def test_a_quote_says_the_price_and_moves_nothing(shop, api):
    answer = ask(api, kind="extend", until="2026-11-30")

    assert answer.status_code == 200
    assert answer.json() == {
        "kind": "extend", "type": "POINTS", "points": "15.5", "price": "1.80", "currency": "USD", "pay": None,
        "parts": [
            {"points": "15.5", "end_before": "2026-11-19T00:00:00Z", "end_after": "2027-01-18T00:00:00Z"},
        ],
    }  # fmt: skip
    with factories.entered(shop):
        assert (PointSale.objects.count(), Entry.objects.count()) == (0, 1)


def test_what_was_quoted_is_sold_once(shop, api):
    sent = {"kind": "extend", "until": "2026-11-30", "price": "1.80", "payment": "PAY-1"}

    first, again = sell(api, **sent), sell(api, **sent)

    assert first.status_code == 201
    assert {name: first.json()[name] for name in ("state", "points", "price", "payment", "pay")} == {
        "state": "paid", "points": "15.5", "price": "1.80", "payment": "PAY-1", "pay": None,
    }  # fmt: skip
    assert (again.content, again["Idempotent-Replay"]) == (first.content, "true")
    (lot,) = api.get("/api/v1/members/card:79927398713/lots").json()["results"]
    assert lot["expires_at"] == "2027-01-18T00:00:00Z"
    assert api.get(f"{URL}/{first.json()['id']}").json() == first.json()


def test_bought_points_wait_for_their_payment_and_go_back_with_it(shop, api):
    waiting = sell(api, points="100.0", price="6.00").json()
    assert (waiting["state"], waiting["balance"]["POINTS"]["active"]) == ("pending", "15.5")

    paid = deed(api, waiting["id"], "payment", {"payment": "PAY-2"}).json()
    refunded = deed(api, waiting["id"], "refund", {"why": "withdrawn"}, "r").json()

    assert (paid["state"], paid["balance"]["POINTS"]["active"]) == ("paid", "115.5")
    assert (refunded["state"], refunded["balance"]["POINTS"]["active"]) == ("refunded", "15.5")
    late = deed(api, waiting["id"], "cancel", {"why": "x"}, "c")
    assert (late.status_code, late.json()["code"]) == (409, "ledger.sale_ended")


def test_points_become_others_at_the_rate_of_the_day(shop, api):
    quoted = ask(api, kind="convert", type="MILES", pay="POINTS", points="15.0").json()
    sold = sell(api, kind="convert", type="MILES", pay="POINTS", points="15.0", price=quoted["price"]).json()

    assert (quoted["price"], quoted["points"], quoted["pay"]) == ("13.4", "4", "POINTS")
    assert (sold["balance"]["POINTS"]["active"], sold["balance"]["MILES"]["active"]) == ("2.1", "4")


def test_points_come_back_after_their_end(shop, api):
    with clock.fixed(NOON + timedelta(days=60)):
        with factories.entered(shop):
            services.expire_due(at=clock.now())
        quoted = ask(api, kind="reinstate").json()
        sold = sell(api, kind="reinstate", price=quoted["price"], payment="P").json()

    assert (quoted["points"], quoted["price"]) == ("15.5", "1.80")
    assert sold["balance"]["POINTS"]["active"] == "15.5"


@pytest.mark.parametrize(
    ("status", "code", "field", "changes"),
    [
        (409, "ledger.price_changed", "price", {"points": "10", "price": "1.00", "payment": "P"}),
        (409, "ledger.sale_cap", "points", {"points": "1000.1", "price": "1.00"}),
        (422, "ledger.payment_missing", "payment", {"kind": "extend", "until": "2026-11-30", "price": "1.80"}),
        (409, "ledger.nothing_to_extend", "until", {"kind": "extend", "until": "2026-11-17", "price": "1.00"}),
        (409, "ledger.nothing_expired", "points", {"kind": "reinstate", "price": "1.00", "payment": "P"}),
        (422, "ledger.not_for_sale", None, {"type": "MILES", "points": "1", "price": "1.00"}),
        (422, "ledger.converts_to_nothing", "points",
         {"kind": "convert", "type": "MILES", "pay": "POINTS", "points": "1", "price": "1"}),
        (409, "ledger.insufficient_points", None,
         {"kind": "extend", "pay": "MILES", "until": "2026-11-30", "price": "180"}),
        (400, "malformed", "points", {"price": "1.00"}),
        (400, "malformed", "until", {"kind": "extend", "price": "1.00"}),
        (400, "malformed", "pay", {"kind": "convert", "points": "5", "price": "1"}),
        (400, "malformed", "kind", {"kind": "rent", "points": "5", "price": "1"}),
        (400, "malformed", "type", {"type": "GOLD", "points": "5", "price": "1"}),
        (400, "malformed", "points", {"points": "0.05", "price": "1.00"}),
        (400, "malformed", "price", {"points": "1", "price": "1.001"}),
        (404, "members.unknown", None, {"member": {"kind": "card", "value": "0"}, "points": "1", "price": "1.00"}),
    ],
)  # fmt: skip
def test_refusals_move_nothing(shop, api, status, code, field, changes):
    answer = sell(api, **changes)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [one["field"] for one in answer.json().get("errors", [])] == ([field] if field else [])
    with factories.entered(shop):
        assert (PointSale.objects.count(), Entry.objects.count()) == (0, 1)


def test_a_sale_of_another_program_does_not_exist(shop, api):
    sale = sell(api, points="10", price="1.50").json()["id"]
    other = factories.client(factories.make_program("OTHER"), "sales.write")

    answers = [other.get(f"{URL}/{sale}"), deed(other, sale, "payment", {"payment": "P"})]

    assert [one.status_code for one in answers] == [404, 404]
    with factories.entered(shop):
        assert PointSale.objects.get().state == "pending"
