"""When the calendar starts promotions, and what a run does: each due moment once, missed ones as of themselves."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from loyalty.kernel import clock
from members.activity.models import Evaluation
from members.engagement import services
from members.engagement.calendar import due_between
from members.engagement.models import ScheduledRun
from members.ledger import invariants
from programs.promotions import services as promotions
from programs.promotions.models import Promotion
from tests.members.world import BASE, START, add_member, make_world, purchase, record_purchase, wallet_of

WARSAW = ZoneInfo("Europe/Warsaw")


def instant(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("trigger", "after", "until", "found"),
    [
        ({"every": "day", "at": "09:00"}, instant(2026, 3, 27, 8), instant(2026, 3, 30, 7),
         [instant(2026, 3, 28, 8), instant(2026, 3, 29, 7), instant(2026, 3, 30, 7)]),
        ({"every": "day", "at": "02:30"}, instant(2026, 3, 28, 12), instant(2026, 3, 29, 12), [instant(2026, 3, 29, 1, 30)]),
        ({"every": "week", "weekday": 7, "at": "10:00"}, instant(2026, 3, 1, 0), instant(2026, 3, 15, 8, 59),
         [instant(2026, 3, 1, 9), instant(2026, 3, 8, 9)]),
        ({"every": "month", "day": 31}, instant(2026, 1, 31), instant(2026, 4, 30),
         [instant(2026, 2, 27, 23), instant(2026, 3, 30, 22), instant(2026, 4, 29, 22)]),
        ({"every": "day"}, instant(2026, 3, 2, 23), instant(2026, 3, 3, 22), []),
    ],
)  # fmt: skip
def test_the_moments_between_two(trigger, after, until, found):
    assert list(due_between({"on": "schedule", **trigger}, after, until, WARSAW)) == found


REMINDER = {
    "schema": "promo/1",
    "trigger": {"on": "schedule", "every": "day", "at": "12:00"},
    "audience": {"op": "history", "measure": "days_since_last", "cmp": "eq", "value": 30},
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "5"}}],
}


@pytest.mark.django_db(databases=["default", "auditor"])
class TestRuns:
    @pytest.fixture
    def members(self):
        """Three members: bought on 2 March, on 4 March, and never."""
        world = make_world(documents={"BASE": BASE})
        with world.entered(), clock.fixed(START + timedelta(hours=1)):
            version = promotions.write_promotion(code="BACK", name={"en": "Back"}, document=REMINDER)
            promotions.publish_version(version_id=version.pk, starts_at=START, now=START)
            found = [add_member(f"M{number}") for number in range(3)]
            record_purchase(purchase(found[0].member_id, "R0", [(1, "0.50")]))
            with clock.fixed(START + timedelta(days=2, hours=1)):
                record_purchase(purchase(found[1].member_id, "R1", [(1, "0.50")], at=START + timedelta(days=2)))
            yield found

    def points(self, members) -> list[int]:
        return [wallet_of(one.account_id).active for one in members]

    def test_missed_days_are_made_up_for_each_as_of_itself(self, members):
        later = datetime(2026, 4, 5, 18, tzinfo=UTC)

        assert services.run_due(now=later) == 2

        assert self.points(members) == [5, 5, 0]
        days = sorted(Evaluation.objects.filter(kind="schedule").values_list("occasion", flat=True))
        assert [one.split(":")[2] for one in days] == ["20260401T1200", "20260403T1200"]
        assert ScheduledRun.objects.filter(finished_at=None).count() == 0
        assert list(invariants.check("default")) == []

    def test_a_second_sweep_and_a_run_begun_anew_grant_nothing_twice(self, members):
        at = datetime(2026, 4, 1, 12, tzinfo=UTC)
        assert services.run_due(now=at) == 1
        assert services.run_due(now=at) == 0
        ScheduledRun.objects.filter(due_at=at).update(finished_at=None, last_member_id=0)

        assert services.run_due(now=at) == 0
        assert self.points(members) == [5, 0, 0]

    def test_a_promotion_that_was_stopped_is_not_run_any_more(self, members):
        stopped = datetime(2026, 3, 20, tzinfo=UTC)
        promotion = Promotion.objects.get(code="BACK")
        promotions.stop_promotion(promotion_id=promotion.pk, now=stopped)

        assert services.run_due(now=datetime(2026, 4, 5, tzinfo=UTC)) == 0
        assert self.points(members) == [0, 0, 0]
        assert {run.due_at.date() for run in ScheduledRun.objects.all()} <= {date(2026, 3, day) for day in range(1, 21)}

    def test_a_run_asks_for_the_members_of_the_version_of_its_day(self, members):
        promotion = Promotion.objects.get(code="BACK")
        sooner = {**REMINDER, "audience": {**REMINDER["audience"], "value": 29}}
        version = promotions.save_draft(promotion_id=promotion.pk, document=sooner, name=promotion.name, seen="")
        changed = START + timedelta(days=10)
        promotions.publish_version(version_id=version.pk, starts_at=changed, now=changed)

        assert services.run_due(now=datetime(2026, 4, 5, tzinfo=UTC)) == 2

        days = sorted(Evaluation.objects.filter(kind="schedule").values_list("occasion", flat=True))
        assert [one.split(":")[2] for one in days] == ["20260331T1200", "20260402T1200"]
