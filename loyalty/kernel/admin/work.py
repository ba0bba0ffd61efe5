"""Long work and the timetable."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from loyalty.kernel import audit, jobs
from loyalty.kernel.models import Job
from loyalty.kernel.models.jobs import JobState
from loyalty.kernel.pages import marks, staff
from loyalty.kernel.pages.admin import ReadOnlyAdmin, column

for _unused in (Group, SolarSchedule, ClockedSchedule, PeriodicTask, IntervalSchedule, CrontabSchedule):
    if admin.site.is_registered(_unused):
        admin.site.unregister(_unused)


REQUESTED_BY = column("requested_by", gettext_lazy("asked for by"))
RECORDED_AT = column("recorded_at", gettext_lazy("asked for"))
DETAILS = [
    column("note", gettext_lazy("what it is doing")),
    column("problem", gettext_lazy("problem")),
    column("attempts", gettext_lazy("attempts")),
    REQUESTED_BY,
    RECORDED_AT,
    column("started_at", gettext_lazy("started")),
]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Long work."""

    view_permission = "jobs.view"
    help_text = gettext_lazy(
        "Long work in the background. A job whose worker died is taken over by another; one that is stopped keeps "
        "nothing half done."
    )
    list_display = ["kind", "shown_state", "progress", REQUESTED_BY, RECORDED_AT, "finished_at"]
    list_select_related = ["requested_by"]
    list_filter = ["state"]
    fields = ["kind", "shown_state", "progress", *DETAILS, "finished_at"]
    readonly_fields = ["shown_state", "progress", *DETAILS]
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
            crumbs = [(_("Jobs"), self.address("changelist")), (str(job), self.address("change", job))]
            text = _("A job that waits is dropped at once; one that runs stops at its next step.")
            context = {"object_name": job.kind, "text": text, "back": self.address("change", job), "is_dangerous": True}
            return staff.show(request, "kernel/confirm.html", context, title=_("Stop"), crumbs=crumbs)
        with transaction.atomic():
            jobs.stop(job)
            audit.record("job.stopped", job)
        return HttpResponseRedirect(self.address("change", job))

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


class TimetableAdmin(ReadOnlyAdmin):
    """The fixed sweeps of the platform and when they run; they are changed by releases, not by hand."""

    view_permission = "jobs.view"
    help_text = gettext_lazy(
        "The fixed round of the platform: what is looked after, how often, and when it last ran. Schedules of "
        "campaigns and reports are on their own pages."
    )
    ordering = ("id",)


SWEEP = [
    column("name", gettext_lazy("name")),
    column("task", gettext_lazy("task")),
    column("scheduler", gettext_lazy("how often")),
    column("enabled", gettext_lazy("switched on")),
    column("last_run_at", gettext_lazy("last run")),
    column("total_run_count", gettext_lazy("runs so far")),
]


@admin.register(PeriodicTask)
class SweepAdmin(TimetableAdmin):
    """What runs and when."""

    list_display = SWEEP
    list_select_related = ["interval", "crontab"]
    fields = SWEEP
    readonly_fields = SWEEP


admin.site.register([IntervalSchedule, CrontabSchedule], TimetableAdmin)
