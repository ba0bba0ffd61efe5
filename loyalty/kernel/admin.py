"""Pages of the platform: staff and roles, keys, the audit trail, jobs, the timetable."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
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
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from loyalty.kernel import audit, clock, jobs
from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import ApiKey, AuditRecord, Job, User
from loyalty.kernel.models.jobs import JobState
from loyalty.kernel.models.users import Realm
from loyalty.kernel.pages import changes, marks, menu, people, staff
from loyalty.kernel.pages.admin import ProgramAdmin, ReadOnlyAdmin
from loyalty.kernel.pages.filters import ObjectKindFilter
from loyalty.kernel.pages.forms import ProgramForm

for _unused in (Group, SolarSchedule, ClockedSchedule, PeriodicTask, IntervalSchedule, CrontabSchedule):
    if admin.site.is_registered(_unused):
        admin.site.unregister(_unused)


@admin.register(User)
class StaffAdmin(ProgramAdmin):
    """Who works in the back office."""

    view_permission = "users.edit"
    edit_permission = "users.edit"
    form = people.StaffForm
    help_text = gettext_lazy(
        "Who works here, and in which role in which program. A role taken away closes its pages at once; "
        "an account is switched off, not deleted, because the history names it."
    )
    fieldsets = [
        (None, {"fields": ["email", "name", "new_password", "is_active"]}),
        (gettext_lazy("Roles"), {"fields": ["grants", "is_operator"]}),
        (gettext_lazy("Reading"), {"fields": ["language", "timezone"]}),
    ]
    list_display = ["name", "email", "is_operator", "is_active", "last_login"]
    list_filter = ["is_active", "is_operator"]
    search_prefix = ("email", "name")
    search_help_text = gettext_lazy("Beginning of the e-mail or the name")
    ordering = ("email",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).filter(realm=Realm.STAFF)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.edit_permission)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.request_user = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        password = form.cleaned_data.get("new_password")
        obj.email = obj.email.lower()
        if password:
            obj.set_password(password)
        super().save_model(request, obj, form, change)
        if password:
            self.record(obj, "password_set", {})
            if obj.pk == request.user.pk:
                update_session_auth_hash(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user, before, wanted = form.instance, people.grants_of(form.instance), form.wanted()
        for grant in sorted(wanted ^ before):
            is_given = grant in wanted
            people.change_role(user, grant, is_given=is_given)
            role = (None, grant[1]) if is_given else (grant[1], None)
            deed = "user.role_given" if is_given else "user.role_taken"
            audit.record(deed, user, changes={"role": role}, program_id=grant[0])


class KeyForm(ProgramForm):
    """A new key: what it opens is ticked, never typed."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May"), choices=list(SCOPES.items()), widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ProgramAdmin):
    """Keys of tills, shops and partners' systems."""

    view_permission = "keys.edit"
    edit_permission = "keys.edit"
    form = KeyForm
    help_text = gettext_lazy(
        "Machines sign in with keys. A key opens this program only, and only what is ticked. The token is shown once, "
        "when the key is made; a lost one cannot be found again: revoke it and make another."
    )
    fields = ["name", "scopes", "partner", "expires_at"]
    list_display = ["name", "prefix", "partner", "expires_at", "usable"]
    list_select_related = ["partner"]
    search_prefix = ("name", "prefix")
    search_help_text = gettext_lazy("Beginning of the name or of the token")
    actions_detail = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever makes keys takes them back."""
        return self._may(request, self.edit_permission)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["prefix", "created_at", "revoked_at"] if obj is not None else []
        return [*self.fields, *shown]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        issued, token = ApiKey.issue(name=obj.name, scopes=obj.scopes, partner_id=obj.partner_id)
        obj.scopes, obj.prefix, obj.digest = issued.scopes, issued.prefix, issued.digest
        super().save_model(request, obj, form, change)
        request.issued_token = token  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """The only page that ever shows the token."""
        context = {"key": obj, "token": request.issued_token, "back": self.address("changelist")}  # type: ignore[attr-defined]
        crumbs = [(_("API keys"), self.address("changelist"))]
        return staff.show(request, "kernel/key_issued.html", context, title=_("Copy the token now"), crumbs=crumbs)

    @action(
        description=gettext_lazy("Revoke"), url_path="revoke", icon="block", permissions=["revoke"],
        variant=ActionVariant.DANGER,
    )  # fmt: skip
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close the key for good."""
        key = self.get_object(request, object_id)
        if key is None:
            raise Http404
        if request.method != "POST":
            text = _("Machines that use it are refused from this moment. This cannot be undone.")
            return self.confirm(request, key, title=_("Revoke"), text=text, is_dangerous=True)
        with transaction.atomic():
            now = clock.now()
            if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now):
                self.record(key, "revoked", {"revoked_at": (None, now)})
        return HttpResponseRedirect(self.address("changelist"))

    @display(description=gettext_lazy("state"))
    def usable(self, obj: ApiKey) -> str:
        """Whether the key opens anything now."""
        if obj.revoked_at:
            return marks.badge(_("Revoked"), "bad", "block")
        if not obj.is_usable(clock.now()):
            return marks.badge(_("Expired"), "warn", "schedule")
        return marks.badge(_("Works"), "good", "check")


