"""Long work and the timetable."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from loyalty.kernel import audit, codes, jobs, wording
from loyalty.kernel.models import Job
from loyalty.kernel.models.jobs import JobState
from loyalty.kernel.pages import figures, marks, staff
from loyalty.kernel.pages.admin import ReadOnlyAdmin, column

for _unused in (Group, SolarSchedule, ClockedSchedule, PeriodicTask, IntervalSchedule, CrontabSchedule):
    if admin.site.is_registered(_unused):
        admin.site.unregister(_unused)


RECORDED_AT = column("recorded_at", gettext_lazy("asked for"))


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Long work."""

    view_permission = "jobs.view"
    help_text = gettext_lazy(
        "Long work in the background. A job whose worker died is taken over by another; one that is stopped keeps "
        "nothing half done."
    )
    empty_text = gettext_lazy("Reports, exports and other long work stand here while they run and after.")
    list_display = ["work", "shown_state", "progress", "requested_by", RECORDED_AT, "finished_at"]
    list_select_related = ["requested_by"]
    list_filter = ["state"]
    fields = [
        "work", "shown_state", "progress", "note", "problem_in_words", "attempts", "requested_by", RECORDED_AT, "started_at",
        "finished_at",
    ]  # fmt: skip
    readonly_fields = ["work", "shown_state", "progress", "problem_in_words", RECORDED_AT]
    actions_detail = ("stop",)

    def has_stop_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever runs the platform may stop its work."""
        return self._may(request, self.view_permission)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        job = self.get_object(request, str(object_id))
        return [] if job is None or job.is_finished else super().get_actions_detail(request, object_id)

    @action(
        description=gettext_lazy("Stop"), url_path="stop", icon="stop_circle", permissions=["stop"],
        variant=ActionVariant.DANGER,
    )  # fmt: skip
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the job to stop."""
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        if not self.has_stop_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            crumbs = [
                (self.list_name, self.address("changelist")),
                (self.object_name(job), self.address("change", job)),
            ]
            text = _("A job that waits is dropped at once; one that runs stops at its next step.")
            context = {
                "object_name": self.object_name(job), "text": text, "back": self.address("change", job),
                "is_dangerous": True,
            }  # fmt: skip
            return staff.show(request, "kernel/confirm.html", context, title=_("Stop"), crumbs=crumbs)
        with transaction.atomic():
            jobs.stop(job)
            audit.record("job.stopped", job)
        return HttpResponseRedirect(self.address("change", job))

    def object_name(self, obj: Job) -> str:
        return codes.name(codes.JOB, obj.kind)

    @display(description=gettext_lazy("job"))
    def work(self, obj: Job) -> str:
        """What the job does, in words."""
        return codes.name(codes.JOB, obj.kind)

    @display(description=gettext_lazy("problem"))
    def problem_in_words(self, obj: Job) -> str:
        """Why it failed: an expected reason in a sentence, a fault by its name for whoever reads the logs."""
        return wording.sentence(obj.problem, obj.result.get("facts", {})) if obj.problem else "–"

    @display(description=gettext_lazy("state"))
    def shown_state(self, obj: Job) -> str:
        """The state in a word and an icon."""
        tones = {
            JobState.QUEUED: ("", "hourglass_empty"),
            JobState.RUNNING: ("info", "progress_activity"),
            JobState.DONE: ("good", "check"),
            JobState.FAILED: ("bad", "error"),
            JobState.CANCELED: ("warn", "stop_circle"),
        }
        return marks.badge(obj.get_state_display(), *tones[JobState(obj.state)])

    @display(description=gettext_lazy("progress"))
    def progress(self, obj: Job) -> str:
        """How much is done."""
        return "–" if obj.percent is None else f"{obj.percent} %"


SWEEPS = {
    "jobs": gettext_lazy("Waiting jobs, and those whose worker died"),
    "outbox": gettext_lazy("Events that wait to be sent"),
    "files": gettext_lazy("Files whose time is over"),
    "activation": gettext_lazy("Points that become usable"),
    "expiry": gettext_lazy("Points that expire"),
    "warnings": gettext_lazy("Warnings before points end"),
    "tier_reviews": gettext_lazy("Tiers that end"),
    "report_schedules": gettext_lazy("Reports that come by themselves"),
    "waiting_returns": gettext_lazy("Returns that wait for their purchase"),
    "celery.backend_cleanup": gettext_lazy("Remains of finished tasks"),
}


@admin.register(PeriodicTask)
class SweepAdmin(ReadOnlyAdmin):
    """The fixed sweeps of the platform and when they run; they are changed by releases, not by hand."""

    view_permission = "jobs.view"
    help_text = gettext_lazy(
        "The fixed round of the platform: what is looked after, how often, and when it last ran. Schedules of "
        "campaigns and reports are on their own pages."
    )
    empty_text = gettext_lazy("The platform writes its round here when it starts for the first time.")
    ordering = ("id",)
    list_display = ["sweep", "how_often", "is_on", "last_run", "runs"]
    list_select_related = ["interval", "crontab"]
    fields = ["sweep", "how_often", "is_on", "last_run", "runs"]
    readonly_fields = fields

    def object_name(self, obj: PeriodicTask) -> str:
        return self.sweep(obj)

    @display(description=gettext_lazy("what is looked after"))
    def sweep(self, obj: PeriodicTask) -> str:
        """What the sweep looks after, in words."""
        return str(SWEEPS.get(obj.name, obj.name))

    @display(description=gettext_lazy("how often"))
    def how_often(self, obj: PeriodicTask) -> str:
        """The rhythm in words; one that only a cron line can say stands as it is."""
        if obj.interval is not None:
            seconds = round(obj.interval.schedule.run_every.total_seconds())
            return ngettext("every %(count)s second", "every %(count)s seconds", seconds) % {"count": seconds}
        minute, hour = str(obj.crontab.minute), str(obj.crontab.hour)
        if minute.startswith("*/"):
            count = int(minute[2:])
            return ngettext("every %(count)s minute", "every %(count)s minutes", count) % {"count": count}
        if hour == "*":
            return _("every hour, %(minute)s minutes past") % {"minute": minute}
        return _("every day at %(time)s") % {"time": f"{hour}:{minute:0>2}"}

    @display(description=gettext_lazy("switched on"), boolean=True)
    def is_on(self, obj: PeriodicTask) -> bool:
        """Whether it runs."""
        return bool(obj.enabled)

    @display(description=gettext_lazy("last run"))
    def last_run(self, obj: PeriodicTask) -> Any:
        """When it ran last."""
        return obj.last_run_at

    @display(description=gettext_lazy("runs so far"))
    def runs(self, obj: PeriodicTask) -> str:
        """How often it ran."""
        return figures.count(obj.total_run_count)
