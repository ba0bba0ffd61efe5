"""What promotions grant beside points, through the door of purchases: tiers, attributes, flags, deductions."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import AuditRecord
from members.activity import flags
from members.activity.flags import FlagCleared
from members.activity.models import Evaluation, MemberFlag, Purchase
from members.ledger import invariants
from members.ledger.models import Entry, Wallet
from members.profiles.models import Member, MemberAttribute, MemberTier
from programs.promotions import services as promotions
from programs.setup.models import PointType
from programs.tiers.models import Tier, TierScheme
from tests import factories
from tests.factories import LONG_AGO, NOON, Shop
from tests.rewards.vouchers.room import CARD, bring_back, buy

pytestmark = pytest.mark.django_db

FROM_TWENTY = {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "20.00"}


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    return made


def grant(shop: Shop, *effects: dict[str, Any], code: str = "RULE", **frame: Any) -> None:
    factories.publish(shop, code, {"schema": "promo/1", "when": FROM_TWENTY, "then": list(effects), **frame})


def client(shop: Shop) -> Any:
    return factories.client(shop, "purchases.write")


def declare(shop: Shop, code: str, kind: str) -> None:
    with factories.entered(shop):
        MemberAttribute.objects.create(code=code, name={"en": code}, kind=kind)


def attributes(shop: Shop) -> dict[str, Any]:
    with factories.entered(shop):
        return dict(Member.objects.get().attributes)


def refused(shop: Shop, effect: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Exception, match="malformed") as refusal:
        grant(shop, effect, code="OTHER")
    return list(refusal.value.facts["errors"])


class TestAttributes:
    def test_counts_up_and_down_again(self, shop):
        declare(shop, "visits", "whole")
        grant(shop, {"effect": "attribute_set", "attr": "member.visits", "add": "1"})
        api = client(shop)

        buy(api, "R-1")
        buy(api, "R-2")

        assert attributes(shop) == {"visits": 2}
        with factories.entered(shop):
            record = AuditRecord.objects.filter(action="member.attribute_set").latest("pk")
            assert (record.changes, record.reason) == ({"visits": [1, 2]}, "RULE")

        bring_back(api, 2, of="R-1")

        assert attributes(shop) == {"visits": 1}

    def test_sets_and_puts_back_what_stood_there(self, shop):
        declare(shop, "favorite", "text")
        grant(shop, {"effect": "attribute_set", "attr": "member.favorite", "value": "coffee"})
        with factories.entered(shop):
            Member.objects.update(attributes={"favorite": "tea", "size": 42})
        api = client(shop)

        buy(api)
        assert attributes(shop) == {"favorite": "coffee", "size": 42}
        bring_back(api, 2)

        assert attributes(shop) == {"favorite": "tea", "size": 42}

    def test_leaves_what_somebody_set_since(self, shop):
        declare(shop, "favorite", "text")
        grant(shop, {"effect": "attribute_set", "attr": "member.favorite", "value": "coffee"})
        api = client(shop)
        buy(api)
        with factories.entered(shop):
            Member.objects.update(attributes={"favorite": "juice"})

        bring_back(api, 2)

        assert attributes(shop) == {"favorite": "juice"}

    def test_a_batch_judges_the_next_purchase_by_what_the_one_before_set(self, shop):
        declare(shop, "visits", "whole")
        grant(shop, {"effect": "attribute_set", "attr": "member.visits", "add": 1})
        third = {"op": "test", "attr": "member.visits", "cmp": "gte", "value": 2}
        earn = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "100"}}
        factories.publish(shop, "THIRD", {"schema": "promo/1", "when": third, "then": [earn]})
        one = {
            "member": {"kind": "card", "value": CARD},
            "currency": "USD",
            "lines": [{"sku": "A", "unit_price": "20"}],
        }
        given = [{**one, "external_id": f"R-{n}", "at": f"2026-10-20T11:3{n}:00Z"} for n in range(3)]

        results = client(shop).post("/api/v1/transactions/batch", {"transactions": given}).json()["results"]

        assert [one["answer"]["points"]["POINTS"] for one in results] == ["20", "20", "120"]
        assert attributes(shop) == {"visits": 3}

    @pytest.mark.parametrize(
        ("change", "field", "code"),
        [
            ({"attr": "member.nothing", "value": "x"}, "/then/0/attr", "undeclared_attribute"),
            ({"attr": "member.visits", "value": "many"}, "/then/0/value", "wrong_type"),
            ({"attr": "member.visits", "add": "0.5"}, "/then/0/add", "wrong_format"),
            ({"attr": "member.favorite", "add": "1"}, "/then/0/add", "not_counted"),
            ({"attr": "member.visits"}, "/then/0/value", "exactly_one"),
        ],
    )
    def test_publishing_says_what_is_wrong_at_its_field(self, shop, change, field, code):
        declare(shop, "visits", "whole")
        declare(shop, "favorite", "text")

        assert refused(shop, {"effect": "attribute_set", **change}) == [(field, code)]


class TestFlags:
    FLAG = {"effect": "flag", "flag": "BIG-BASKET", "severity": "block", "text": {"en": "Call the store"}}

    def test_raises_one_that_stands_until_it_is_cleared(self, shop):
        grant(shop, self.FLAG)
        api = client(shop)
        buy(api, "R-1")
        buy(api, "R-2")

        with factories.entered(shop):
            flag = MemberFlag.objects.get()
            assert (flag.code, flag.severity, str(flag.note), flag.rule) == (
                "BIG-BASKET", "block", "Call the store", "RULE",
            )  # fmt: skip
            assert flag.purchase_id == Purchase.objects.earliest("pk").pk
            flags.clear_flag(flag_id=flag.pk, reason="a wedding", at=NOON)
            with pytest.raises(FlagCleared):
                flags.clear_flag(flag_id=flag.pk, reason="again", at=NOON)
            flag.refresh_from_db()
            assert (flag.cleared_at, flag.clear_reason) == (NOON, "a wedding")

        buy(api, "R-3")

        with factories.entered(shop):
            assert MemberFlag.objects.filter(cleared_at__isnull=True).count() == 1

    def test_goes_with_the_goods_that_raised_it(self, shop):
        grant(shop, self.FLAG)
        api = client(shop)
        buy(api, "R-1")
        buy(api, "R-2")

        bring_back(api, 2, "B-2", of="R-2")
        with factories.entered(shop):
            assert MemberFlag.objects.get().cleared_at is None

        bring_back(api, 2, "B-1", of="R-1")
        with factories.entered(shop):
            assert MemberFlag.objects.values_list("cleared_at", "clear_reason").get() == (NOON, "returned")


class TestBurn:
    BURN = {"effect": "burn", "type": "POINTS", "formula": {"kind": "fixed", "points": "30"}}

    def test_takes_points_and_says_the_balance_after_it(self, shop):
        grant(shop, self.BURN)
        api = client(shop)
        buy(api, "R-1", "19.00")

        answer = buy(api, "R-2", "25.00").json()

        assert answer["points"] == {"POINTS": "25"}
        assert answer["balance"]["POINTS"] == {"active": "14", "pending": "0", "reserved": "0", "debt": "0"}
        assert buy(api, "R-2", "25.00").json() == answer
        with factories.entered(shop):
            assert list(Entry.objects.order_by("pk").values_list("kind", "cause_kind")) == [
                ("earn", "purchase"), ("earn", "purchase"), ("redeem", "burn"),
            ]  # fmt: skip
            assert list(invariants.check("default")) == []

    def test_writes_off_what_is_not_there(self, shop):
        grant(shop, self.BURN)

        buy(client(shop), "R-1", "20.00")

        with factories.entered(shop):
            issued = Evaluation.objects.get().outcome["effects"][0]["issued"]
            assert (issued["taken"], issued["missing"]) == (20, 10)
            wallet = Wallet.objects.get()
            assert (wallet.active, wallet.debt) == (0, 0)
            assert list(invariants.check("default")) == []

    def test_a_full_return_gives_back_and_takes_back(self, shop):
        grant(shop, self.BURN)
        api = client(shop)
        buy(api, "R-1", "19.00")
        buy(api, "R-2", "25.00")

        bring_back(api, 2, of="R-2")

        with factories.entered(shop):
            wallet = Wallet.objects.get()
            assert (wallet.active, wallet.debt) == (19, 0)
            assert list(invariants.check("default")) == []

    def test_points_that_only_count_are_not_taken(self, shop):
        with factories.entered(shop):
            PointType.objects.create(code="STATUS", name={"en": "status"}, position=1, is_spendable=False)

        assert refused(shop, {**self.BURN, "type": "STATUS"}) == [("/then/0/type", "points_only_count")]


class TestTiers:
    @pytest.fixture
    def shop(self, shop: Shop) -> Shop:
        with factories.entered(shop):
            scheme = TierScheme.objects.create(
                code="STATUS", name={"en": "Status"}, point_type_id=shop.point_types["POINTS"],
                window_months=12, valid_months=12,
            )  # fmt: skip
            for rank, (code, threshold) in enumerate([("BASIC", 0), ("SILVER", 100), ("GOLD", 1000)]):
                Tier.objects.create(scheme=scheme, code=code, name={"en": code}, rank=rank, threshold=threshold)
            promotions.freeze_settings(now=LONG_AGO)
        grant(shop, {"effect": "tier", "tier": "SILVER", "valid": {"after_days": 30, "at": "start_of_day"}})
        return shop

    def test_holds_until_the_day_and_is_seen_by_the_next_purchase(self, shop):
        buy(client(shop))

        with factories.entered(shop):
            row = MemberTier.objects.select_related("tier").get()
            assert (row.tier.code, row.cause, row.ended_at) == ("SILVER", "promotion", None)
            assert row.valid_until == date(2026, 11, 19)
            assert row.since_at == datetime(2026, 10, 20, 11, 30, tzinfo=UTC)

    def test_ends_when_the_goods_come_back(self, shop):
        api = client(shop)
        buy(api)

        bring_back(api, 2)

        with factories.entered(shop):
            present = MemberTier.objects.select_related("tier").get(ended_at__isnull=True)
            assert (present.tier.code, present.cause) == ("BASIC", "return")

    def test_who_stands_higher_stays(self, shop):
        api = client(shop)
        buy(api, "R-0", "1000.00")
        with factories.entered(shop):
            before = list(MemberTier.objects.values_list("tier__code", "valid_until", "ended_at"))

        buy(api, "R-1")

        with factories.entered(shop):
            assert list(MemberTier.objects.values_list("tier__code", "valid_until", "ended_at")) == before
            assert before[-1][0] == "GOLD"

    def test_publishing_knows_the_programs_tiers(self, shop):
        assert refused(shop, {"effect": "tier", "tier": "DIAMOND"}) == [("/then/0/tier", "unknown_tier")]
        assert refused(shop, {"effect": "tier", "scheme": "NONE", "tier": "GOLD"}) == [
            ("/then/0/scheme", "unknown_scheme")
        ]
