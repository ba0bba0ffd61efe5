"""Asking for reports, making them in the background, and having them come by themselves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from loyalty.kernel import audit, clock, documents, files, jobs, outbox, replica
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import OutboxEvent, User
from loyalty.kernel.unit_of_work import unit_of_work
from programs.setup.models import PointType, Program
from reports.library import periods
from reports.library.definitions import DEFINITIONS, Request
from reports.library.models import Frequency, ReportFile, ReportRun, ReportSchedule
from reports.library.periods import Period

JOB_KIND = "reports.run"
FILES_KEPT_FOR = timedelta(days=90)
QUEUE = "reports"
READY = outbox.declare("report.ready")


class UnknownReport(Refusal):
    """There is no such report."""

    code = "reports.unknown_report"
    status = 404


class PeriodRefused(Refusal):
    """The period ends before it begins or is longer than two years."""

    code = "reports.period_refused"


class FormatRefused(Refusal):
    """No format, or an unknown one."""

    code = "reports.format_refused"


def _check(report: str, formats: Sequence[str]) -> None:
    if report not in DEFINITIONS:
        raise UnknownReport()
    if not formats or set(formats) - set(documents.FORMATS):
        raise FormatRefused()


def request_report(
    *, report: str, first: date, last: date, formats: Sequence[str], language: str, user: User | None
) -> ReportRun:
    """Queue a report of the program in scope for local days ``first`` to ``last``.

    :raises UnknownReport: no such report.
    :raises PeriodRefused: the period makes no sense.
    :raises FormatRefused: no format, or an unknown one.
    """
    _check(report, formats)
    if not Period(first, last, Program.objects.get().zone).is_valid:
        raise PeriodRefused()
    with unit_of_work():
        run = _queue(report, first, last, formats, language, user, None)
        audit.record("report.requested", run)
    return run


def _queue(
    report: str,
    first: date,
    last: date,
    formats: Sequence[str],
    language: str,
    user: User | None,
    schedule: ReportSchedule | None,
) -> ReportRun:
    run = ReportRun.objects.create(
        report=report, first_date=first, last_date=last, formats=sorted(set(formats)), language=language,
        requested_by=user, schedule=schedule,
    )  # fmt: skip
    job = jobs.enqueue(JOB_KIND, arguments={"run": run.pk}, queue=QUEUE, user=user)
    ReportRun.objects.filter(pk=run.pk).update(job=job)
    run.job = job
    return run


def run_report(work: jobs.Run) -> Mapping[str, Any]:
    """Make a report's files; the handler of the job. Safe to run again: files made before are made anew."""
    run = ReportRun.objects.select_related("requested_by", "schedule").get(pk=work.job.arguments["run"])
    program = Program.objects.get()
    point_type = (
        PointType.objects.filter(is_spendable=True, archived_at__isnull=True).order_by("position", "pk").first()
    )
    if point_type is None:
        raise NotFound()
    request = Request(
        program=program,
        point_type=point_type,
        period=Period(run.first_date, run.last_date, program.zone),
        made_at=clock.now(),
        made_by=str(run.requested_by) if run.requested_by else str(program.name),
        language=run.language,
    )
    steps = len(run.formats) + 1
    with translation.override(run.language):
        document = replica.lagging(
            lambda: DEFINITIONS[run.report].build(
                request, lambda done, of: work.report(done * 100 // max(of, 1), steps * 100)
            )
        )
    for place, file_format in enumerate(run.formats, start=1):
        _store(run, document, file_format)
        work.report((place + 1) * 100, steps * 100)
    with unit_of_work():
        ReportRun.objects.filter(pk=run.pk).update(headline=document.headline[:300])
        outbox.add(READY, subject="report", subject_id=run.pk, at=clock.now())
    return {"headline": document.headline}


def _store(run: ReportRun, document: documents.Document, file_format: str) -> None:
    content = documents.write(document, file_format)
    name = f"{run.report}-{run.first_date.isoformat()}-{run.last_date.isoformat()}.{file_format}"
    with unit_of_work():
        stored = files.store(
            content,
            kind="report",
            name=name,
            content_type=documents.CONTENT_TYPES[file_format],
            expires_at=clock.now() + FILES_KEPT_FOR,
            user=run.requested_by,
        )
        ReportFile.objects.update_or_create(run=run, format=file_format, defaults={"file": stored})


def schedule_report(
    *,
    report: str,
    frequency: str,
    hour: int,
    formats: Sequence[str],
    emails: Sequence[str],
    language: str,
    user: User | None,
    now: datetime,
) -> ReportSchedule:
    """Have a report made every day, week or month about the time before.

    :raises UnknownReport: no such report.
    :raises FormatRefused: no format, or an unknown one.
    """
    _check(report, formats)
    assert frequency in Frequency.values, frequency
    zone = Program.objects.get().zone
    with unit_of_work():
        schedule = ReportSchedule.objects.create(
            report=report, frequency=frequency, hour=hour, formats=sorted(set(formats)), emails=list(emails),
            language=language, created_by=user, next_run_at=periods.next_run(frequency, now, zone, hour),
        )  # fmt: skip
        audit.record("schedule.made", schedule)
    return schedule


def stop_schedule(*, schedule_id: int, now: datetime) -> ReportSchedule:
    """Have a scheduled report come no more; what it made stays.

    :raises NotFound: no such schedule here, or stopped before.
    """
    with unit_of_work():
        if not ReportSchedule.objects.filter(pk=schedule_id, archived_at__isnull=True).update(archived_at=now):
            raise NotFound()
        schedule = ReportSchedule.objects.get(pk=schedule_id)
        audit.record("schedule.stopped", schedule)
    return schedule


def run_due_schedules(*, now: datetime) -> int:
    """Queue the reports whose time has come; a missed time is made up for, each with its own period; how many."""
    zone = Program.objects.get().zone
    queued = 0
    for schedule_id in ReportSchedule.objects.filter(archived_at__isnull=True, next_run_at__lte=now).values_list(
        "pk", flat=True
    ):
        with unit_of_work():
            schedule = ReportSchedule.objects.select_for_update(no_key=True, of=("self",)).get(pk=schedule_id)
            while schedule.archived_at is None and schedule.next_run_at <= now:
                due = schedule.next_run_at
                period = periods.previous(schedule.frequency, due.astimezone(zone).date(), zone)
                _queue(
                    schedule.report, period.first, period.last, schedule.formats, schedule.language,
                    schedule.created_by, schedule,
                )  # fmt: skip
                schedule.next_run_at = periods.next_run(schedule.frequency, due, zone, schedule.hour)
                queued += 1
            schedule.save(update_fields=["next_run_at"])
    return queued


def send_ready(event: OutboxEvent) -> None:
    """Tell the people of a schedule that their report is ready. Figures stay behind the login: the mail holds none."""
    run = ReportRun.objects.select_related("schedule").get(pk=event.subject_id)
    if run.schedule is None or not run.schedule.emails:
        return
    with translation.override(run.language):
        title = str(DEFINITIONS[run.report].title)
        period = f"{run.first_date.isoformat()} – {run.last_date.isoformat()}"
        EmailMessage(
            subject=_("Your report is ready: %(title)s") % {"title": title},
            body=_("The report “%(title)s” for %(period)s is ready. Sign in to read it: %(address)s")
            % {"title": title, "period": period, "address": f"{settings.SITE_ADDRESS}/admin/reports/"},
            to=run.schedule.emails,
        ).send()


outbox.subscribe(READY, send_ready)
