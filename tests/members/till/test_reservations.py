"""``/reservations``, ``/quotes`` and ``reservation`` in ``POST /transactions``: points and money in one checkout."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from loyalty.kernel import clock
from members.activity import operations as activity
from members.activity.models import Purchase
from members.ledger.models import Entry, Hold
from members.till import services
from members.till.models import Checkout
from tests import factories
from tests.factories import NOON
from tests.members.till.room import CARD, Till, later
from tests.races import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]
ANNA = {"kind": "card", "value": CARD}


def reserve(shop: Till, /, points: str = "500", key: str = "k", **changes: Any) -> Any:
    content = {"member": ANNA, "points": points, "till": "4", **changes}
    return shop.post("reservations", content, HTTP_IDEMPOTENCY_KEY=key)


def end(till: Till, reservation: str, verb: str, key: str = "e", **content: Any) -> Any:
    return till.post(f"reservations/{reservation}/{verb}", content, HTTP_IDEMPOTENCY_KEY=key)


class TestReservations:
    def test_held_points_stand_apart_until_the_time_is_over(self, till):
        answer = reserve(till, minutes=10)

        assert answer.status_code == 201
        body = answer.json()
        assert (body["points"], body["state"], body["captured"]) == ("500", "open", "0")
        assert body["expires_at"] == (NOON + timedelta(minutes=10)).isoformat()
        assert body["balance"]["POINTS"] == {"active": "750", "pending": "0", "reserved": "500", "debt": "0"}
        assert reserve(till, minutes=10)["Idempotent-Replay"] == "true"
        assert till.held() == (750, 500, 0)
        assert till.is_sound()

    def test_taking_a_part_gives_the_rest_back(self, till):
        reservation = reserve(till).json()["reservation"]
        answer = end(till, reservation, "capture", points="120")
        assert (answer.status_code, answer.json()["state"], answer.json()["captured"]) == (200, "captured", "120")
        assert till.held() == (1130, 0, 0)
        assert end(till, reservation, "capture", points="120").json() == answer.json()
        assert till.held() == (1130, 0, 0)

    def test_letting_go_gives_everything_back(self, till):
        reservation = reserve(till).json()["reservation"]
        assert end(till, reservation, "cancel", reason="went home").json()["state"] == "released"
        assert till.held() == (1250, 0, 0)

    @pytest.mark.parametrize(
        ("first", "verb", "after", "code"),
        [
            ("capture", "capture", 0, "ledger.hold_ended"),
            ("capture", "cancel", 0, "ledger.hold_ended"),
            ("cancel", "capture", 0, "ledger.hold_ended"),
            (None, "capture", 15, "ledger.hold_lapsed"),
            (None, "cancel", 15, "ledger.hold_lapsed"),
        ],
    )
    def test_what_has_ended_is_not_ended_again(self, till, first, verb, after, code):
        reservation = reserve(till).json()["reservation"]
        if first:
            end(till, reservation, first)
        before = till.held()
        with later(after):
            answer = end(till, reservation, verb, key="again")
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert till.held() == before

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"points": "1251"}, 409, "ledger.insufficient_points"),
            ({"points": "0"}, 400, "malformed"),
            ({"points": "-1"}, 400, "malformed"),
            ({"points": "1.5"}, 400, "malformed"),
            ({"points": 5}, 400, "malformed"),
            ({"points": "99999999999999999"}, 400, "malformed"),
            ({"minutes": 16}, 400, "malformed"),
            ({"minutes": 0}, 400, "malformed"),
            ({"type": "MILES"}, 422, "activity.points_worth_nothing"),
            ({"member": {"kind": "card", "value": "0"}}, 404, "members.unknown"),
            ({"till": "x" * 41}, 400, "malformed"),
            ({"hold": 1}, 400, "malformed"),
        ],
    )
    def test_bad_input_is_refused_and_holds_nothing(self, till, changes, status, code):
        answer = reserve(till, **changes)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert till.held() == (1250, 0, 0)

    def test_nothing_is_held_for_a_blocked_member(self, till):
        with factories.entered(till.shop):
            till.anna_row().update(status="blocked")
        answer = reserve(till)
        assert (answer.status_code, answer.json()["code"]) == (422, "activity.member_blocked")
        assert till.held() == (1250, 0, 0)

    def test_another_programs_or_partners_reservation_does_not_exist(self, till):
        reservation = reserve(till).json()["reservation"]
        stranger = factories.client(factories.make_program("OTHER"), "till.use")
        partner = factories.client(till.shop, "till.use", partner_id=factories.make_partner(till.shop, "FRESH"))
        for api in (stranger, partner):
            answer = api.post(f"/api/v1/reservations/{reservation}/capture", {}, HTTP_IDEMPOTENCY_KEY="k")
            assert answer.status_code == 404
        assert till.held() == (750, 500, 0)


class TestReservationInAPurchase:
    def paid(self, till: Till, reserved: str, number: str = "R-1", **changes: Any) -> Any:
        return till.post("transactions", {**till.receipt(number, "200.00"), "reservation": reserved, **changes})

    def test_as_a_means_of_payment_the_amount_stays_and_the_money_part_earns(self, till):
        answer = self.paid(till, reserve(till).json()["reservation"]).json()

        assert answer["transaction"]["amount"] == "200.00"
        assert answer["payment"] == {"type": "POINTS", "points": "500", "value": "50.00", "way": "payment"}
        assert (answer["to_pay"], answer["points"]["POINTS"]) == ("150.00", "150")
        assert answer["balance"]["POINTS"] == {"active": "900", "pending": "0", "reserved": "0", "debt": "0"}
        assert till.held() == (900, 0, 0)
        assert till.is_sound()

    def test_as_money_off_the_amount_is_lower(self):
        till = Till(points_at_till="discount")

        answer = self.paid(till, reserve(till).json()["reservation"]).json()

        assert (answer["transaction"]["amount"], answer["to_pay"]) == ("150.00", "150.00")
        assert (answer["payment"]["way"], answer["points"]["POINTS"]) == ("discount", "150")
        assert till.held() == (900, 0, 0)
        back = till.post(
            "transactions/R-1/returns", {"external_id": "B-1", "lines": [{"line_id": "A", "qty": 1}]}
        ).json()
        assert (back["restored"], back["money_back"], till.held()) == ({"POINTS": "500"}, "150.00", (1250, 0, 0))
        assert till.is_sound()

    def test_a_part_of_what_is_held_is_taken_and_the_rest_is_free(self, till):
        answer = self.paid(till, reserve(till).json()["reservation"], paid_with_points="12.34").json()
        assert (answer["payment"]["points"], answer["payment"]["value"]) == ("124", "12.34")
        assert till.held() == (1250 - 124 + 187, 0, 0)

    def test_the_same_receipt_again_is_the_first_answer(self, till):
        reservation = reserve(till).json()["reservation"]
        content = {**till.receipt("R-1", "200.00"), "reservation": reservation}
        first, again = (till.post("transactions", content) for _turn in range(2))
        assert (again.content, again["Idempotent-Replay"]) == (first.content, "true")
        assert till.held() == (900, 0, 0)

    def test_what_cannot_pay_records_nothing(self, till):
        taken = reserve(till, key="1").json()["reservation"]
        end(till, taken, "capture")
        lapsed = reserve(till, "100", key="2").json()["reservation"]
        big = reserve(till, "400", key="3").json()["reservation"]
        factories.make_member(till.shop, card="4539578763621486", number="M2")
        other = {"kind": "card", "value": "4539578763621486"}
        before = till.held()
        with later(0):
            answers = [
                self.paid(till, taken), self.paid(till, big, member=other),
                till.post("transactions", {**till.receipt("R-2", "10.00"), "reservation": big}),
                self.paid(till, big, paid_with_points="40.01"), self.paid(till, "00000000-0000-4000-8000-000000000000"),
                self.paid(till, big, reservation="nonsense"),
            ]  # fmt: skip
        with later(15):
            answers.append(self.paid(till, lapsed))
        assert [(one.status_code, one.json()["code"]) for one in answers] == [
            (409, "ledger.hold_ended"), (404, "not_found"), (422, "activity.points_beyond_purchase"),
            (409, "ledger.beyond_hold"), (404, "not_found"), (400, "malformed"), (409, "ledger.hold_lapsed"),
        ]  # fmt: skip
        with factories.entered(till.shop):
            assert (till.held(), Purchase.objects.count()) == (before, 0)

    def test_two_receipts_with_one_reservation_pay_once(self, till):
        reservation = reserve(till).json()["reservation"]

        def act(number: int) -> int:
            with clock.fixed(NOON):
                return int(self.paid(till, reservation, f"R-{number}").status_code)

        answers = race(act, times=2, pause_before=(activity.writing.paying, "take_points"))
        assert sorted(answers) == [201, 409]
        assert till.held() == (900, 0, 0)
        assert till.is_sound()

    def test_a_purchase_without_a_reservation_asks_nothing_about_any(self, till):
        asked: list[str] = []

        def noted(run: Any, sql: str, *rest: Any) -> Any:
            asked.append(sql)
            return run(sql, *rest)

        with connection.execute_wrapper(noted):
            assert till.post("transactions", till.receipt("R-1", "200.00")).status_code == 201
        assert [sql for sql in asked if "members_hold" in sql or "members_checkout" in sql] == []


class TestQuotes:
    def test_says_what_it_earns_what_points_can_pay_and_records_nothing(self, till):
        answer = till.quote("100.00", "50.00")
        assert (answer["amount"], answer["to_pay"], answer["points"]) == ("150.00", "150.00", {"POINTS": "150"})
        assert answer["redeem"] == {"type": "POINTS", "available": "1250", "most": "1250", "value": "125.00"}
        assert (answer["is_complete"], answer["missing"]) == (True, [])
        assert [one["rule"] for one in answer["applied"]] == ["BASE"]
        assert till.quote("20.00")["redeem"]["most"] == "200"
        with factories.entered(till.shop):
            assert (Purchase.objects.count(), Entry.objects.count(), Hold.objects.count()) == (0, 1, 0)

    def test_what_lapsed_can_be_spent_before_the_sweep(self, till):
        reserve(till, "1250")
        with later(15):
            assert till.quote("200.00")["redeem"]["available"] == "1250"

    def test_of_nobody_is_a_price_alone(self, till):
        basket = till.receipt("", "100.00")
        for name in ("external_id", "at", "member"):
            del basket[name]
        answer = till.post("quotes", basket).json()
        assert (answer["to_pay"], answer["redeem"], answer["missing"]) == ("100.00", None, ["member"])

    def test_a_quote_that_led_to_nothing_is_forgotten(self, till):
        till.quote()
        till.reserved("10")
        with factories.entered(till.shop):
            services.forget_quotes(at=NOON + timedelta(days=8))
            assert Checkout.objects.count() == 1
