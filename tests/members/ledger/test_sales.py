"""Later ends, expired points, new points and conversions: at the agreed price, once, and the books hold."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from loyalty.kernel.models import AuditRecord
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations as ledger
from members.ledger import past, prices, sales, services
from members.ledger.models import Entry, Lot, LotEnd, PointSale, Posting, PriceStep, Wallet
from members.ledger.operations import selling
from programs.setup.models import Program
from tests import factories
from tests.members.ledger.selling import NOW, give, holds, other_type, price_list, rate, sell, state, wanted
from tests.members.world import World, wallet_of

pytestmark = pytest.mark.django_db(transaction=True)
ENDS = datetime(2026, 4, 1, tzinfo=UTC)
LAST_DAY = date(2026, 3, 31)


class TestLaterEnd:
    def test_what_ends_soon_lives_on_and_keeps_who_paid_for_it(self, world, anna):
        price_list(world, "extend", fixed=200, each=100, block=50)
        give(world, anna, 120)
        give(world, anna, 30, "later", at=NOW + timedelta(days=5))

        done = sell(world, anna, "extend", until=LAST_DAY, payment="PAY-1")

        assert (done.sale.points, done.sale.price, done.sale.currency, done.sale.state) == (120, 500, "USD", "paid")
        assert [(one.points, one.before, one.after) for one in done.parts] == [(120, ENDS, ENDS + timedelta(days=60))]
        lots = Lot.objects.order_by("pk").values_list("remaining", "expires_at")
        assert list(lots) == [(120, ENDS + timedelta(days=60)), (30, datetime(2026, 4, 6, tzinfo=UTC))]
        assert state(anna) == (150, 0)
        entry = Entry.objects.get(kind="extend")
        assert (entry.cause_kind, entry.cause_id, entry.postings.count()) == ("sale", done.sale.pk, 0)
        assert holds()

    def test_neither_the_sweep_nor_a_spending_meets_the_old_end(self, world, anna):
        price_list(world, "extend", fixed=200)
        give(world, anna, 50)
        sell(world, anna, "extend", until=LAST_DAY, payment="PAY-1")
        after = ENDS + timedelta(days=1)

        assert services.expire_due(at=after) == 0
        give(world, anna, 1, "taken", at=after)
        with unit_of_work():
            ledger.spend(wallet_of(anna.account_id).pk, 51, cause=ledger.Cause("test", None, "s"), at=after)
        assert holds()

    def test_points_pay_from_what_ends_first_and_the_rest_lives_on(self, world, anna):
        price_list(world, "extend", each=1, block=10, pay_type_id=world.points_id)
        give(world, anna, 100)

        done = sell(world, anna, "extend", until=LAST_DAY, pay_type_id=world.points_id)

        assert (done.sale.price, done.sale.points, state(anna)) == (10, 90, (90, 0))
        assert sorted(Entry.objects.values_list("kind", flat=True)) == ["adjust", "extend", "redeem"]
        assert Posting.objects.get(bucket="spent").amount == 10
        assert holds()

    def test_a_quote_moves_nothing_and_says_what_the_sale_does(self, world, anna):
        price_list(world, "extend", each=1, block=10, pay_type_id=world.points_id)
        give(world, anna, 100)

        offered = sales.quote(wanted(world, anna, "extend", until=LAST_DAY, pay_type_id=world.points_id), at=NOW)

        assert (offered.sale.price, offered.sale.points) == (10, 90)
        assert (PointSale.objects.count(), LotEnd.objects.count(), state(anna)) == (0, 0, (100, 0))
        assert Lot.objects.get().expires_at == ENDS

    def test_the_same_points_are_extended_so_often_and_no_more(self, world, anna):
        price_list(world, "extend", fixed=100, most_times=1)
        give(world, anna, 50)
        sell(world, anna, "extend", "one", until=LAST_DAY, payment="P1")

        with pytest.raises(selling.NothingToExtend):
            sell(world, anna, "extend", "two", until=date(2026, 12, 31), payment="P2")

        assert LotEnd.objects.count() == 1

    @pytest.mark.parametrize(("window", "is_sold"), [(30, True), (29, False)])
    def test_a_window_before_the_end_is_kept(self, world, anna, window, is_sold):
        price_list(world, "extend", fixed=100, window_days=window)
        give(world, anna, 50)
        at = ENDS - timedelta(days=30) + timedelta(hours=1)

        if is_sold:
            sell(world, anna, "extend", until=LAST_DAY, payment="P", at=at)
        else:
            with pytest.raises(selling.NothingToExtend):
                sell(world, anna, "extend", until=LAST_DAY, payment="P", at=at)

        assert LotEnd.objects.count() == int(is_sold)

    def test_a_statement_as_known_before_tells_the_end_of_that_day(self, world, anna):
        price_list(world, "extend", fixed=100)
        give(world, anna, 50)
        before = Entry.objects.get().recorded_at
        sell(world, anna, "extend", until=LAST_DAY, payment="P")
        since, until = NOW - timedelta(days=1), NOW + timedelta(days=1)

        then = past.account_of(anna.account_id, since, until, known_at=before)
        now = past.account_of(anna.account_id, since, until, known_at=None)

        assert then[0].expiring == [(ENDS, 50)]
        assert now[0].expiring == [(ENDS + timedelta(days=60), 50)]

    def test_without_the_payment_or_at_another_price_nothing_moves(self, world, anna):
        price_list(world, "extend", fixed=100)
        give(world, anna, 50)

        with pytest.raises(sales.PaymentMissing):
            sell(world, anna, "extend", until=LAST_DAY)
        with pytest.raises(sales.PriceChanged) as refusal:
            sales.sell(wanted(world, anna, "extend", until=LAST_DAY, payment="P"), price=99, at=NOW)

        assert refusal.value.facts == {"price": "1.00"}
        assert (PointSale.objects.count(), LotEnd.objects.count()) == (0, 0)


class TestPointsBack:
    def expired(self, world: World, anna: Any) -> datetime:
        """Fifty points that ended on 1 April, as of ten days later."""
        give(world, anna, 50)
        at = ENDS + timedelta(days=10)
        services.expire_due(at=at)
        assert state(anna) == (0, 0)
        return at

    def test_they_return_to_their_lot_and_live_as_long_as_sold(self, world, anna):
        price_list(world, "reinstate", each=2, block=1)
        at = self.expired(world, anna)
        partner = factories.make_partner(factories.Shop(world.program_id, {}), "FRESH")
        Lot.objects.update(partner_id=partner)

        done = sell(world, anna, "reinstate", at=at, points=30, payment="P")

        assert (done.sale.price, state(anna)) == (60, (30, 0))
        lot = Lot.objects.get()
        assert (lot.remaining, lot.is_open, lot.expires_at) == (30, True, at + timedelta(days=60))
        legs = Posting.objects.filter(entry__kind="reinstate", wallet=None).values_list(
            "bucket", "partner_id", "amount"
        )
        assert list(legs) == [("expired", partner, -30)]
        assert holds()

    def test_all_of_them_or_what_is_left_of_them(self, world, anna):
        price_list(world, "reinstate", fixed=100)
        at = self.expired(world, anna)
        sell(world, anna, "reinstate", "one", at=at, points=30, payment="P1")

        with pytest.raises(selling.NothingExpired) as refusal:
            sell(world, anna, "reinstate", "two", at=at, points=21, payment="P2")

        assert refusal.value.facts == {"available": "20"}
        assert state(anna) == (30, 0)

    def test_what_came_back_ends_again_and_may_come_back_again(self, world, anna):
        price_list(world, "reinstate", fixed=100)
        at = self.expired(world, anna)
        sell(world, anna, "reinstate", "one", at=at, payment="P1")
        again = at + timedelta(days=61)
        services.expire_due(at=again)
        assert state(anna) == (0, 0)

        sell(world, anna, "reinstate", "two", at=again, payment="P2")

        assert (state(anna), LotEnd.objects.count()) == ((50, 0), 2)
        assert holds()

    def test_after_the_window_they_are_gone(self, world, anna):
        price_list(world, "reinstate", fixed=100, window_days=9)
        at = self.expired(world, anna)

        with pytest.raises(selling.NothingExpired):
            sell(world, anna, "reinstate", at=at, payment="P")

        assert (state(anna), PointSale.objects.count()) == ((0, 0), 0)

    def test_points_pay_for_them(self, world, anna):
        price_list(world, "reinstate", each=1, block=10, pay_type_id=world.points_id)
        at = self.expired(world, anna)

        with pytest.raises(ledger.InsufficientPoints):
            sell(world, anna, "reinstate", at=at, pay_type_id=world.points_id)
        give(world, anna, 5, "pay", at=at)
        sell(world, anna, "reinstate", at=at, pay_type_id=world.points_id)

        assert state(anna) == (50, 0)
        assert holds()


class TestNewPoints:
    def test_the_price_is_that_of_the_highest_step_reached(self, world, anna):
        priced = price_list(world, "buy", fixed=100, each=10, block=10)
        PriceStep.objects.create(price_list=priced, from_points=100, each=5, block=10)

        found = [prices.price_of(priced, points) for points in (1, 10, 11, 99, 100, 101)]

        assert found == [110, 110, 120, 200, 50, 55]

    def test_points_are_given_when_the_payment_comes(self, world, anna):
        price_list(world, "buy", each=1)
        waiting = sell(world, anna, "buy", points=500).sale
        assert (waiting.state, state(anna), Entry.objects.count()) == ("pending", (0, 0), 0)

        paid = sales.settle(waiting.pk, payment="PAY-9", at=NOW + timedelta(days=1))
        again = sales.settle(waiting.pk, payment="PAY-9", at=NOW + timedelta(days=2))

        assert (paid.state, again.paid_at, state(anna)) == ("paid", NOW + timedelta(days=1), (500, 0))
        lot = Lot.objects.get()
        assert (lot.rule, lot.expires_at) == ("bought", datetime(2026, 4, 2, tzinfo=UTC))
        assert list(Posting.objects.filter(wallet=None).values_list("bucket", "amount")) == [("sold", -500)]
        with pytest.raises(sales.SaleNotOpen):
            sales.settle(waiting.pk, payment="ANOTHER", at=NOW)
        assert holds()

    def test_no_tier_counts_them(self, world, anna):
        price_list(world, "buy", each=1)

        sell(world, anna, "buy", points=500, payment="P")

        assert holds(), "L12: what was bought was not earned on any day"

    def test_a_refund_takes_the_points_of_the_sale_first(self, world, anna):
        price_list(world, "buy", each=1)
        give(world, anna, 40)
        sale = sell(world, anna, "buy", points=100, payment="P").sale

        done = sales.refund(sale.pk, reason="changed her mind", at=NOW + timedelta(days=13))
        again = sales.refund(sale.pk, reason="changed her mind", at=NOW + timedelta(days=13))

        assert (done.state, again.refund_entry_id, state(anna)) == ("refunded", done.refund_entry_id, (40, 0))
        assert Entry.objects.filter(kind="refund").count() == 1
        assert AuditRecord.objects.get(action="point_sale.refunded").reason == "changed her mind"
        assert holds()

    @pytest.mark.parametrize(("policy", "debt"), [("debt", 70), ("within_balance", 0)])
    def test_what_was_spent_of_them_is_a_debt_or_written_off(self, world, anna, policy, debt):
        Program.objects.update(reversal_policy=policy)
        price_list(world, "buy", each=1)
        sale = sell(world, anna, "buy", points=100, payment="P").sale
        with unit_of_work():
            ledger.spend(wallet_of(anna.account_id).pk, 70, cause=ledger.Cause("test", None, "s"), at=NOW)

        sales.refund(sale.pk, reason="", at=NOW)

        assert state(anna) == (0, debt)
        assert holds()

    def test_after_its_days_or_of_another_kind_nothing_is_refunded(self, world, anna):
        price_list(world, "buy", each=1)
        price_list(world, "extend", fixed=1)
        bought = sell(world, anna, "buy", points=100, payment="P").sale
        extended = sell(world, anna, "extend", "e", until=LAST_DAY, payment="P").sale

        for sale, at in ((bought, NOW + timedelta(days=14)), (extended, NOW)):
            with pytest.raises(sales.NotRefundable):
                sales.refund(sale.pk, reason="", at=at)

        assert state(anna) == (100, 0)

    def test_a_sale_that_waits_is_called_off_and_frees_the_cap(self, world, anna):
        price_list(world, "buy", each=1, member_cap=100, cap_period="month")
        waiting = sell(world, anna, "buy", "one", points=100).sale

        with pytest.raises(prices.BeyondCap) as refusal:
            sell(world, anna, "buy", "two", points=1)
        sales.cancel(waiting.pk, reason="no money came", at=NOW)
        sell(world, anna, "buy", "three", points=100, payment="P")

        assert refusal.value.facts == {"cap": "100", "left": "0"}
        with pytest.raises(sales.SaleNotOpen):
            sales.settle(waiting.pk, payment="LATE", at=NOW)
        assert state(anna) == (100, 0)

    def test_the_cap_begins_anew_with_the_month_of_the_program(self, world, anna):
        price_list(world, "buy", each=1, member_cap=100, cap_period="month")
        sell(world, anna, "buy", "one", points=100, payment="P")

        with pytest.raises(prices.BeyondCap):
            sell(world, anna, "buy", "two", points=1, payment="P", at=datetime(2026, 3, 31, 23, 59, tzinfo=UTC))
        sell(world, anna, "buy", "three", points=100, payment="P", at=datetime(2026, 4, 1, tzinfo=UTC))

        assert state(anna) == (200, 0)

    @pytest.mark.parametrize(("points", "refused"), [(9, True), (10, False), (50, False), (51, True)])
    def test_so_many_at_once(self, world, anna, points, refused):
        price_list(world, "buy", each=1, least=10, most=50)

        if refused:
            with pytest.raises(prices.AmountRefused) as refusal:
                sell(world, anna, "buy", points=points, payment="P")
            assert refusal.value.facts == {"least": "10", "most": "50"}
        else:
            sell(world, anna, "buy", points=points, payment="P")

        assert state(anna) == (0 if refused else points, 0)


class TestConversion:
    def test_whole_units_come_out_and_the_remainder_stays(self, world, anna):
        miles = other_type(expiry={"after_days": 10})
        rate(world, miles, 100, 3)
        give(world, anna, 150)

        sale = sell(world, anna, "convert", points=150, point_type_id=miles, pay_type_id=world.points_id).sale

        assert (sale.price, sale.points, state(anna)) == (134, 4, (16, 0))
        got = Wallet.objects.get(point_type_id=miles)
        assert (got.active, Lot.objects.get(wallet=got).expires_at) == (4, NOW + timedelta(days=10))
        legs = Posting.objects.filter(bucket="converted").order_by("amount").values_list("point_type_id", "amount")
        assert list(legs) == [(miles, -4), (world.points_id, 134)]
        assert holds()

    def test_who_paid_for_the_ones_pays_for_the_others(self, world, anna):
        miles = other_type()
        rate(world, miles, 2, 1)
        partner = factories.make_partner(factories.Shop(world.program_id, {}), "FRESH")
        give(world, anna, 30, "theirs")
        Lot.objects.update(partner_id=partner)
        give(world, anna, 10, "ours", at=NOW + timedelta(days=1))

        at = NOW + timedelta(days=2)
        sell(world, anna, "convert", points=40, point_type_id=miles, pay_type_id=world.points_id, at=at)

        lots = Lot.objects.filter(wallet__point_type_id=miles).values_list("partner_id", "amount")
        assert sorted(lots, key=str) == sorted([(partner, 15), (None, 5)], key=str)
        assert holds()

    def test_the_rate_of_the_day_counts_in_one_direction(self, world, anna):
        miles = other_type()
        rate(world, miles, 1, 2, since=date(2026, 3, 1))
        rate(world, miles, 1, 3, since=date(2026, 3, 5))
        give(world, anna, 10)
        asked = wanted(world, anna, "convert", points=5, point_type_id=miles, pay_type_id=world.points_id)

        got = [sales.quote(asked, at=datetime(2026, 3, day, 12, tzinfo=UTC)).sale.points for day in (4, 5)]

        assert got == [10, 15]
        back = wanted(world, anna, "convert", points=5, pay_type_id=miles)
        with pytest.raises(prices.NotForSale):
            sales.quote(back, at=NOW)

    def test_a_rate_of_nothing_ends_it_and_too_few_become_nothing(self, world, anna):
        miles = other_type()
        rate(world, miles, 100, 1)
        give(world, anna, 150)

        with pytest.raises(sales.ConvertsToNothing):
            sell(world, anna, "convert", points=99, point_type_id=miles, pay_type_id=world.points_id)
        rate(world, miles, 100, 0)
        with pytest.raises(prices.NotForSale):
            sell(world, anna, "convert", points=100, point_type_id=miles, pay_type_id=world.points_id)

        assert (state(anna), PointSale.objects.count()) == ((150, 0), 0)

    def test_nothing_is_converted_on_credit(self, world, anna):
        miles = other_type()
        rate(world, miles, 1, 1)
        give(world, anna, 10)
        Wallet.objects.update(credit_limit=100)

        with pytest.raises(ledger.InsufficientPoints) as refusal:
            sell(world, anna, "convert", points=11, point_type_id=miles, pay_type_id=world.points_id)

        assert refusal.value.facts == {"available": "10", "needed": "11"}
        assert state(anna) == (10, 0)
