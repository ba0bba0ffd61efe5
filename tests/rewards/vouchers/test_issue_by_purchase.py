"""Vouchers that purchases bring, and what returns make of them."""

from datetime import UTC, datetime

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import OutboxEvent
from members.activity.models import Evaluation, Purchase
from members.ledger.models import Wallet
from rewards.vouchers import services
from rewards.vouchers.models import Voucher
from rewards.vouchers.signs import is_intact
from tests import factories
from tests.factories import NOON
from tests.rewards.vouchers.room import FIVE_OFF, bring_back, buy, make_template, open_shop, vouchers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


class TestIssued:
    def test_the_answer_brings_the_code_and_its_last_day(self):
        shop = open_shop()

        answer = buy(factories.client(shop, "purchases.write")).json()

        (voucher,) = vouchers(shop)
        assert answer["vouchers"] == [
            {
                "rule": "FIVE_OFF",
                "template": "FIVE",
                "code": voucher.code,
                # Fourteen days after the day of the purchase, that day to its end.
                "valid_until": "2026-11-04T00:00:00+00:00",
            }
        ]
        assert answer["points"] == {"POINTS": "25"}
        assert len(voucher.code) == 11
        assert is_intact(voucher.code)
        assert (voucher.state, voucher.uses, voucher.used, voucher.cause_kind) == ("issued", 1, 0, "purchase")
        assert voucher.valid_until == datetime(2026, 11, 4, tzinfo=UTC)
        with factories.entered(shop):
            assert voucher.cause_id == Purchase.objects.get().pk
            assert OutboxEvent.objects.filter(type="voucher.issued", subject_id=voucher.pk).count() == 1

    def test_a_repeat_gets_the_same_code_and_issues_nothing(self):
        shop = open_shop()
        api = factories.client(shop, "purchases.write")
        first = buy(api)

        again = buy(api)

        assert again["Idempotent-Replay"] == "true"
        assert again.json() == first.json()
        assert len(vouchers(shop)) == 1

    def test_a_purchase_below_brings_none(self):
        shop = open_shop()

        answer = buy(factories.client(shop, "purchases.write"), price="19.00").json()

        assert answer["vouchers"] == []
        assert vouchers(shop) == []
        with factories.entered(shop):
            assert "effects" not in Evaluation.objects.get().outcome

    def test_a_batch_issues_one_for_each_of_its_purchases(self, django_assert_max_num_queries):
        shop = open_shop()
        api = factories.client(shop, "purchases.write")
        single = {"member": {"kind": "card", "value": "79927398713"}, "at": "2026-10-20T11:30:00Z", "currency": "USD",
                  "lines": [{"sku": "A", "unit_price": "30.00"}]}  # fmt: skip

        answer = api.post(
            "/api/v1/transactions/batch",
            {"transactions": [{**single, "external_id": f"R-{number}"} for number in range(5)]},
        ).json()

        codes = [one["answer"]["vouchers"][0]["code"] for one in answer["results"]]
        assert len(set(codes)) == 5
        assert sorted(codes) == sorted(one.code for one in vouchers(shop))

    def test_a_pool_gives_its_codes_in_order_and_then_none(self):
        shop = open_shop()
        pool = make_template(shop, "POOL", source="pool")
        with factories.entered(shop):
            for code in ("AAAA-0001", "AAAA-0002"):
                Voucher.objects.create(template_id=pool, code=code, state="pooled")
        factories.publish(shop, "FIVE_OFF", {**FIVE_OFF, "then": [{"effect": "voucher", "template": "POOL"}]})
        api = factories.client(shop, "purchases.write")

        with clock.fixed(NOON.replace(hour=13)):
            got = [buy(api, f"R-{number}", at="2026-10-20T12:30:00Z").json()["vouchers"] for number in range(1, 4)]

        assert [[one["code"] for one in each] for each in got] == [["AAAA-0001"], ["AAAA-0002"], []]


class TestReturned:
    def test_withdraws_an_unused_one_when_the_kept_goods_no_longer_earn_it(self):
        shop = open_shop()
        api = factories.client(shop, "purchases.write")
        buy(api)

        answer = bring_back(api, 1).json()

        assert answer["reversed"] == {"POINTS": "13"}
        (voucher,) = vouchers(shop)
        assert (voucher.state, voucher.withdraw_reason, voucher.withdrawn_at) == ("withdrawn", "returned", NOON)

    def test_undoes_it_once_whatever_else_comes_back(self):
        shop = open_shop()
        api = factories.client(shop, "purchases.write")
        buy(api)
        bring_back(api, 1)

        with clock.fixed(NOON.replace(hour=13)):
            bring_back(api, 1, "RET-2")

        (voucher,) = vouchers(shop)
        assert (voucher.state, voucher.withdrawn_at) == ("withdrawn", NOON)
        with factories.entered(shop):
            undone = [row.outcome.get("withdrawn") for row in Evaluation.objects.filter(kind="return").order_by("pk")]
            assert undone == [[["FIVE_OFF", 0]], None]
            assert OutboxEvent.objects.filter(type="voucher.withdrawn").count() == 1

    def test_leaves_a_used_one(self):
        shop = open_shop()
        api = factories.client(shop, "purchases.write")
        buy(api)
        with factories.entered(shop):
            code = Voucher.objects.get().code
            services.use_voucher(code=code, member_id=None, receipt="R-2", store="", request_key="u1", at=NOON)

        bring_back(api, 2)

        assert [(one.state, one.used) for one in vouchers(shop)] == [("used", 1)]

    def test_leaves_it_where_the_rule_says_so(self):
        shop = open_shop(on_reverse="ignore")
        api = factories.client(shop, "purchases.write")
        buy(api)

        bring_back(api, 2)

        assert [one.state for one in vouchers(shop)] == ["issued"]

    def test_a_return_before_its_purchase_issues_and_withdraws(self):
        shop = open_shop()
        api = factories.client(shop, "purchases.write")
        assert bring_back(api, 2).status_code == 202

        buy(api)

        assert [one.state for one in vouchers(shop)] == ["withdrawn"]
        with factories.entered(shop):
            assert Wallet.objects.get().active == 0


class TestPublishing:
    @pytest.mark.parametrize(
        ("changes", "field", "code"),
        [
            ({"template": "NONE"}, "/then/0/template", "unknown_template"),
            ({"to": "referrer"}, "/then/0/to", "recipient_not_offered"),
            ({"on_reverse": "charge_value"}, "/then/0/on_reverse", "on_reverse_not_offered"),
        ],
    )
    def test_says_at_the_field_what_the_program_does_not_have(self, changes, field, code):
        shop = open_shop()
        document = {**FIVE_OFF, "then": [{**FIVE_OFF["then"][0], **changes}]}

        with pytest.raises(Exception, match=code) as refusal:
            factories.publish(shop, "OTHER", document)

        assert refusal.value.facts["errors"] == [(field, code)]
