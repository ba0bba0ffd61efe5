"""A key that stands at one location speaks for no other."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from loyalty.kernel import clock, scope
from loyalty.kernel.models import ApiKey
from members.activity.models import Purchase, Return
from programs.catalog.models import Location
from tests import factories
from tests.browser import people
from tests.factories import NOON, Shop
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
CARD = "79927398713"
KEYS = "/admin/loyalty_kernel/apikey/"


@pytest.fixture
def noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def shop(noon) -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    factories.make_product(made, "A", category="all")
    return made


@pytest.fixture
def here(shop) -> int:
    factories.make_location(shop, "elsewhere")
    return factories.make_location(shop, "here")


def client(shop: Shop, location: int | None, *scopes: str, partner_id: int | None = None) -> APIClient:
    with factories.entered(shop):
        key, token = ApiKey.issue(
            name="till", scopes=list(scopes or ("purchases.write", "till.use", "files.write")), location_id=location,
            partner_id=partner_id,
        )  # fmt: skip
        key.save()
    made = APIClient()
    made.default_format = "json"
    made.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return made


def body(external_id: str = "R-1", **more: Any) -> dict[str, Any]:
    return {
        "external_id": external_id, "member": {"kind": "card", "value": CARD}, "at": NOON.isoformat(), "currency": "USD",
        "lines": [{"sku": "A", "qty": 2, "unit_price": "10.00"}], **more,
    }  # fmt: skip


def stores(shop: Shop) -> list[str | None]:
    with factories.entered(shop):
        return list(Purchase.objects.order_by("pk").values_list("location__code", flat=True))


class TestPurchases:
    def test_a_store_that_is_not_named_is_filled_in(self, shop, here):
        api = client(shop, here)

        answers = [
            api.post("/api/v1/transactions", body()),
            api.post("/api/v1/transactions", body("R-2", store="here")),
        ]

        assert [one.status_code for one in answers] == [201, 201]
        assert stores(shop) == ["here", "here"]

    @pytest.mark.parametrize("store", ["elsewhere", "nowhere"])
    def test_another_store_is_refused(self, shop, here, store):
        answer = client(shop, here).post("/api/v1/transactions", body(store=store))

        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (403, "activity.other_location")
        assert [error["field"] for error in problem["errors"]] == ["store"]
        assert stores(shop) == []

    def test_in_a_batch_that_one_alone(self, shop, here):
        items = [body("R-1"), body("R-2", store="elsewhere")]

        answer = client(shop, here).post("/api/v1/transactions/batch", {"transactions": items})

        assert [one["status"] for one in answer.json()["results"]] == [201, 403]
        assert stores(shop) == ["here"]

    def test_a_file_names_many_stores_and_is_refused(self, shop, here):
        answer = client(shop, here).post("/api/v1/files/purchases", b"external_id\n", content_type="text/csv")

        assert (answer.status_code, answer.json()["code"]) == (403, "activity.other_location")

    def test_a_key_of_a_partner_and_a_location_is_both(self, shop):
        partner = factories.make_partner(shop, "BAKER")
        own = factories.make_location(shop, "bakery", partner_id=partner)
        factories.make_location(shop, "second", partner_id=partner)
        api = client(shop, own, partner_id=partner)

        answers = [
            api.post("/api/v1/transactions", body()),
            api.post("/api/v1/transactions", body("R-2", store="second")),
        ]

        assert [one.status_code for one in answers] == [201, 403]
        assert stores(shop) == ["bakery"]

    def test_a_key_without_a_location_names_any(self, shop, here):
        answer = client(shop, None).post("/api/v1/transactions", body(store="elsewhere"))

        assert (answer.status_code, stores(shop)) == (201, ["elsewhere"])

    def test_what_the_key_lends_for_a_while_stands_there_too(self, shop, here):
        api = client(shop, here)
        with factories.entered(shop):
            key = ApiKey.objects.get(name="till")
            secret = key.rotate(NOON)
            key.save()
        asked = {"grant_type": "client_credentials", "client_id": str(key.public_id), "client_secret": secret}
        form = {"content_type": "application/x-www-form-urlencoded"}
        lent = APIClient().post("/api/v1/oauth/token", urlencode(asked), **form).json()["access_token"]
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {lent}")

        answer = api.post("/api/v1/transactions", body(store="elsewhere"))

        assert (answer.status_code, answer.json()["code"]) == (403, "activity.other_location")


class TestReturns:
    back = {"external_id": "B-1", "lines": [{"line_id": "1", "qty": 1}]}

    def test_what_another_location_sold_is_not_taken_back(self, shop, here):
        client(shop, None).post("/api/v1/transactions", body(store="elsewhere"))

        answer = client(shop, here).post("/api/v1/transactions/R-1/returns", self.back)

        assert (answer.status_code, answer.json()["code"]) == (403, "activity.other_location")
        with factories.entered(shop):
            assert not Return.objects.exists()

    def test_what_names_no_store_comes_back_anywhere(self, shop, here):
        client(shop, None).post("/api/v1/transactions", body())

        assert client(shop, here).post("/api/v1/transactions/R-1/returns", self.back).status_code == 201

    def test_its_own_is(self, shop, here):
        api = client(shop, here)
        api.post("/api/v1/transactions", body())

        assert api.post("/api/v1/transactions/R-1/returns", self.back).status_code == 201


class TestTill:
    def commit(self, api: APIClient, external_id: str, **more: Any):
        purchase = body(external_id, **more)
        return api.post("/api/v1/till/receipts", {"op_id": str(uuid4()), "till": "4", "purchase": purchase})

    def test_a_receipt_gets_the_store_and_another_is_refused(self, shop, here):
        api = client(shop, here)

        done, refused = self.commit(api, "R-1"), self.commit(api, "R-2", store="elsewhere")

        assert (done.status_code, refused.status_code) == (201, 403)
        assert refused.json()["code"] == "activity.other_location"
        assert stores(shop) == ["here"]

    def test_a_quote_for_another_store_is_refused(self, shop, here):
        basket = {**body(store="elsewhere"), "till": "4"}
        del basket["external_id"], basket["at"]

        answer = client(shop, here).post("/api/v1/quotes", basket)

        assert (answer.status_code, answer.json()["code"]) == (403, "activity.other_location")

    def test_the_receipt_of_another_store_is_not_refunded(self, shop, here):
        self.commit(client(shop, None), "R-1", store="elsewhere")
        wanted = {"op_id": str(uuid4()), "till": "4", "receipt": "R-1", "lines": [{"line_id": "1", "qty": "1"}]}

        refused = client(shop, here).post("/api/v1/till/refunds", wanted)
        done = client(shop, None).post("/api/v1/till/refunds", {**wanted, "op_id": str(uuid4())})

        assert (refused.status_code, refused.json()["code"]) == (403, "activity.other_location")
        assert done.status_code == 201


class TestForm:
    @pytest.fixture
    def program(self) -> int:
        return people.make_program()

    @pytest.fixture
    def operator(self, program):
        return signed_in(people.make_operator())

    def location(self, program: int, code: str = "100") -> int:
        with scope.enter([program], scope.SYSTEM):
            return int(Location.objects.get(code=code).pk)

    def add(self, operator, **values: Any):
        return operator.post(f"{KEYS}add/", {"name": "Shop", "scopes": ["purchases.write"], **values})

    def keys(self, program: int) -> list[ApiKey]:
        with scope.enter([program], scope.SYSTEM):
            return list(ApiKey.objects.filter(name="Shop").select_related("location"))

    def test_the_key_s_page_and_the_list_name_the_location(self, operator, program):
        self.add(operator, location=self.location(program))
        (key,) = self.keys(program)

        assert key.location.code == "100"
        assert "Main street" in operator.get(KEYS).content.decode()
        assert "Main street" in operator.get(f"{KEYS}{key.pk}/change/").content.decode()

    def test_a_key_that_sends_files_has_none(self, operator, program):
        answer = self.add(operator, location=self.location(program), scopes=["files.write"])

        assert "Files name many locations" in answer.content.decode()
        assert self.keys(program) == []

    def test_a_location_of_another_program_is_not_there(self, operator, program):
        other = people.make_program("OTHER")

        answer = self.add(operator, location=self.location(other))

        assert answer.status_code == 200
        assert self.keys(program) == []
