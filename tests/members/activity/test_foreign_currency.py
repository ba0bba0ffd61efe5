"""Purchases in another currency: converted once, at the rate of their day, to the unit."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loyalty.kernel import clock
from members.activity import intake
from members.activity.intake import PurchaseInput
from members.activity.models import Purchase, PurchaseLine
from members.ledger.models import Wallet
from programs.rules import Line
from programs.setup.models import CurrencyRate
from tests import factories
from tests.factories import NOON, Shop

ANNA = {"kind": "card", "value": "79927398713"}


def lines(*paid: int) -> tuple[Line, ...]:
    return tuple(Line(str(place), place, paid=one, list_amount=one) for place, one in enumerate(paid, start=1))


def given(currency: str) -> PurchaseInput:
    return PurchaseInput("api", "R", b"", 1, NOON, (), currency)


class TestConversion:
    @pytest.mark.parametrize(
        ("currency", "rate", "paid", "found"),
        [
            ("PLN", "0.25", (1000, 1000), [250, 250]),
            # 3 x 3.33 at 0.25 are 2.4975: 2.50 in all, the earlier lines have the greater share.
            ("PLN", "0.25", (333, 333, 333), [84, 83, 83]),
            # No decimals in yen, three in Kuwaiti dinars.
            ("JPY", "0.0067", (1500,), [1005]),
            ("KWD", "3.25", (1234,), [401]),
            ("PLN", "0.000000001", (5,), [0]),
        ],
    )
    def test_the_total_is_converted_once_half_up_and_spread(self, currency, rate, paid, found):
        made, after = intake.converted(given(currency), lines(*paid), "USD", Decimal(rate))

        assert [line.paid for line in after] == found
        assert made.foreign == intake.Foreign(currency, sum(paid), Decimal(rate))
        assert all(line.list_amount >= line.paid for line in after)


@pytest.fixture
def shop(db: None) -> Any:
    with clock.fixed(NOON):
        made = factories.make_program()
        factories.make_member(made, card=ANNA["value"])
        with factories.entered(made):
            for since, rate in ((date(2026, 10, 1), "0.20"), (date(2026, 10, 20), "0.25")):
                CurrencyRate.objects.create(currency="PLN", since_date=since, rate=Decimal(rate))
        yield made


def buy(shop: Shop, number: str, **changes: Any) -> Any:
    sent = {
        "external_id": number, "member": ANNA, "at": NOON.isoformat(), "currency": "PLN",
        "lines": [{"sku": "A", "amount": "100.00"}, {"sku": "B", "amount": "60.02"}], **changes,
    }  # fmt: skip
    return factories.client(shop, "purchases.write").post("/api/v1/transactions", sent)


def test_a_purchase_earns_by_the_rate_of_its_day_and_keeps_both_amounts(shop):
    today = buy(shop, "R1").json()
    yesterday = buy(shop, "R2", at=(NOON - timedelta(days=1)).isoformat()).json()

    assert (today["points"], today["transaction"]["amount"], today["transaction"]["currency"]) == (
        {"POINTS": "40"}, "40.01", "USD",
    )  # fmt: skip
    assert today["foreign"] == {"currency": "PLN", "amount": "160.02", "rate": "0.25"}
    assert (yesterday["points"], yesterday["foreign"]["rate"]) == ({"POINTS": "32"}, "0.2")
    with factories.entered(shop):
        row = Purchase.objects.get(external_id="R1")
        assert (row.currency, row.amount, row.foreign_currency, row.foreign_amount) == ("USD", 4001, "PLN", 16002)
        assert sum(PurchaseLine.objects.filter(purchase=row).values_list("amount", flat=True)) == 4001


def test_a_return_takes_back_what_it_earned(shop):
    buy(shop, "R1")

    back = factories.client(shop, "purchases.write").post(
        "/api/v1/transactions/R1/returns", {"external_id": "B1", "lines": [{"line_id": "1", "qty": "1"}]}
    ).json()  # fmt: skip

    assert back["reversed"] == {"POINTS": "25"}
    with factories.entered(shop):
        assert Wallet.objects.get().active == 15


@pytest.mark.parametrize("currency", ["EUR", "ZZZ"])
def test_without_a_rate_nothing_is_taken_in(shop, currency):
    answer = buy(shop, "R1", currency=currency)

    assert (answer.status_code, answer.json()["code"]) == (422, "activity.currency")
    with factories.entered(shop):
        assert not Purchase.objects.exists()


def test_a_till_is_told_no_price_in_another_currency(shop):
    sent = {"currency": "PLN", "member": ANNA, "lines": [{"sku": "A", "amount": "100.00"}]}

    answer = factories.client(shop, "till.use").post("/api/v1/quotes", sent)

    assert (answer.status_code, answer.json()["code"]) == (422, "activity.currency")
