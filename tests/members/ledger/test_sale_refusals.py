"""What is not sold for points or money, and two sales at once.

The races have been seen red without the second look for the request key under the lock, and without the lock itself.
"""

from datetime import date
from typing import Any

import pytest

from loyalty.kernel.errors import Malformed, NotFound
from loyalty.kernel.models import OutboxEvent
from members.ledger import operations as ledger
from members.ledger import outbox_types, prices, sales
from members.ledger.models import PointSale, Wallet
from members.ledger.operations import selling
from members.ledger.transfers import MemberInactive
from members.profiles.models import Member, MemberStatus
from tests.members.ledger.selling import NOW, holds, price_list, sell, state, wanted
from tests.races import names, race

pytestmark = pytest.mark.django_db(transaction=True)
LAST_DAY = date(2026, 3, 31)


class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "values", "fields"),
        [
            ("extend", {}, ["until"]),
            ("extend", {"until": LAST_DAY, "points": 5}, ["points"]),
            ("buy", {}, ["points"]),
            ("buy", {"points": 0}, ["points"]),
            ("convert", {"points": 5}, ["pay"]),
            ("reinstate", {"points": -1}, ["points"]),
        ],
    )
    def test_what_makes_no_sense_is_named(self, world, anna, kind, values, fields):
        with pytest.raises(Malformed) as refusal:
            sales.quote(wanted(world, anna, kind, **values), at=NOW)

        assert [field for field, _code in refusal.value.facts["errors"]] == fields

    def test_what_is_not_for_sale_is_not_sold(self, world, anna):
        for kind, values in (("buy", {"points": 5}), ("reinstate", {}), ("extend", {"until": LAST_DAY})):
            with pytest.raises(prices.NotForSale):
                sell(world, anna, kind, payment="P", **values)
        with pytest.raises(NotFound):
            sell(world, anna, "buy", points=5, point_type_id=1)

    def test_a_blocked_member_and_a_frozen_wallet_buy_nothing(self, world, anna):
        price_list(world, "buy", each=1)
        Wallet.objects.update(is_frozen=True)
        with pytest.raises(ledger.WalletFrozen):
            sell(world, anna, "buy", points=5, payment="P")
        Wallet.objects.update(is_frozen=False)
        Member.objects.update(status=MemberStatus.BLOCKED)
        with pytest.raises(MemberInactive):
            sell(world, anna, "buy", points=5, payment="P")

        assert (state(anna), PointSale.objects.count()) == ((0, 0), 0)


class TestRaces:
    def test_the_same_sale_twice_at_once_is_one(self, world, anna):
        price_list(world, "buy", each=1)
        asked = wanted(world, anna, "buy", points=50, payment="P")

        def buy(_number: int) -> Any:
            with world.entered():
                return sales.sell(asked, price=50, at=NOW)

        found = race(buy, times=2, pause_before=(selling, "lock_for_sale"))

        assert sorted(one.is_replay for one in found) == [False, True]
        assert (PointSale.objects.count(), state(anna)) == (1, (50, 0))
        assert OutboxEvent.objects.filter(type="point_sale.paid").count() == 1

    def test_two_sales_at_once_keep_the_cap(self, world, anna):
        price_list(world, "buy", each=1, member_cap=60)

        def buy(number: int) -> Any:
            with world.entered():
                asked = wanted(world, anna, "buy", f"s{number}", points=50, payment="P")
                return sales.sell(asked, price=50, at=NOW)

        found = race(buy, times=2, pause_before=(outbox_types, "add_posted"))

        assert names(found) == ["BeyondCap", "Offered"]
        assert state(anna) == (50, 0)
        assert holds()
