"""Receipts in other currencies, by file: the points and the figures of the API."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from loyalty.kernel import clock
from members.activity.models import Purchase
from members.files.models import FileReject
from members.ledger.models import Wallet
from programs.setup.models import CurrencyRate
from tests import factories
from tests.browser.people import make_staff
from tests.factories import NOON, Shop
from tests.kernel.pages.staff import signed_in
from tests.members.files.writing import CARD, row, take_in, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    with clock.fixed(NOON):
        made = factories.make_program()
        factories.make_member(made, card=CARD)
        with factories.entered(made):
            for code, since, rate in (
                ("PLN", date(2026, 10, 1), "0.20"), ("PLN", date(2026, 10, 20), "0.25"),
                ("JPY", date(2026, 10, 1), "0.0067"), ("KWD", date(2026, 10, 1), "3.25"),
            ):  # fmt: skip
                CurrencyRate.objects.create(currency=code, since_date=since, rate=Decimal(rate))
        yield made


def kept(shop: Shop) -> dict[str, tuple[int, str, int | None, Decimal | None]]:
    """By receipt: its amount in cents, and the currency, amount and rate of what was paid."""
    with factories.entered(shop):
        rows = Purchase.objects.values_list(
            "external_id", "amount", "foreign_currency", "foreign_amount", "foreign_rate"
        )
        return {receipt: tuple(rest) for receipt, *rest in rows}


def test_a_receipt_earns_by_the_rate_of_its_day_as_by_the_api(shop):
    rows = [
        row("R-1", "100.00", currency="PLN"), row("R-1", "60.02", currency="PLN", sku="B"),
        row("R-2", "160.02", currency="PLN", at="2026-10-19T11:30:00Z"),
    ]  # fmt: skip

    answer = take_in(shop, written(rows))

    assert (answer["state"], answer["recorded"], answer["rejected"]) == ("done", 2, 0)
    assert (answer["amount"], answer["accepted_amount"], answer["currency"]) == ("320.04", "320.04", "PLN")
    assert kept(shop) == {
        "R-1": (4001, "PLN", 16002, Decimal("0.25")), "R-2": (3200, "PLN", 16002, Decimal("0.20")),
    }  # fmt: skip
    by_api = factories.client(shop, "purchases.write").post(
        "/api/v1/transactions",
        {
            "external_id": "R-1", "member": {"kind": "card", "value": CARD}, "at": "2026-10-20T11:30:00Z", "currency": "PLN",
            "lines": [{"sku": "A", "qty": "1", "amount": "100.00"}, {"sku": "B", "qty": "1", "amount": "60.02"}],
        },
    )  # fmt: skip
    # The very same receipt: known, and nothing moves.
    assert (by_api["Idempotent-Replay"], by_api.json()["points"]) == ("true", {"POINTS": "40"})
    with factories.entered(shop):
        assert Wallet.objects.get().active == 40 + 32


def test_each_currency_has_its_own_decimals_and_the_figures_are_added_up(shop):
    rows = [
        row("R-1", "1500", currency="JPY"), row("R-2", "1.234", currency="KWD"), row("R-3", "10.50", currency=""),
    ]  # fmt: skip

    answer = take_in(shop, written(rows))

    assert (answer["recorded"], answer["rejected"]) == (3, 0)
    assert (answer["amount"], answer["accepted_amount"], answer["currency"]) == ("1511.734", "1511.734", None)
    assert {receipt: found[:3] for receipt, found in kept(shop).items()} == {
        "R-1": (1005, "JPY", 1500), "R-2": (401, "KWD", 1234), "R-3": (1050, "", None),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"currency": "PLN", "at": "2026-09-30T11:30:00Z"}, "currency", "activity.currency"),
        ({"currency": "GBP"}, "currency", "activity.currency"),
        ({"currency": "pln"}, "currency", "activity.currency"),
        ({"currency": "JPY", "amount": "5.50"}, "amount", "too_many_decimals"),
        ({"currency": "PLN", "amount": "5.505"}, "amount", "too_many_decimals"),
    ],
)
def test_without_a_rate_on_its_day_or_with_too_many_decimals_a_receipt_is_left_out(shop, cells, field, code):
    wrong = row("R-2", **{"amount": "5.00", **cells})

    answer = take_in(shop, written([row("R-1", "10.00"), wrong]))

    assert (answer["state"], answer["recorded"], answer["rejected"]) == ("done", 1, 1)
    assert set(kept(shop)) == {"R-1"}
    with factories.entered(shop):
        reject = FileReject.objects.get()
    assert (reject.line, reject.external_id, reject.field, reject.code) == (3, "R-2", field, code)


def test_the_page_names_the_currency_and_says_where_there_are_several(shop):
    person = make_staff(shop.program_id, "supervisor")
    browser = signed_in(person)
    one = take_in(shop, written([row("R-1", "100.00", currency="PLN")]))
    several = take_in(shop, written([row("R-2", "100.00", currency="PLN"), row("R-3", "1.50", currency="USD")]))

    assert "100.00\u00a0PLN" in browser.get(f"/admin/files/{one['id']}/").content.decode()
    page = browser.get(f"/admin/files/{several['id']}/").content.decode()
    assert "101.50" in page
    assert "figures of several currencies added up" in page
