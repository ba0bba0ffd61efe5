"""``/api/v1/vouchers`` and ``/api/v1/members/{identity}/vouchers``."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from members.ledger.models import Entry, Wallet
from rewards.vouchers import services, tasks
from rewards.vouchers.models import Voucher, VoucherUse
from tests import factories
from tests.factories import NOON, Shop
from tests.rewards.vouchers.room import CARD, buy, make_template, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def client(shop: Shop) -> Any:
    return factories.client(shop, "purchases.write", "vouchers.read", "vouchers.write", "members.read")


def post(api: Any, address: str, body: dict[str, Any], key: str = "k1") -> Any:
    return api.post(f"/api/v1/{address}", body, headers={"Idempotency-Key": key})


def code_of(shop: Shop) -> str:
    with factories.entered(shop):
        return str(Voucher.objects.latest("pk").code)


def untouched(shop: Shop) -> bool:
    with factories.entered(shop):
        return list(Voucher.objects.values_list("state", "used")) == [("issued", 0)] and not VoucherUse.objects.exists()


class TestReading:
    def test_shows_what_a_code_is_worth(self, shop):
        api = client(shop)
        buy(api)
        code = code_of(shop)

        answer = api.get(f"/api/v1/vouchers/{code.lower()}", headers={"Accept-Language": "pl"}).json()

        assert answer == {
            "code": code,
            "template": "FIVE",
            "name": "5 zł mniej",
            "kind": "amount",
            "value": "5.00",
            "currency": "USD",
            "type": None,
            "sku": None,
            "state": "issued",
            "is_usable": True,
            "uses_left": 1,
            "issued_at": "2026-10-20T11:30:00+00:00",
            "valid_until": "2026-11-04T00:00:00+00:00",
        }

    def test_a_members_vouchers_the_newest_first_by_pages(self, shop):
        api = client(shop)
        for number in range(3):
            buy(api, f"R-{number}")
        first = api.get(f"/api/v1/members/card:{CARD}/vouchers?limit=2").json()

        second = api.get(f"/api/v1/members/card:{CARD}/vouchers?limit=2&cursor={first['next']}").json()

        with factories.entered(shop):
            codes = list(Voucher.objects.order_by("-pk").values_list("code", flat=True))
        assert [one["code"] for one in first["results"] + second["results"]] == codes
        assert second["next"] is None

    def test_unknown_foreign_and_not_yet_issued_codes_are_one_answer(self, shop):
        other = factories.make_program("OTHER")
        pool = make_template(other, "POOL", source="pool")
        with factories.entered(other):
            Voucher.objects.create(template_id=pool, code="FOREIGN-01", state="pooled")
        own = make_template(shop, "POOL", source="pool")
        with factories.entered(shop):
            Voucher.objects.create(template_id=own, code="POOLED-001", state="pooled")
        api = client(shop)

        answers = [api.get(f"/api/v1/vouchers/{code}") for code in ("NOBODYS-1", "FOREIGN-01", "POOLED-001")]

        assert [one.status_code for one in answers] == [404, 404, 404]
        assert len({one.content.replace(code, b"") for one, code in zip(
            answers, (b"NOBODYS-1", b"FOREIGN-01", b"POOLED-001"), strict=True)}) == 1  # fmt: skip


class TestUse:
    def test_uses_it_up_once(self, shop):
        api = client(shop)
        buy(api)
        code = code_of(shop)

        answer = post(api, f"vouchers/{code}/use", {"receipt": "R-9", "store": "store-1"})

        assert answer.status_code == 201
        assert answer.json()["voucher"]["state"] == "used"
        with factories.entered(shop):
            assert list(VoucherUse.objects.values_list("receipt", "store", "used_at")) == [("R-9", "store-1", NOON)]

        again = post(api, f"vouchers/{code}/use", {"receipt": "R-10"}, "k2")

        assert (again.status_code, again.json()["code"]) == (409, "vouchers.used_up")
        with factories.entered(shop):
            assert VoucherUse.objects.count() == 1

    def test_a_repeat_gets_the_first_answer(self, shop):
        api = client(shop)
        buy(api)
        address = f"vouchers/{code_of(shop)}/use"
        first = post(api, address, {"receipt": "R-9"})

        again = post(api, address, {"receipt": "R-9"})

        assert (again.status_code, again.json()) == (201, first.json())
        assert again["Idempotent-Replay"] == "true"
        with factories.entered(shop):
            assert VoucherUse.objects.count() == 1

    def test_after_its_last_day_it_is_refused_before_any_sweep(self, shop):
        api = client(shop)
        buy(api)
        code = code_of(shop)

        with clock.fixed(NOON + timedelta(days=15)):
            answer = post(api, f"vouchers/{code}/use", {})
            shown = api.get(f"/api/v1/vouchers/{code}").json()

        assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.over")
        assert (shown["state"], shown["is_usable"], shown["uses_left"]) == ("expired", False, 0)
        assert untouched(shop)

    def test_anothers_voucher_is_unknown(self, shop):
        factories.make_member(shop, card="4532015112830366", number="M2")
        api = client(shop)
        buy(api)
        code = code_of(shop)

        answer = post(api, f"vouchers/{code}/use", {"member": {"kind": "card", "value": "4532015112830366"}})

        assert (answer.status_code, answer.json()["code"]) == (404, "vouchers.unknown")
        assert untouched(shop)

    def test_a_voucher_for_points_gives_them(self, shop):
        make_template(shop, "FIFTY", kind="points", value=50, point_type_id=shop.point_types["POINTS"])
        api = client(shop)
        issued = post(api, f"members/card:{CARD}/vouchers", {"template": "FIFTY"}).json()
        assert (issued["value"], issued["type"]) == ("50", "POINTS")

        answer = post(api, f"vouchers/{issued['code']}/use", {}, "k2")

        assert answer.status_code == 201
        with factories.entered(shop):
            assert Wallet.objects.get().active == 50
            entry = Entry.objects.get()
            assert (entry.kind, entry.cause_kind) == ("earn", "voucher")
            assert VoucherUse.objects.get().entry_id == entry.pk


class TestWithdraw:
    def test_no_till_takes_it_any_more(self, shop):
        api = client(shop)
        buy(api)
        code = code_of(shop)

        answer = post(api, f"vouchers/{code}/withdraw", {"reason": "printed twice"})

        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
        refused = post(api, f"vouchers/{code}/use", {}, "k2")
        assert (refused.status_code, refused.json()["code"]) == (409, "vouchers.withdrawn")
        with factories.entered(shop):
            assert list(Voucher.objects.values_list("used", "withdraw_reason")) == [(0, "printed twice")]

    def test_a_used_one_stays_used(self, shop):
        api = client(shop)
        buy(api)
        code = code_of(shop)
        post(api, f"vouchers/{code}/use", {})

        answer = post(api, f"vouchers/{code}/withdraw", {"reason": "too late"}, "k2")

        assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.used_up")
        with factories.entered(shop):
            assert list(Voucher.objects.values_list("state", "withdraw_reason")) == [("used", "")]


class TestIssueByHand:
    def test_an_empty_pool_is_said_and_nothing_is_written(self, shop):
        make_template(shop, "POOL", source="pool")

        answer = post(client(shop), f"members/card:{CARD}/vouchers", {"template": "POOL"})

        assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.pool_empty")
        with factories.entered(shop):
            assert not Voucher.objects.exists()

    def test_an_unknown_template_is_not_found(self, shop):
        answer = post(client(shop), f"members/card:{CARD}/vouchers", {"template": "NONE"})

        assert answer.status_code == 404
        with factories.entered(shop):
            assert not Voucher.objects.exists()


def test_the_sweep_marks_what_is_over_and_nothing_else(shop):
    api = client(shop)
    buy(api)
    make_template(shop, "EVER")
    post(api, f"members/card:{CARD}/vouchers", {"template": "EVER"})

    with clock.fixed(NOON + timedelta(days=15)):
        tasks.sweep_vouchers()

    with factories.entered(shop):
        assert list(Voucher.objects.order_by("pk").values_list("template__code", "state")) == [
            ("FIVE", "expired"), ("EVER", "issued"),
        ]  # fmt: skip
        assert services.expire_due(at=NOON + timedelta(days=15)) == 0
