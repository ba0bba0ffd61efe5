"""What starts promotions beside a purchase: each occasion once, with the purchase counted, explained and in balance."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.kernel import clock
from members.activity import events, tiering
from members.activity import services as activity
from members.activity.events import EventInput
from members.activity.models import Evaluation
from members.ledger import invariants
from members.ledger.models import Entry
from members.profiles import services as profiles
from members.profiles.operations import NewMember
from programs.promotions import services as promotions
from programs.promotions.models import LimitCounter
from programs.setup.models import EventKind, PointType
from programs.tiers.models import Tier, TierScheme
from tests.members.world import (
    BASE,
    START,
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


def fixed(points: str, **parts):
    formula = {"kind": "fixed", "points": points}
    return {"schema": "promo/1", "then": [{"effect": "earn", "type": "POINTS", "formula": formula}], **parts}


@pytest.fixture
def world():
    made = make_world(documents={"BASE": BASE})
    with made.entered(), clock.fixed(START + timedelta(hours=1)):
        yield made


def publish(code: str, document) -> None:
    version = promotions.write_promotion(code=code, name={"en": code.title()}, document=document)
    promotions.publish_version(version_id=version.pk, starts_at=None, now=START)


def buy(member, number: str, amount: str, at: datetime = START):
    with clock.fixed(max(at, START) + timedelta(hours=1)):
        return record_purchase(purchase(member.member_id, number, [(1, amount)], at=at))


def active(member) -> int:
    return wallet_of(member.account_id).active


def told(name: str, member, **attributes) -> EventInput:
    return EventInput(
        source="app", name=name, body_hash=name.encode().ljust(32, b"."), member_id=member.member_id, kind="SURVEY",
        at=START, attributes=attributes,
    )  # fmt: skip


class TestEvents:
    @pytest.fixture
    def survey(self, world):
        EventKind.objects.create(
            code="SURVEY", name={"en": "Survey"}, attributes=[{"name": "answers", "type": "number", "required": False}]
        )

    def test_an_event_gives_points_once_whatever_the_repeats(self, survey):
        when = {"op": "test", "attr": "event.answers", "cmp": "gte", "value": 3}
        publish("THANKS", fixed("25", trigger="event:SURVEY", when=when))
        member = add_member()

        events.record_event(told("few", member, answers="2"), now=START)
        assert active(member) == 0
        for _repeat in range(2):
            events.record_event(told("many", member, answers="3"), now=START)

        assert active(member) == 25
        entry = Entry.objects.get()
        outcome = Evaluation.objects.get(pk=entry.cause_id).outcome
        assert (entry.cause_kind, outcome["points"], reasons(outcome)) == ("occasion", {"POINTS": 25}, {})
        assert list(invariants.check("default")) == []

    def test_a_limit_holds_over_events(self, survey):
        limits = [{"id": "ONCE", "scope": "member", "period": "month", "measure": "uses", "max": "1"}]
        publish("THANKS", fixed("25", trigger="event:SURVEY", limits=limits))
        member = add_member()
        for number in range(3):
            events.record_event(told(f"E{number}", member), now=START)

        assert (active(member), LimitCounter.objects.get().used) == (25, 1)
        assert list(invariants.check("default")) == []

    def test_an_event_that_no_promotion_waits_for_writes_no_decision(self, survey):
        member = add_member()
        events.record_event(told("E", member), now=START)
        assert (Evaluation.objects.count(), active(member)) == (0, 0)

    def test_an_event_that_is_not_declared_starts_no_promotion(self, world):
        with pytest.raises(Exception, match="unknown_event"):
            publish("THANKS", fixed("25", trigger="event:NOTHING"))


def test_joining_gives_a_welcome(world):
    publish("WELCOME", fixed("100", trigger="enrolment"))
    joined = profiles.enroll_member(NewMember(number="", enrolled_at=START, email="new@example.com"))

    assert Entry.objects.get().cause_kind == "occasion"
    assert Evaluation.objects.get().member_id == joined.pk
    assert list(invariants.check("default")) == []


def test_a_return_starts_what_waits_for_it(world):
    publish("SORRY", fixed("5", trigger="return"))
    member = add_member()
    buy(member, "R1", "60.00")
    for number in ("B1", "B1"):
        record_return(bring_back("R1", number, [("1", 1)], at=START + timedelta(minutes=5)))

    assert active(member) == 5
    assert list(invariants.check("default")) == []


class TestTiers:
    @pytest.fixture
    def scheme(self, world):
        made = TierScheme.objects.create(
            code="STATUS", name={"en": "Status"}, point_type=PointType.objects.get(code="POINTS")
        )
        for rank, (code, threshold) in enumerate((("BASIC", 0), ("SILVER", 100), ("GOLD", 300))):
            Tier.objects.create(scheme=made, code=code, name={"en": code.title()}, rank=rank, threshold=threshold)
        promotions.freeze_settings(now=START)
        return made

    def test_a_tier_that_a_purchase_reaches_is_greeted_once_and_its_own_tier_holds(self, scheme):
        when = {"op": "test", "attr": "member.tier", "cmp": "eq", "value": "SILVER"}
        publish("HELLO", fixed("10", trigger={"on": "tier_changed", "direction": "up"}, when=when))
        publish("GOODBYE", fixed("1", trigger={"on": "tier_changed", "direction": "down"}))
        member = add_member()
        buy(member, "R1", "120.00")
        buy(member, "R2", "20.00", at=START + timedelta(minutes=1))

        assert active(member) == 150
        assert Evaluation.objects.filter(kind="tier_changed").count() == 1

    def test_a_given_and_a_withdrawn_tier_start_their_promotions(self, scheme):
        publish("HELLO", fixed("10", trigger={"on": "tier_changed", "scheme": "STATUS", "direction": "up"}))
        publish("GOODBYE", fixed("1", trigger={"on": "tier_changed", "direction": "down"}))
        member = add_member()
        tiering.grant_tier(member_id=member.member_id, scheme="STATUS", tier="GOLD", until=None, note="", at=START)
        assert active(member) == 10
        later = START + timedelta(hours=1)
        tiering.withdraw_tier(member_id=member.member_id, scheme="STATUS", note="", at=later)
        assert active(member) == 11
        assert list(invariants.check("default")) == []

    def test_points_of_an_event_raise_the_tier_at_once(self, scheme):
        EventKind.objects.create(code="SURVEY", name={"en": "Survey"})
        publish("THANKS", fixed("150", trigger="event:SURVEY"))
        member = add_member()
        events.record_event(told("E", member), now=START)

        assert tiering.standings(member_row(member), at=START)[0].tier.code == "SILVER"


def member_row(member):
    return profiles.Member.objects.get(pk=member.member_id)


class TestMetrics:
    METRIC = {"measure": "amount", "window": {"last_days": 30}}

    @pytest.mark.parametrize("together", [False, True])
    def test_what_was_spent_reaches_a_threshold_once(self, world, together):
        publish("BIG", fixed("50", trigger={"on": "metric_crossed", "metric": self.METRIC, "threshold": "100.00"}))
        member = add_member()
        bought = [
            purchase(member.member_id, f"R{number}", [(1, amount)], at=START + timedelta(minutes=number))
            for number, amount in enumerate(("60.00", "30.00", "10.00", "80.00"))
        ]
        with clock.fixed(START + timedelta(hours=1)):
            if together:
                activity.record_purchases(bought)
            else:
                for one in bought:
                    record_purchase(one)

        assert active(member) == 180 + 50
        assert Evaluation.objects.get(kind="metric_crossed").occasion.startswith("metric:BIG:")
        assert list(invariants.check("default")) == []

    def test_a_threshold_is_crossed_again_after_the_window_has_passed(self, world):
        publish("BIG", fixed("50", trigger={"on": "metric_crossed", "metric": self.METRIC, "threshold": "100.00"}))
        member = add_member()
        buy(member, "R1", "100.00")
        buy(member, "R2", "100.00", at=datetime(2026, 5, 1, 9, tzinfo=UTC))

        assert active(member) == 300
