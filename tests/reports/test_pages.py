"""Asking for a report, waiting for it and taking it home, through the staff pages."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from loyalty.kernel import clock, files, jobs
from loyalty.kernel.models import AuditRecord, Job, StoredFile, User
from loyalty.kernel.models.jobs import JobState
from reports.library import services
from reports.library.models import ReportRun, ReportSchedule
from tests.kernel.pages.staff import signed_in
from tests.members.desk.room import make_user
from tests.reports.coalition import MADE_AT, Coalition, make_coalition

pytestmark = pytest.mark.django_db
MAKE = "/admin/reports/make/"
SCHEDULE = "/admin/reports/schedule/"


@pytest.fixture
def spring() -> Coalition:
    return make_coalition()


@pytest.fixture(autouse=True)
def _now():
    with clock.fixed(MADE_AT):
        yield


def enter(spring: Coalition, role: str) -> Client:
    return signed_in(make_user(spring.world, role))


def asked(spring: Coalition, **changes: Any) -> dict[str, Any]:
    return {
        "_program": spring.world.program_id, "report": "movement", "first": "2026-03-01", "last": "2026-03-31",
        "formats": ["pdf", "xlsx", "csv"], **changes,
    }  # fmt: skip


def work(spring: Coalition) -> None:
    """What the worker does when the doorbell rings."""
    with spring.entered():
        assert [jobs.run(job) for job, _queue in jobs.due()] == [True]


def only_run(spring: Coalition) -> ReportRun:
    with spring.entered():
        return ReportRun.objects.select_related("job").get()


def link(run: ReportRun, file_format: str = "csv") -> str:
    return f"/admin/reports/{run.public_id}/{file_format}/"


class TestMaking:
    def test_an_analyst_asks_waits_and_reads(self, spring):
        analyst = enter(spring, "analyst")

        assert analyst.post(MAKE, asked(spring)).headers["Location"] == "/admin/reports/"
        run = only_run(spring)
        assert run.job.state == JobState.QUEUED
        assert "data-refresh" in analyst.get("/admin/reports/").content.decode()
        assert analyst.get(link(run)).status_code == 404

        work(spring)

        page = analyst.get("/admin/reports/").content.decode()
        assert "data-refresh" not in page
        assert "38 more points are outstanding than before" in page
        assert all(link(run, one) in page for one in ("pdf", "xlsx", "csv"))

    def test_the_three_files_hold_the_figures(self, spring):
        analyst = enter(spring, "analyst")
        analyst.post(MAKE, asked(spring))
        work(spring)
        answers = {one: analyst.get(link(only_run(spring), one)) for one in ("pdf", "xlsx", "csv")}
        content = {one: io.BytesIO(answer.getvalue()) for one, answer in answers.items()}

        line = [27, 95, -25, 5, -30, -7, 65]
        lines = list(csv.reader(io.StringIO(content["csv"].getvalue().decode("utf-8-sig")), delimiter=";"))
        sheet = load_workbook(content["xlsx"]).active
        paper = PdfReader(content["pdf"]).pages[0].extract_text().split()

        assert lines[1] == ["March 2026", *map(str, line)]
        assert [cell.value for cell in sheet[5]] == ["March 2026", *line]
        assert {"27", "95", "−25", "5", "−30", "−7", "65"} <= set(paper)
        for answer in answers.values():
            assert (answer.status_code, answer["X-Content-Type-Options"]) == (200, "nosniff")
        for one, stream in content.items():
            assert int(answers[one]["Content-Length"]) == stream.getbuffer().nbytes
        assert answers["pdf"]["Content-Disposition"] == 'attachment; filename="movement-2026-03-01-2026-03-31.pdf"'
        with spring.entered():
            assert AuditRecord.objects.filter(action="report.requested").count() == 1
            assert AuditRecord.objects.filter(action="report.downloaded").count() == 3

    def test_the_same_days_can_be_made_again(self, spring):
        analyst = enter(spring, "analyst")
        analyst.post(MAKE, asked(spring))
        work(spring)

        analyst.post(f"/admin/reports/{only_run(spring).public_id}/again/", {"_program": spring.world.program_id})

        with spring.entered():
            assert [(run.first_date, run.last_date, run.formats) for run in ReportRun.objects.all()] == [
                (date(2026, 3, 1), date(2026, 3, 31), ["csv", "pdf", "xlsx"])
            ] * 2

    def test_one_that_waits_can_be_stopped(self, spring):
        analyst = enter(spring, "analyst")
        analyst.post(MAKE, asked(spring))

        analyst.post(f"/admin/reports/{only_run(spring).public_id}/stop/", {"_program": spring.world.program_id})

        assert only_run(spring).job.state == JobState.CANCELED
        with spring.entered():
            assert (jobs.due(), StoredFile.objects.count()) == ([], 0)

    def test_a_second_worker_makes_the_files_once(self, spring):
        enter(spring, "analyst").post(MAKE, asked(spring, formats=["csv"]))
        work(spring)
        with spring.entered():
            # The first worker died after writing the file and before saying that it was done.
            Job.objects.update(state=JobState.RUNNING, leased_until=MADE_AT - timedelta(seconds=1))
        work(spring)

        run = only_run(spring)
        with spring.entered():
            assert (run.job.state, run.files.count()) == (JobState.DONE, 1)

    def test_files_go_after_ninety_days_and_the_headline_stays(self, spring):
        analyst = enter(spring, "analyst")
        analyst.post(MAKE, asked(spring, formats=["csv"]))
        work(spring)
        assert analyst.get(link(only_run(spring))).status_code == 200

        with clock.fixed(MADE_AT + timedelta(days=90)):
            with spring.world.entered():
                assert files.remove_expired() == 1
            # Nobody stays signed in for ninety days.
            analyst = signed_in(User.objects.get(pk=analyst.session["_auth_user_id"]))
            assert analyst.get(link(only_run(spring))).status_code == 404
            page = analyst.get("/admin/reports/").content.decode()

        assert "38 more points are outstanding than before" in page
        assert "The files are gone" in page


class TestRefusals:
    def test_an_agent_gets_nothing(self, spring):
        enter(spring, "analyst").post(MAKE, asked(spring, formats=["csv"]))
        work(spring)
        run, agent = only_run(spring), enter(spring, "agent")

        assert agent.get("/admin/reports/").status_code == 403
        assert agent.get(link(run)).status_code == 403
        assert agent.post(MAKE, asked(spring)).status_code == 403
        assert agent.post(SCHEDULE, asked(spring)).status_code == 403
        with spring.entered():
            assert (ReportRun.objects.count(), ReportSchedule.objects.count()) == (1, 0)

    def test_a_marketer_makes_reports_and_schedules_none(self, spring):
        marketer = enter(spring, "marketer")

        assert marketer.post(MAKE, asked(spring)).status_code == 302
        assert marketer.post(SCHEDULE, scheduled(spring)).status_code == 403
        with spring.entered():
            assert (ReportRun.objects.count(), ReportSchedule.objects.count()) == (1, 0)

    def test_another_programs_run_does_not_exist(self, spring):
        enter(spring, "analyst").post(MAKE, asked(spring, formats=["csv"]))
        work(spring)
        run, stranger = only_run(spring), enter(make_coalition("AUTUMN"), "analyst")

        assert stranger.get(link(run)).status_code == 404
        assert stranger.post(f"/admin/reports/{run.public_id}/again/").status_code == 404
        assert stranger.post(f"/admin/reports/{run.public_id}/stop/").status_code == 404
        assert str(run.public_id) not in stranger.get("/admin/reports/").content.decode()

    def test_nobody_is_led_to_the_door(self, spring):
        assert Client().get("/admin/reports/").headers["Location"] == "/admin/login/?next=/admin/reports/"

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"last": "2026-02-28"}, "The last day lies before the first."),
            ({"first": "2023-03-01"}, "At most two years at once."),
            ({"formats": []}, "This field is required."),
            ({"formats": ["exe"]}, "exe is not one of the available choices"),
            ({"report": "secrets"}, "secrets is not one of the available choices"),
        ],
    )
    def test_what_makes_no_sense_is_shown_again_and_queues_nothing(self, spring, changes, words):
        answer = enter(spring, "analyst").post(MAKE, asked(spring, **changes))

        assert answer.status_code == 400
        assert words in answer.content.decode()
        with spring.entered():
            assert (ReportRun.objects.count(), Job.objects.count()) == (0, 0)


def scheduled(spring: Coalition, **changes: Any) -> dict[str, Any]:
    return {
        "_program": spring.world.program_id, "report": "members", "frequency": "week", "hour": "6",
        "formats": ["csv"], "emails": "boss@example.com, desk@example.com", **changes,
    }  # fmt: skip


class TestScheduling:
    def test_an_analyst_has_a_report_come_and_go(self, spring):
        analyst = enter(spring, "analyst")

        assert analyst.post(SCHEDULE, scheduled(spring)).status_code == 302
        with spring.entered():
            made = ReportSchedule.objects.get()
        assert (made.emails, made.next_run_at.isoformat()) == (
            ["boss@example.com", "desk@example.com"], "2026-04-27T06:00:00+00:00"
        )  # fmt: skip
        assert "notice to 2 people" in analyst.get("/admin/reports/").content.decode()

        stop = f"/admin/reports/schedule/{made.public_id}/stop/"
        assert analyst.post(stop, {"_program": spring.world.program_id}).status_code == 302
        assert analyst.post(stop, {"_program": spring.world.program_id}).status_code == 404
        with spring.entered():
            assert services.run_due_schedules(now=MADE_AT + timedelta(days=60)) == 0

    def test_a_wrong_address_schedules_nothing(self, spring):
        answer = enter(spring, "analyst").post(SCHEDULE, scheduled(spring, emails="boss@example.com, nobody"))

        assert (answer.status_code, "Enter a valid email address." in answer.content.decode()) == (400, True)
        with spring.entered():
            assert not ReportSchedule.objects.exists()

    def test_another_programs_schedule_does_not_exist(self, spring):
        enter(spring, "analyst").post(SCHEDULE, scheduled(spring))
        with spring.entered():
            made = ReportSchedule.objects.get()
        stranger = enter(make_coalition("AUTUMN"), "analyst")

        assert stranger.post(f"/admin/reports/schedule/{made.public_id}/stop/").status_code == 404
        with spring.entered():
            assert ReportSchedule.objects.get().archived_at is None
