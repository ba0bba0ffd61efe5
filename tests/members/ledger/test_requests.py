"""Corrections above the limit: filed by one, decided once by another."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock, scope
from loyalty.kernel.models import AuditRecord, OutboxEvent
from loyalty.kernel.scope import Actor
from members.ledger import invariants, requests
from members.ledger import operations as ledger
from members.ledger.models import AdjustmentRequest, Entry
from members.ledger.operations import adjusting
from tests import factories
from tests.factories import NOON, Shop
from tests.members.world import START, World, add_member, make_world, wallet_of
from tests.races import names, race

NOW = START + timedelta(hours=1)
AGENT = Actor(kind="user", id=1, label="Agent")
SUPERVISORS = [Actor(kind="user", id=number, label=f"Supervisor {number}") for number in (2, 3)]
CARD = "79927398713"


def as_actor(world: World, actor: Actor) -> Any:
    return scope.enter([world.program_id], actor)


def ask(world: World, member: Any, amount: int = 500, key: str = "k", **changes: Any) -> AdjustmentRequest:
    with as_actor(world, AGENT):
        return requests.request_adjustment(
            **{
                "member_id": member.member_id, "point_type_id": world.points_id, "amount": amount,
                "reason_id": world.reason_id, "note": "a long wait", "request_key": key, "at": NOW, **changes,
            }
        )  # fmt: skip


def decided(world: World) -> list[tuple[str, str, str]]:
    with world.entered():
        return list(AdjustmentRequest.objects.order_by("pk").values_list("state", "decider_label", "decision_note"))


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def member(world: World) -> Any:
    with world.entered():
        return add_member()


@pytest.mark.django_db(transaction=True)
class TestRequests:
    def test_asking_moves_nothing_and_is_told(self, world, member):
        asked, again = ask(world, member), ask(world, member)

        assert (asked.pk, asked.asker_label, asked.state) == (again.pk, "Agent", "waiting")
        with world.entered():
            assert (wallet_of(member.account_id).active, Entry.objects.count()) == (0, 0)
            assert OutboxEvent.objects.filter(type="adjustment.requested").count() == 1
            assert AuditRecord.objects.filter(action="adjustment.requested").count() == 1

    def test_approving_posts_the_correction(self, world, member):
        asked = ask(world, member)

        with as_actor(world, SUPERVISORS[0]):
            done = requests.approve_adjustment(request_id=asked.pk, note="right", at=NOW)

        assert decided(world) == [("approved", "Supervisor 2", "right")]
        with world.entered():
            entry = Entry.objects.get()
            assert (wallet_of(member.account_id).active, done.entry_id, entry.note) == (500, entry.pk, "a long wait")
            assert (entry.actor_kind, entry.actor_id) == ("user", 2)
            told = OutboxEvent.objects.filter(subject__in=["adjustment_request", "entry"]).values_list(
                "type", flat=True
            )
            assert sorted(told) == ["adjustment.approved", "adjustment.requested", "points.posted"]
            assert list(invariants.check("default")) == []

    def test_rejecting_moves_nothing_and_says_why(self, world, member):
        asked = ask(world, member)

        with as_actor(world, SUPERVISORS[0]):
            with pytest.raises(requests.ReasonMissing):
                requests.reject_adjustment(request_id=asked.pk, note=" ", at=NOW)
            requests.reject_adjustment(request_id=asked.pk, note="no receipt", at=NOW)

        assert decided(world) == [("rejected", "Supervisor 2", "no receipt")]
        with world.entered():
            assert not Entry.objects.exists()

    @pytest.mark.parametrize("decide", [requests.approve_adjustment, requests.reject_adjustment])
    def test_nobody_decides_their_own(self, world, member, decide):
        asked = ask(world, member)

        with as_actor(world, AGENT), pytest.raises(requests.OwnRequest):
            decide(request_id=asked.pk, note="why not", at=NOW)

        assert decided(world) == [("waiting", "", "")]
        with world.entered():
            assert not Entry.objects.exists()

    @pytest.mark.parametrize("first", [requests.approve_adjustment, requests.reject_adjustment])
    def test_what_is_decided_stays(self, world, member, first):
        asked = ask(world, member)
        with as_actor(world, SUPERVISORS[0]):
            first(request_id=asked.pk, note="first", at=NOW)
        before = decided(world)

        with as_actor(world, SUPERVISORS[1]):
            for second in (requests.approve_adjustment, requests.reject_adjustment):
                with pytest.raises(requests.AlreadyDecided):
                    second(request_id=asked.pk, note="second", at=NOW)

        assert decided(world) == before

    def test_points_that_are_not_there_let_the_request_wait(self, world, member):
        asked = ask(world, member, amount=-500)

        with as_actor(world, SUPERVISORS[0]), pytest.raises(ledger.InsufficientPoints):
            requests.approve_adjustment(request_id=asked.pk, note="", at=NOW)

        assert decided(world) == [("waiting", "", "")]

    def test_what_makes_no_sense_is_not_filed(self, world, member):
        with pytest.raises(adjusting.NothingToDo):
            ask(world, member, amount=0)

        assert decided(world) == []

    @pytest.mark.parametrize("second", ["approve_adjustment", "reject_adjustment"])
    def test_of_two_decisions_at_once_one_counts(self, world, member, second):
        asked = ask(world, member)
        deeds = [requests.approve_adjustment, getattr(requests, second)]

        def decide(number: int) -> Any:
            with as_actor(world, SUPERVISORS[number]), clock.fixed(NOW):
                return deeds[number](request_id=asked.pk, note="at once", at=NOW)

        answers = race(decide, times=2, pause_before=(requests, "_decide"))

        assert names(answers) == ["AdjustmentRequest", "AlreadyDecided"]
        (state, _who, _note), *others = decided(world)
        with world.entered():
            assert (others, Entry.objects.count()) == ([], 1 if state == "approved" else 0)
            assert wallet_of(member.account_id).active == (500 if state == "approved" else 0)


@pytest.fixture
def shop(db) -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    return made


def test_the_api_files_what_is_above_the_limit(shop):
    api = factories.client(shop, "adjustments.write")
    given = {"member": {"kind": "card", "value": CARD}, "type": "POINTS", "points": "101", "reason": "GOODWILL"}

    with clock.fixed(NOON):
        response, again = (api.post("/api/v1/adjustments", given, HTTP_IDEMPOTENCY_KEY="k") for _time in range(2))

    answer = response.json()
    assert (response.status_code, answer["state"], answer["points"]) == (202, "waiting", "101")
    assert (again.content, again["Idempotent-Replay"]) == (response.content, "true")
    with factories.entered(shop):
        assert str(AdjustmentRequest.objects.get().public_id) == answer["request"]
        assert not Entry.objects.exists()
