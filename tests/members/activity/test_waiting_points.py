"""Points that wait for a declared event, and points that end without activity."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from members.activity import events
from members.activity.events import EventInput
from members.ledger import invariants, services
from members.ledger.models import Entry, Lot
from programs.setup.models import EventKind, PointType
from tests.members.world import BASE, START, World, add_member, make_world, purchase, record_purchase, wallet_of

pytestmark = pytest.mark.django_db(transaction=True)


def document(**life: Any) -> dict[str, Any]:
    (effect,) = BASE["then"]
    return {**BASE, "then": [{**effect, **life}]}


def open_world(**life: Any) -> World:
    world = make_world(documents={"BASE": document(**life)})
    with world.entered():
        for code, attributes in (
            ("DELIVERED", [{"name": "receipt", "type": "text", "required": False}]),
            ("SMILED", []),
        ):
            EventKind.objects.create(code=code, name={"en": code.title()}, attributes=attributes)
    return world


def tell(member: Any, kind: str = "DELIVERED", name: str = "e", *, at: datetime, **attributes: Any) -> None:
    events.record_event(EventInput("api", name, name.encode(), member.member_id, kind, at, attributes), now=at)


def state(member: Any) -> tuple[int, int]:
    wallet = wallet_of(member.account_id)
    return wallet.active, wallet.pending


class TestAwaitingAnEvent:
    LIFE = {"activation": {"on_event": "DELIVERED", "after_days": 14, "at": "start_of_day"}}

    def test_points_are_pending_until_the_event_comes(self):
        world = open_world(**self.LIFE)
        with world.entered(), clock.fixed(START):
            anna = add_member("A")
            record_purchase(purchase(anna.member_id, "R1", [(1, "30.00")]))
            assert state(anna) == (0, 30)
            at = START + timedelta(days=2)
            with clock.fixed(at):
                tell(anna, "SMILED", "other", at=at)
                assert state(anna) == (0, 30)
                tell(anna, at=at)
                tell(anna, at=at)

            assert state(anna) == (30, 0)
            entry = Entry.objects.get(kind="activate")
            assert (entry.cause_kind, entry.effective_at) == ("event", at)
            assert list(invariants.check("default")) == []

    def test_an_event_about_a_receipt_concerns_its_points_alone(self):
        world = open_world(**self.LIFE)
        with world.entered(), clock.fixed(START):
            anna = add_member("A")
            for number, price in (("R1", "30.00"), ("R2", "12.00")):
                record_purchase(purchase(anna.member_id, number, [(1, price)]))
            at = START + timedelta(days=2)
            with clock.fixed(at):
                tell(anna, at=at, receipt="R2")
                assert state(anna) == (12, 30)
                tell(anna, "DELIVERED", "unknown", at=at, receipt="R9")

            assert state(anna) == (12, 30)

    def test_without_the_event_they_are_usable_on_the_latest_day(self):
        world = open_world(**self.LIFE)
        with world.entered(), clock.fixed(START):
            anna = add_member("A")
            record_purchase(purchase(anna.member_id, "R1", [(1, "30.00")]))
            latest = Lot.objects.get().activates_at
            assert latest == datetime(2026, 3, 16, tzinfo=UTC)

            assert services.activate_due(at=latest - timedelta(seconds=1)) == 0
            assert services.activate_due(at=latest) == 1

            assert state(anna) == (30, 0)
            assert list(invariants.check("default")) == []

    def test_without_a_latest_day_they_wait_for_it_alone(self):
        world = open_world(activation={"on_event": "DELIVERED"})
        with world.entered(), clock.fixed(START):
            anna = add_member("A")
            record_purchase(purchase(anna.member_id, "R1", [(1, "30.00")]))

            assert services.activate_due(at=START + timedelta(days=20)) == 0
            assert (state(anna), Lot.objects.get().activates_at) == ((0, 30), None)

    def test_an_event_before_the_purchase_makes_nothing_usable(self):
        world = open_world(**self.LIFE)
        with world.entered(), clock.fixed(START):
            anna = add_member("A")
            record_purchase(purchase(anna.member_id, "R1", [(1, "30.00")]))

            tell(anna, at=START - timedelta(hours=1))

            assert state(anna) == (0, 30)

    def test_another_members_event_is_not_ours(self):
        world = open_world(**self.LIFE)
        with world.entered(), clock.fixed(START):
            anna, bela = add_member("A"), add_member("B")
            record_purchase(purchase(anna.member_id, "R1", [(1, "30.00")]))

            tell(bela, at=START, receipt="R1")

            assert state(anna) == (0, 30)


class TestEndsWithoutActivity:
    LIFE = {"expiry": {"after_inactivity": {"days": 30}}}

    def buy(self, member: Any, number: str, day: int) -> None:
        at = START + timedelta(days=day)
        with clock.fixed(at):
            record_purchase(purchase(member.member_id, number, [(1, "10.00")], at=at))

    def test_every_purchase_moves_the_end_of_all_of_them(self):
        world = open_world(**self.LIFE)
        with world.entered():
            anna = add_member("A")
            for number, day in (("R1", 0), ("R2", 20), ("R3", 40)):
                self.buy(anna, number, day)

            assert set(Lot.objects.values_list("expires_at", flat=True)) == {START + timedelta(days=70)}
            assert services.expire_due(at=START + timedelta(days=69)) == 0
            assert services.expire_due(at=START + timedelta(days=70)) == 3
            assert state(anna) == (0, 0)
            assert list(invariants.check("default")) == []

    def test_what_ended_is_not_called_back_by_a_later_purchase(self):
        world = open_world(**self.LIFE)
        with world.entered():
            anna = add_member("A")
            self.buy(anna, "R1", 0)
            self.buy(anna, "R2", 31)

            assert services.expire_due(at=START + timedelta(days=31)) == 1
            assert state(anna) == (10, 0)

    def test_a_purchase_that_comes_late_moves_no_end_back(self):
        world = open_world(**self.LIFE)
        with world.entered():
            anna = add_member("A")
            self.buy(anna, "R1", 20)
            with clock.fixed(START + timedelta(days=20)):
                record_purchase(purchase(anna.member_id, "R0", [(1, "10.00")], at=START + timedelta(days=5)))

            assert Lot.objects.order_by("pk")[0].expires_at == START + timedelta(days=50)

    def test_points_of_a_type_end_so_too_and_others_keep_their_date(self):
        world = make_world(expiry={"after_inactivity": {"months": 1}})
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            for member, number, day in ((anna, "R1", 0), (bela, "S1", 0), (anna, "R2", 10)):
                self.buy(member, number, day)

            moved = set(Lot.objects.filter(wallet__account_id=anna.account_id).values_list("expires_at", flat=True))
            kept = Lot.objects.get(wallet__account_id=bela.account_id)
            assert moved == {datetime(2026, 4, 12, 9, tzinfo=UTC)}
            assert (kept.expires_at, kept.idle_months) == (datetime(2026, 4, 2, 9, tzinfo=UTC), 1)

    def test_points_with_a_date_do_not_move(self):
        world = open_world(expiry={"after_days": 30})
        with world.entered():
            PointType.objects.update(expiry={"after_inactivity": {"days": 5}})
            anna = add_member("A")
            self.buy(anna, "R1", 0)
            self.buy(anna, "R2", 10)

            ends = sorted(Lot.objects.values_list("expires_at", flat=True))
            assert ends == [START + timedelta(days=30), START + timedelta(days=40)]
