"""A file of purchases, from the API to the books."""

import gzip

import pytest

from loyalty.kernel import clock
from members.activity.models import Purchase
from members.files.models import FileReject, PurchaseFile
from members.ledger.models import Wallet
from tests import factories
from tests.factories import NOON, Shop
from tests.members.files.writing import ADDRESS, row, run_jobs, send, take_in, the_file, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card="79927398713")
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def books(shop: Shop) -> tuple[dict[str, int], int]:
    """Amounts by receipt, and the points of the member."""
    with factories.entered(shop):
        return dict(Purchase.objects.values_list("external_id", "amount")), Wallet.objects.get().active


class TestWholeFile:
    def test_is_recorded_with_its_totals(self, shop):
        answer = take_in(shop, written([row("R-1", "10.00"), row("R-1", "2.50", sku="B"), row("R-2", "7.25")]))

        assert answer["state"] == "done"
        assert (answer["purchases"], answer["lines"], answer["amount"]) == (2, 3, "19.75")
        assert (answer["recorded"], answer["known"], answer["rejected"]) == (2, 0, 0)
        assert answer["accepted_amount"] == "19.75"
        # A point for each full unit of each receipt.
        assert books(shop) == ({"R-1": 1250, "R-2": 725}, 19)

    @pytest.mark.parametrize("delimiter", [";", ",", "\t"])
    def test_packed_or_not_and_with_any_usual_delimiter(self, shop, delimiter):
        answer = take_in(shop, gzip.compress(written([row("R-1")], delimiter=delimiter)))

        assert (answer["state"], answer["recorded"]) == ("done", 1)

    def test_a_price_and_a_discount_instead_of_what_was_paid(self, shop):
        line = row("R-1", "", qty="1.5", unit_price="3.33", discount="1.00")

        # 1.5 at 3.33 are 5.00, half up; less the discount.
        answer = take_in(shop, written([line], totals=(1, 1, "4.00")))

        assert (answer["state"], answer["amount"]) == ("done", "4.00")
        assert books(shop) == ({"R-1": 400}, 4)

    def test_nothing_happened_that_day(self, shop):
        answer = take_in(shop, written([], totals=(0, 0, "0")))

        assert (answer["state"], answer["purchases"], answer["recorded"]) == ("done", 0, 0)

    def test_receipts_are_judged_in_the_order_of_time_whatever_stands_first(self, shop):
        bonus = {
            "schema": "promo/1",
            "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "10.00"},
            "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "100"}}],
            "limits": [{"id": "ONCE", "scope": "member", "period": "lifetime", "measure": "uses", "max": "1"}],
        }
        factories.publish(shop, "FIRST", bonus)
        late, early = row("R-2", at="2026-10-20T13:30:00+02:00"), row("R-1", at="2026-10-20T13:30:00+03:00")

        take_in(shop, written([late, early]))

        with factories.entered(shop):
            outcomes = {p.external_id: p.evaluations.get().outcome for p in Purchase.objects.all()}
        assert "FIRST" in str(outcomes["R-1"]["grants"])
        assert "FIRST" not in str(outcomes["R-2"]["grants"])


class TestSameAgain:
    def test_the_same_file_is_the_first_one(self, shop):
        content, api = written([row("R-1")]), factories.client(shop, "files.write")
        first = send(api, content)
        run_jobs(shop)
        before = books(shop)

        again = send(api, content, name="another-name.csv")
        run_jobs(shop)

        assert (first.status_code, again.status_code) == (202, 200)
        assert again["Idempotent-Replay"] == "true"
        assert again.json() == {**first.json(), **api.get(f"{ADDRESS}/{first.json()['id']}").json()}
        assert (again.json()["state"], again.json()["recorded"]) == ("done", 1)
        assert books(shop) == before
        with factories.entered(shop):
            assert PurchaseFile.objects.count() == 1

    def test_receipts_of_another_file_are_known(self, shop):
        take_in(shop, written([row("R-1")]))

        answer = take_in(shop, written([row("R-1"), row("R-2", "5.00")]))

        assert (answer["recorded"], answer["known"], answer["rejected"]) == (1, 1, 0)
        assert answer["accepted_amount"] == "15.00"
        assert books(shop) == ({"R-1": 1000, "R-2": 500}, 15)

    def test_a_receipt_with_another_content_is_left_out(self, shop):
        take_in(shop, written([row("R-1")]))

        answer = take_in(shop, written([row("R-2", "5.00"), row("R-1", "99.00")]))

        assert (answer["recorded"], answer["known"], answer["rejected"]) == (1, 0, 1)
        with factories.entered(shop):
            reject = FileReject.objects.get()
        assert (reject.line, reject.external_id, reject.code) == (3, "R-1", "idempotency_mismatch")
        assert books(shop) == ({"R-1": 1000, "R-2": 500}, 15)

    def test_a_receipt_that_came_by_the_api_is_known(self, shop):
        factories.client(shop, "purchases.write").post(
            "/api/v1/transactions",
            {
                "external_id": "R-1",
                "member": {"kind": "card", "value": "79927398713"},
                "at": "2026-10-20T11:30:00Z",
                "currency": "USD",
                "lines": [{"sku": "A", "qty": "1", "amount": "10.00"}],
            },
        )

        answer = take_in(shop, written([row("R-1", channel="")]))

        assert (answer["recorded"], answer["known"], answer["rejected"]) == (0, 1, 0)
        assert books(shop) == ({"R-1": 1000}, 10)


class TestDoors:
    def test_a_key_of_a_partner_sees_its_own_files_alone(self, shop):
        bakery = factories.make_partner(shop, "BAKERY")
        of_bakery = factories.client(shop, "files.write", partner_id=bakery)
        file_id = send(of_bakery, written([row("R-1")])).json()["id"]

        assert of_bakery.get(f"{ADDRESS}/{file_id}").json()["source"] == "BAKERY"
        others = factories.client(shop, "files.write")
        for address in (file_id, f"{file_id}/rejects"):
            assert others.get(f"{ADDRESS}/{address}").status_code == 404
        assert others.post(f"{ADDRESS}/{file_id}/stop").status_code == 404

    def test_two_sources_may_use_the_same_numbers(self, shop):
        bakery = factories.make_partner(shop, "BAKERY")
        content = written([row("R-1")])
        take_in(shop, content)

        send(factories.client(shop, "files.write", partner_id=bakery), content)
        run_jobs(shop)

        with factories.entered(shop):
            assert list(Purchase.objects.order_by("pk").values_list("source", flat=True)) == ["api", "BAKERY"]

    def test_another_program_does_not_see_it(self, shop):
        file_id = take_in(shop, written([row("R-1")]))["id"]
        other = factories.client(factories.make_program("OTHER"), "files.write")

        assert other.get(f"{ADDRESS}/{file_id}").status_code == 404

    def test_nothing_at_all_is_refused(self, shop):
        response = send(factories.client(shop, "files.write"), b"")

        assert (response.status_code, response.json()["code"]) == (422, "files.empty")
        with factories.entered(shop):
            assert not PurchaseFile.objects.exists()

    def test_what_is_finished_is_neither_stopped_nor_resumed(self, shop):
        api = factories.client(shop, "files.write")
        file_id = send(api, written([row("R-1")])).json()["id"]
        run_jobs(shop)

        for deed in ("stop", "resume"):
            response = api.post(f"{ADDRESS}/{file_id}/{deed}")
            assert (response.status_code, response.json()["code"]) == (409, "files.not_stopped")
        assert the_file(shop).standing == "done"
