"""Tiers through the doors: reached at once, kept or lowered at night, given by hand, explained by what is missing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import AuditRecord, OutboxEvent
from members.activity import tiering
from members.ledger import invariants
from members.profiles.models import Member, MemberTier
from programs.promotions import services as promotions
from programs.setup.models import PointType
from programs.tiers.models import Tier, TierScheme
from tests.members.world import START, add_member, bring_back, make_world, purchase, record_purchase, record_return

pytestmark = pytest.mark.django_db(databases=["default", "auditor"])

JANUARY = datetime(2028, 1, 1, tzinfo=UTC)


def make_scheme(code: str = "STATUS", **terms) -> TierScheme:
    if terms.setdefault("measure", "points") == "points":
        terms["point_type"] = PointType.objects.get(code="POINTS")
    scheme = TierScheme.objects.create(code=code, name={"en": code.title()}, **terms)
    for rank, (tier, threshold) in enumerate((("BASIC", 0), ("SILVER", 100), ("GOLD", 300))):
        Tier.objects.create(scheme=scheme, code=tier, name={"en": tier.title()}, rank=rank, threshold=threshold)
    promotions.freeze_settings(now=START)
    return scheme


@pytest.fixture
def world():
    made = make_world()
    with made.entered(), clock.fixed(START + timedelta(hours=1)):
        yield made


def buy(member, number: str, amount: str, at=START):
    with clock.fixed(max(at, START) + timedelta(hours=1)):
        return record_purchase(purchase(member.member_id, number, [(1, amount)], at=at))


def history(member, scheme) -> list[tuple[str, str, date | None]]:
    rows = MemberTier.objects.filter(member_id=member.member_id, scheme=scheme).order_by("since_at", "pk")
    return [(row.tier.code, row.cause, row.valid_until) for row in rows.select_related("tier")]


def standing(member, at=START):
    return tiering.standings(Member.objects.get(pk=member.member_id), at=at)[0]


class TestMeasures:
    def test_money_spent_within_a_calendar_year_raises_at_once_and_a_return_takes_the_tier_back(self, world):
        scheme, member = make_scheme(measure="amount", window="calendar"), add_member()
        buy(member, "R1", "0.60")
        assert history(member, scheme) == []
        buy(member, "R2", "0.40")
        assert history(member, scheme) == [("SILVER", "purchase", date(2028, 1, 1))]

        record_return(bring_back("R1", "R1-B", [("1", 1)], at=START + timedelta(minutes=30)))

        assert [row[:2] for row in history(member, scheme)] == [("SILVER", "purchase"), ("BASIC", "return")]
        assert (standing(member).value, standing(member).missing) == (40, 60)
        assert list(invariants.check("default")) == []

    def test_purchases_of_the_members_own_year_count_and_last_years_do_not(self, world):
        scheme, member = make_scheme(measure="purchases", window="anniversary"), add_member()
        Member.objects.filter(pk=member.member_id).update(enrolled_at=datetime(2025, 4, 10, tzinfo=UTC))
        Tier.objects.filter(scheme=scheme, code="SILVER").update(threshold=2)
        promotions.freeze_settings(now=START)
        buy(member, "R1", "5.00", at=datetime(2026, 4, 9, 12, tzinfo=UTC))
        buy(member, "R2", "5.00", at=datetime(2026, 4, 10, 12, tzinfo=UTC))
        assert history(member, scheme) == []
        buy(member, "R3", "5.00", at=datetime(2026, 4, 11, 12, tzinfo=UTC))
        assert history(member, scheme) == [("SILVER", "purchase", date(2028, 4, 10))]

    def test_two_schemes_run_side_by_side(self, world):
        points, visits = make_scheme("POINTED"), make_scheme("VISITED", measure="purchases", window="calendar")
        Tier.objects.filter(scheme=visits, code="SILVER").update(threshold=1)
        promotions.freeze_settings(now=START)
        member = add_member()
        buy(member, "R1", "40.00")

        assert history(member, points) == []
        assert history(member, visits) == [("SILVER", "purchase", date(2028, 1, 1))]
        assert [one.scheme.code for one in tiering.standings(Member.objects.get(pk=member.member_id), at=START)] == [
            "POINTED", "VISITED",
        ]  # fmt: skip


class TestReviews:
    @pytest.fixture
    def gold(self, world):
        """Gold by money spent in 2026, valid to the end of 2027; the scheme has ten days of grace."""
        self.scheme = make_scheme(measure="amount", window="calendar", grace_days=10)
        member = add_member()
        buy(member, "R1", "3.00")
        assert history(member, self.scheme) == [("GOLD", "purchase", date(2028, 1, 1))]
        return member

    def test_a_tier_is_lowered_one_step_after_its_grace_and_only_once(self, gold):
        assert tiering.review_tiers(at=JANUARY) == 0
        assert tiering.review_tiers(at=JANUARY + timedelta(days=10)) == 1
        assert tiering.review_tiers(at=JANUARY + timedelta(days=10)) == 0
        assert history(gold, self.scheme)[1:] == [("SILVER", "review", date(2029, 1, 1))]

    def test_what_was_bought_in_the_year_or_in_the_grace_keeps_the_tier(self, gold):
        buy(gold, "R2", "2.00", at=datetime(2027, 6, 1, tzinfo=UTC))
        buy(gold, "R3", "1.00", at=JANUARY + timedelta(days=3))
        assert standing(gold, JANUARY - timedelta(days=1)).missing_to_keep == 0

        tiering.review_tiers(at=JANUARY + timedelta(days=30))

        assert history(gold, self.scheme) == [("GOLD", "purchase", date(2029, 1, 1))]

    def test_who_would_lose_a_tier_is_announced_once_and_who_would_not_is_not(self, gold):
        safe = add_member("M2")
        buy(safe, "S1", "3.00")
        buy(safe, "S2", "3.00", at=datetime(2027, 3, 1, tzinfo=UTC))
        announced = OutboxEvent.objects.filter(type="tier.ending")

        assert tiering.warn_tiers(at=JANUARY - timedelta(days=31)) == 0
        assert tiering.warn_tiers(at=JANUARY - timedelta(days=30)) == 1
        assert tiering.warn_tiers(at=JANUARY - timedelta(days=29)) == 0
        assert [event.subject_id for event in announced] == [gold.member_id]
        assert standing(gold, JANUARY - timedelta(days=30)).missing_to_keep == 300


class TestGiven:
    def test_a_given_tier_ends_with_what_was_earned_by_then(self, world):
        scheme, member = make_scheme(), add_member()
        with clock.fixed(START):
            tiering.grant_tier(
                member_id=member.member_id, scheme="STATUS", tier="GOLD", until=date(2026, 5, 1), note="press", at=START
            )
        buy(member, "R1", "95.00")
        assert history(member, scheme) == [("GOLD", "manual", date(2026, 5, 1))]
        assert standing(member).missing_to_keep == 0
        assert AuditRecord.objects.get(action="tier.granted").reason == "press"

        tiering.review_tiers(at=datetime(2026, 5, 1, tzinfo=UTC))

        assert [row[:2] for row in history(member, scheme)] == [("GOLD", "manual"), ("SILVER", "review")]

    def test_a_withdrawn_tier_leaves_what_was_earned(self, world):
        scheme, member = make_scheme(), add_member()
        tiering.grant_tier(member_id=member.member_id, scheme="STATUS", tier="GOLD", until=None, note="", at=START)

        tiering.withdraw_tier(member_id=member.member_id, scheme="STATUS", note="", at=START + timedelta(hours=2))

        assert [row[:2] for row in history(member, scheme)] == [("GOLD", "manual"), ("BASIC", "withdrawn")]

    @pytest.mark.parametrize(
        ("refusal", "values"),
        [
            (tiering.NotHigher, {"tier": "BASIC"}),
            (tiering.UnknownTier, {"tier": "PLATINUM"}),
            (tiering.UnknownTier, {"scheme": "OTHER"}),
            (tiering.EndsInThePast, {"until": START.date()}),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_changes_nothing(self, world, refusal, values):
        make_scheme()
        member = add_member()
        wanted = {"scheme": "STATUS", "tier": "GOLD", "until": None, **values}
        with pytest.raises(refusal):
            tiering.grant_tier(member_id=member.member_id, note="", at=START, **wanted)
        with pytest.raises(tiering.NotGiven):
            tiering.withdraw_tier(member_id=member.member_id, scheme="STATUS", note="", at=START)
        assert (MemberTier.objects.count(), AuditRecord.objects.filter(action__startswith="tier").count()) == (0, 0)
