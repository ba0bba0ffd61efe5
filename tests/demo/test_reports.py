"""The demo's reports: those that come by themselves and those that are asked for at once."""

from datetime import date, timedelta

import pytest

from loyalty.demo import grocery
from loyalty.kernel.models import Job
from reports.library.models import ReportRun, ReportSchedule
from tests.members.world import START, make_world


@pytest.mark.django_db
def test_three_come_by_themselves_and_two_wait_for_a_worker():
    with make_world().entered():
        grocery.schedule_reports(START)
        grocery.request_reports(date(2026, 1, 1), date(2026, 3, 1))
        assert sorted(ReportSchedule.objects.values_list("report", flat=True)) == ["movement", "partners", "promotions"]
        assert all(
            START < at < START + timedelta(days=31)
            for at in ReportSchedule.objects.values_list("next_run_at", flat=True)
        )
        assert sorted(ReportRun.objects.values_list("report", flat=True)) == ["expiry", "movement"]
        assert list(Job.objects.values_list("state", "queue")) == [("queued", "reports")] * 2
