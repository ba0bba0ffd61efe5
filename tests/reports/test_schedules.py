"""Reports that come by themselves: when, about which days, and the mail that says so."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from loyalty.kernel import clock, jobs, outbox
from loyalty.kernel.errors import NotFound
from loyalty.kernel.models import Job, OutboxEvent
from reports.library import periods, services
from reports.library.models import ReportRun, ReportSchedule
from reports.library.periods import Period
from tests.reports.coalition import MADE_AT, Coalition, make_coalition

WARSAW = ZoneInfo("Europe/Warsaw")


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


@pytest.mark.pure
class TestNextRun:
    @pytest.mark.parametrize(
        ("every", "after", "wanted"),
        [
            ("day", "2026-03-10T04:59:59+00:00", "2026-03-10T06:00:00+01:00"),
            # The hour itself has been served: the next one comes a day later.
            ("day", "2026-03-10T05:00:00+00:00", "2026-03-11T06:00:00+01:00"),
            ("week", "2026-03-10T12:00:00+00:00", "2026-03-16T06:00:00+01:00"),
            ("week", "2026-03-16T04:00:00+00:00", "2026-03-16T06:00:00+01:00"),
            ("month", "2026-03-10T12:00:00+00:00", "2026-04-01T06:00:00+02:00"),
            ("month", "2026-12-01T05:00:00+00:00", "2027-01-01T06:00:00+01:00"),
            # The clocks change on March 29: the local hour stays.
            ("day", "2026-03-28T12:00:00+00:00", "2026-03-29T06:00:00+02:00"),
        ],
    )
    def test_keeps_the_local_hour(self, every, after, wanted):
        found = periods.next_run(every, datetime.fromisoformat(after), WARSAW, 6)

        assert found.isoformat() == wanted


@pytest.mark.pure
class TestPeriods:
    @pytest.mark.parametrize(
        ("every", "first", "last"),
        [
            ("day", date(2026, 3, 10), date(2026, 3, 10)),
            ("week", date(2026, 3, 2), date(2026, 3, 8)),
            ("month", date(2026, 2, 1), date(2026, 2, 28)),
        ],
    )
    def test_the_last_whole_one_before_a_day(self, every, first, last):
        assert periods.previous(every, date(2026, 3, 11), WARSAW) == Period(first, last, WARSAW)

    def test_whole_months_are_compared_with_as_many_months(self):
        march = Period(date(2026, 3, 1), date(2026, 3, 31), WARSAW)
        assert (march.before.first, march.before.last) == (date(2026, 2, 1), date(2026, 2, 28))
        quarter = Period(date(2026, 1, 1), date(2026, 3, 31), WARSAW)
        assert (quarter.before.first, quarter.before.last) == (date(2025, 10, 1), date(2025, 12, 31))
        days = Period(date(2026, 3, 2), date(2026, 3, 8), WARSAW)
        assert (days.before.first, days.before.last) == (date(2026, 2, 23), date(2026, 3, 1))

    def test_a_local_day_of_the_clock_change_has_23_hours(self):
        day = Period(date(2026, 3, 29), date(2026, 3, 29), WARSAW)
        assert (day.end.astimezone(UTC) - day.start.astimezone(UTC)).total_seconds() == 23 * 3600

    def test_at_most_two_years(self):
        assert Period(date(2024, 1, 1), date(2025, 12, 31), WARSAW).is_valid
        assert not Period(date(2024, 1, 1), date(2026, 1, 1), WARSAW).is_valid
        assert not Period(date(2026, 1, 2), date(2026, 1, 1), WARSAW).is_valid


@pytest.fixture
def spring(db) -> Coalition:
    return make_coalition()


def plan(frequency: str = "week", *, emails: tuple[str, ...] = (), now: datetime = MADE_AT) -> ReportSchedule:
    return services.schedule_report(
        report="movement",
        frequency=frequency,
        hour=6,
        formats=["csv"],
        emails=emails,
        language="en",
        user=None,
        now=now,
    )


def queued() -> list[tuple[date, date]]:
    return list(ReportRun.objects.order_by("pk").values_list("first_date", "last_date"))


class TestComing:
    def test_nothing_comes_before_its_time(self, spring):
        with spring.entered():
            plan(now=noon(3, 10))

            assert services.run_due_schedules(now=datetime(2026, 3, 16, 5, 59, 59, tzinfo=UTC)) == 0
            assert (queued(), Job.objects.count()) == ([], 0)

    def test_it_comes_once_about_the_week_before(self, spring):
        with spring.entered():
            schedule = plan(now=noon(3, 10))

            assert services.run_due_schedules(now=noon(3, 16)) == 1
            assert services.run_due_schedules(now=noon(3, 16)) == 0
            schedule.refresh_from_db()
            assert queued() == [(date(2026, 3, 9), date(2026, 3, 15))]
            assert schedule.next_run_at == datetime(2026, 3, 23, 6, tzinfo=UTC)
            assert Job.objects.count() == 1

    def test_missed_times_are_made_up_for_each_about_its_own_week(self, spring):
        with spring.entered():
            schedule = plan(now=noon(3, 10))

            assert services.run_due_schedules(now=noon(4, 1)) == 3
            schedule.refresh_from_db()
            assert queued() == [
                (date(2026, 3, 9), date(2026, 3, 15)),
                (date(2026, 3, 16), date(2026, 3, 22)),
                (date(2026, 3, 23), date(2026, 3, 29)),
            ]
            assert schedule.next_run_at == datetime(2026, 4, 6, 6, tzinfo=UTC)

    def test_a_monthly_one_holds_the_figures_of_the_month(self, spring):
        with spring.entered():
            plan("month", now=noon(3, 10))
            services.run_due_schedules(now=noon(4, 1))
            assert [jobs.run(job) for job, _queue in jobs.due()] == [True]

            run = ReportRun.objects.get()
            assert (run.first_date, run.last_date) == (date(2026, 3, 1), date(2026, 3, 31))
            assert run.headline == "38 more points are outstanding than before"

    def test_a_stopped_one_comes_no_more(self, spring):
        with spring.entered():
            schedule = plan(now=noon(3, 10))
            services.run_due_schedules(now=noon(3, 16))

            services.stop_schedule(schedule_id=schedule.pk, now=noon(3, 17))

            assert services.run_due_schedules(now=noon(6, 1)) == 0
            assert len(queued()) == 1
            with pytest.raises(NotFound):
                services.stop_schedule(schedule_id=schedule.pk, now=noon(3, 18))

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"report": "secrets"}, services.UnknownReport),
            ({"formats": []}, services.FormatRefused),
            ({"formats": ["csv", "exe"]}, services.FormatRefused),
        ],
    )
    def test_what_cannot_be_made_is_not_scheduled(self, spring, changes, refusal):
        given = {"report": "movement", "formats": ["csv"], **changes}
        with spring.entered():
            with pytest.raises(refusal):
                services.schedule_report(
                    frequency="day", hour=6, emails=[], language="en", user=None, now=MADE_AT, **given
                )
            with pytest.raises(refusal):
                services.request_report(
                    first=date(2026, 3, 1), last=date(2026, 3, 31), language="en", user=None, **given
                )
            assert (ReportSchedule.objects.count(), ReportRun.objects.count(), Job.objects.count()) == (0, 0, 0)


class TestMail:
    def made(self, emails: tuple[str, ...]) -> None:
        plan("month", emails=emails, now=noon(3, 10))
        services.run_due_schedules(now=noon(4, 1))
        for job, _queue in jobs.due():
            jobs.run(job)

    def test_tells_once_that_it_is_ready_and_no_figure(self, spring):
        with spring.entered(), clock.fixed(noon(4, 1)):
            self.made(("boss@example.com", "desk@example.com"))
            assert mail.outbox == []

            outbox.deliver_due()
            outbox.deliver_due()

        assert len(mail.outbox) == 1
        sent = mail.outbox[0]
        assert sent.to == ["boss@example.com", "desk@example.com"]
        assert sent.subject == "Your report is ready: Movement of points"
        assert "2026-03-01 – 2026-03-31" in sent.body
        assert sent.attachments == []
        # Apart from the days and the address no digit is left.
        words = re.sub(r"2026-03-(01|31)|https?://\S+", "", f"{sent.subject} {sent.body}")
        assert not re.search(r"\d", words), words

    def test_a_schedule_without_addresses_sends_none(self, spring):
        with spring.entered(), clock.fixed(noon(4, 1)):
            self.made(())
            outbox.deliver_due()

            assert not OutboxEvent.objects.filter(is_pending=True, type="report.ready").exists()
        assert mail.outbox == []

    def test_a_report_that_somebody_asked_for_sends_none(self, spring):
        with spring.entered():
            services.request_report(
                report="movement",
                first=date(2026, 3, 1),
                last=date(2026, 3, 31),
                formats=["csv"],
                language="en",
                user=None,
            )
            for job, _queue in jobs.due():
                jobs.run(job)
            outbox.deliver_due()

            assert OutboxEvent.objects.filter(type="report.ready", is_pending=False).count() == 1
        assert mail.outbox == []
