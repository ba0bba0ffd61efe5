"""Reads of reports, within the program in scope."""

import uuid

from django.db.models import QuerySet

from loyalty.kernel.errors import NotFound
from reports.library.models import ReportRun, ReportSchedule


def runs() -> QuerySet[ReportRun]:
    """Report runs, newest first, with their jobs and files."""
    return (
        ReportRun.objects.select_related("job", "requested_by", "schedule")
        .prefetch_related("files__file")
        .order_by("-pk")
    )


def run(public_id: uuid.UUID) -> ReportRun:
    """One run.

    :raises NotFound: none here.
    """
    found = runs().filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def schedules() -> QuerySet[ReportSchedule]:
    """Schedules that are in force."""
    return ReportSchedule.objects.filter(archived_at__isnull=True).select_related("created_by").order_by("next_run_at")
