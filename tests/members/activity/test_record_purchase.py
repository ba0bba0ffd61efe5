"""The one door: what a purchase earns, what its repeat answers, what is refused and leaves no trace."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from loyalty.kernel import clock
from loyalty.kernel.errors import IdempotencyMismatch, Malformed, NotFound
from loyalty.kernel.models import OutboxEvent
from members.activity import intake
from members.activity.models import Evaluation, Purchase, PurchaseLine
from members.ledger import invariants
from members.ledger.models import Entry, Lot, Posting
from members.profiles.models import Member
from programs.promotions.models import LimitCounter
from tests.members.world import (
    BASE,
    START,
    World,
    add_member,
    bring_back,
    make_world,
    purchase,
    reasons,
    record_purchase,
    record_return,
    wallet_of,
)

pytestmark = pytest.mark.django_db(databases=["default", "auditor"])


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _at_start():
    with clock.fixed(START + timedelta(hours=1)):
        yield


def rows() -> tuple[int, ...]:
    return tuple(
        model.objects.count() for model in (Purchase, PurchaseLine, Evaluation, Entry, Posting, Lot, OutboxEvent)
    )


def breaches() -> list[invariants.Finding]:
    return list(invariants.check("default"))


class TestEarning:
    def test_a_purchase_is_judged_posted_and_explained(self, world):
        with world.entered():
            member = add_member()
            done = record_purchase(purchase(member.member_id, "R1", [(2, "20.25"), (1, "15.00")]))
            wallet = wallet_of(member.account_id)
            assert (wallet.active, wallet.pending, wallet.debt, wallet.version) == (55, 10, 0, 1)
            row = Purchase.objects.get(pk=done.purchase_id)
            assert (row.amount, row.line_count, str(row.occurred_date)) == (5550, 2, "2026-03-02")
            outcome = Evaluation.objects.get().outcome
            assert outcome["points"] == {"POINTS": 65}
            assert [entry["status"] for entry in outcome["explanation"]] == ["applied", "applied"]
            lots = {lot.rule: lot for lot in Lot.objects.all()}
            assert str(lots["BASE"].expires_at) == "2026-04-01 00:00:00+00:00"
            assert lots["BONUS"].is_pending
            assert str(lots["BONUS"].activates_at) == "2026-03-07 00:00:00+00:00"
            assert str(lots["BONUS"].expires_at) == "2026-04-06 00:00:00+00:00"
            assert breaches() == []

    def test_a_limit_of_a_member_stops_the_third_bonus_of_a_month(self, world):
        with world.entered():
            member = add_member()
            for number in range(3):
                record_purchase(purchase(member.member_id, f"R{number}", [(1, "50.00")]))
            assert wallet_of(member.account_id).pending == 20
            assert LimitCounter.objects.get().used == 2
            last = Evaluation.objects.order_by("pk").last()
            assert reasons(last.outcome) == {"BONUS": "limit:MONTH"}
            assert breaches() == []

    def test_a_purchase_without_points_moves_no_wallet_but_is_recorded(self, world):
        with world.entered():
            member = add_member()
            record_purchase(purchase(member.member_id, "R1", [(1, "0.99")]))
            assert (wallet_of(member.account_id).version, Entry.objects.count(), Purchase.objects.count()) == (0, 0, 1)

    def test_a_line_of_quantity_zero_is_dropped_or_one_unit(self, world):
        with world.entered():
            member = add_member()
            given = purchase(member.member_id, "R1", [(1, "5.00")])
            nothing = intake.LineInput(line_id="2", sku="X", quantity=Decimal(0), amount=0)
            paid = intake.LineInput(line_id="3", sku="Y", quantity=Decimal(0), amount=250)
            record_purchase(replace(given, lines=(*given.lines, nothing, paid)))
            lines = PurchaseLine.objects.order_by("number").values_list("line_id", "quantity", "amount")
            assert list(lines) == [("1", Decimal(1), 500), ("3", Decimal(1), 250)]

    def test_weighed_goods_are_rounded_half_up_to_the_cent(self, world):
        with world.entered():
            member = add_member()
            given = purchase(member.member_id, "R1", [])
            weighed = intake.LineInput(line_id="1", sku="X", quantity=Decimal("0.375"), unit="kg", unit_price=1204)
            record_purchase(replace(given, lines=(weighed,)))
            assert PurchaseLine.objects.get().amount == 452  # 451.5


class TestRepeats:
    def test_the_same_purchase_again_is_the_first_answer_and_moves_nothing(self, world):
        with world.entered():
            member = add_member()
            given = purchase(member.member_id, "R1", [(1, "12.00")])
            first, before = record_purchase(given), rows()
            again = record_purchase(given)
            assert (again.purchase_id, again.is_replay, first.is_replay) == (first.purchase_id, True, False)
            assert rows() == before

    def test_the_same_number_with_another_content_is_refused(self, world):
        with world.entered():
            member = add_member()
            record_purchase(purchase(member.member_id, "R1", [(1, "12.00")]))
            before = rows()
            with pytest.raises(IdempotencyMismatch):
                record_purchase(purchase(member.member_id, "R1", [(1, "13.00")]))
            assert rows() == before


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"at": START + timedelta(hours=2)}, intake.InTheFuture),
            ({"at": START - timedelta(days=31)}, intake.TooLate),
            ({"currency": "EUR"}, intake.CurrencyRefused),
            ({"location": "nowhere"}, intake.UnknownLocation),
            ({"basket_discount": 1201}, Malformed),
            ({"basket_discount": -1}, Malformed),
            ({"paid_with_points": 1201}, Malformed),
            ({"member_id": 1}, NotFound),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_changes_nothing(self, world, change, refusal):
        with world.entered():
            member = add_member()
            given = purchase(member.member_id, "R1", [(1, "12.00")])
            with pytest.raises(refusal):
                record_purchase(replace(given, **change))
            assert rows() == (0,) * 7
            record_purchase(given)
            assert rows()[0] == 1

    @pytest.mark.parametrize("quantity", ["-1", "NaN", "Infinity", "1000001"])
    def test_a_senseless_quantity_is_refused(self, world, quantity):
        with world.entered():
            member = add_member()
            line = intake.LineInput(line_id="1", sku="X", quantity=Decimal(quantity), unit_price=100)
            with pytest.raises(Malformed):
                record_purchase(replace(purchase(member.member_id, "R1", []), lines=(line,)))
            assert rows() == (0,) * 7

    def test_a_clock_a_little_ahead_is_set_right(self, world):
        with world.entered():
            member = add_member()
            ahead = START + timedelta(hours=1, minutes=3)
            record_purchase(purchase(member.member_id, "R1", [(1, "12.00")], at=ahead))
            assert Purchase.objects.get().occurred_at == START + timedelta(hours=1)

    def test_another_programs_member_does_not_exist_here(self, world):
        with world.entered():
            theirs = add_member()
        other = make_world("OTHER")
        with other.entered():
            with pytest.raises(NotFound):
                record_purchase(purchase(theirs.member_id, "R1", [(1, "12.00")]))
            assert rows() == (0,) * 7


def fixed(points: str, **parts):
    formula = {"kind": "fixed", "points": points}
    return {"schema": "promo/1", "then": [{"effect": "earn", "type": "POINTS", "formula": formula}], **parts}


def test_points_of_earlier_purchases_count_net_of_what_returns_took_back():
    asked = {"op": "history", "measure": "points", "point_type": "POINTS", "window": {"last_days": 30}, "cmp": "gte"}
    world = make_world(documents={"BASE": BASE, "LOYAL": fixed("7", when={**asked, "value": "60"})})
    with world.entered():
        member = add_member()
        for number, minutes in (("R1", 0), ("R2", 1)):
            at = START + timedelta(minutes=minutes)
            record_purchase(purchase(member.member_id, number, [(1, "60.00")], at=at))
        assert wallet_of(member.account_id).active == 60 + 67

        record_return(bring_back("R2", "B2", [("1", 1)], at=START + timedelta(minutes=2)))
        record_return(bring_back("R1", "B1", [("1", 1)], at=START + timedelta(minutes=2)))
        record_purchase(purchase(member.member_id, "R3", [(1, "10.00")], at=START + timedelta(minutes=3)))
        assert Evaluation.objects.filter(kind="purchase").last().outcome["points"] == {"POINTS": 10}
        assert breaches() == []


def test_a_property_that_is_no_day_has_no_anniversary_and_keeps_no_purchase_out():
    when = {"op": "anniversary_within", "attr": "member.wedding", "before": 0, "after": 0}
    world = make_world(documents={"BASE": BASE, "GIFT": fixed("5", when=when)})
    with world.entered():
        member = add_member()
        Member.objects.filter(pk=member.member_id).update(attributes={"wedding": "in June"})
        record_purchase(purchase(member.member_id, "R1", [(1, "10.00")]))
        assert reasons(Evaluation.objects.get().outcome) == {"GIFT": "unknown_attribute"}