@admin.register(AuditRecord)
class AuditAdmin(ReadOnlyAdmin):
    """The audit trail of the program."""

    view_permission = "audit.view"
    help_text = gettext_lazy(
        "Who did what, when, and what changed. The database itself refuses to change or delete these records."
    )
    list_display = ["recorded_at", "actor_label", "action", "object_label", "reason"]
    list_display_links = ["action"]
    list_filter = [ObjectKindFilter]
    search_prefix = ("object_label", "actor_label", "object_id", "action")
    search_help_text = gettext_lazy("Beginning of the object, the person or the deed")
    fields = ["recorded_at", "actor_label", "action", "object_label", "kind", "reason", "address", "trace_id", "table"]
    readonly_fields = ["kind", "table"]

    @display(description=gettext_lazy("kind of object"))
    def kind(self, obj: AuditRecord) -> str:
        """What kind of object it was, in words."""
        model = ObjectKindFilter.model_of(obj.object_kind)
        return str(model._meta.verbose_name) if model else obj.object_kind

    @display(description=gettext_lazy("changes"))
    def table(self, obj: AuditRecord) -> str:
        """Before and after, field by field."""
        rows = list(changes.explained(ObjectKindFilter.model_of(obj.object_kind), obj.changes))
        return render_to_string("kernel/changes_of_record.html", {"changes": rows})


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Long work."""

    view_permission = "jobs.view"
    help_text = gettext_lazy(
        "Long work in the background. A job whose worker died is taken over by another; one that is stopped keeps "
        "nothing half done."
    )
    list_display = ["kind", "shown_state", "progress", "requested_by", "recorded_at", "finished_at"]
    list_select_related = ["requested_by"]
    list_filter = ["state"]
    fields = [
        "kind", "shown_state", "progress", "note", "problem", "attempts", "requested_by", "recorded_at", "started_at",
        "finished_at",
    ]  # fmt: skip
    readonly_fields = ["shown_state", "progress"]
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


@admin.register(PeriodicTask)
class SweepAdmin(TimetableAdmin):
    """What runs and when."""

    list_display = ["name", "task", "scheduler", "enabled", "last_run_at", "total_run_count"]
    list_select_related = ["interval", "crontab"]
    fields = ["name", "task", "interval", "crontab", "enabled", "last_run_at", "total_run_count", "description"]


admin.site.register([IntervalSchedule, CrontabSchedule], TimetableAdmin)

for _section, _position, _title, _icon, _view, _permission in (
    (menu.ADMINISTRATION, 690, gettext_lazy("Audit trail"), "history", "loyalty_kernel_auditrecord", "audit.view"),
    (menu.PLATFORM, 710, gettext_lazy("Staff and roles"), "badge", "loyalty_kernel_user", "users.edit"),
    (menu.PLATFORM, 720, gettext_lazy("API keys"), "key", "loyalty_kernel_apikey", "keys.edit"),
    (menu.PLATFORM, 730, gettext_lazy("Jobs"), "work_history", "loyalty_kernel_job", "jobs.view"),
    (menu.PLATFORM, 740, gettext_lazy("Timetable"), "schedule", "django_celery_beat_periodictask", "jobs.view"),
):
    menu.register(menu.MenuEntry(_section, _position, _title, _icon, f"admin:{_view}_changelist", _permission))
