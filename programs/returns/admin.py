"""Terms of return: added and ended, never changed."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display

from loyalty.kernel import clock
from loyalty.kernel.pages import marks, menu
from loyalty.kernel.pages.admin import ProgramAdmin
from programs.returns.forms import ReturnTermsForm
from programs.returns.models import ReturnTerms
from programs.returns.sentence import sentence, subject
from programs.setup.models import Program


@admin.register(ReturnTerms)
class ReturnTermsAdmin(ProgramAdmin):
    """On which terms goods are taken back, the newest first."""

    form = ReturnTermsForm
    view_permission = "promotions.view"
    edit_permission = "programs.edit"
    changes_settings = True
    help_text = gettext_lazy(
        "Until when goods are taken back, what happens to their points, and what the member gets. Of the terms that fit a "
        "line the most specific hold: first by category, the deeper one, then by tier, then by channel. A purchase keeps the "
        "terms of its day; to change them, add others: they hold for purchases recorded from then on."
    )
    empty_text = gettext_lazy(
        "Everything is taken back without an end, for money, and what is kept is judged again. Add terms to say otherwise."
    )
    fieldsets = [
        (gettext_lazy("What for"), {"fields": ["category", "tier", "channel", "since_date"]}),
        (gettext_lazy("On which terms"), {
            "fields": ["days", "points_mode", "gives_money", "bonus_percent", "bonus_type"],
        }),
    ]  # fmt: skip
    list_display = ["words", "since_date", "until_date", "stage"]
    list_select_related = ["category", "tier", "bonus_type"]
    autocomplete_fields = ["category"]
    readonly_fields = ["words", "until_date"]
    ordering = ("-id",)
    actions_detail = ("end",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        (name, first), *others = super().get_fieldsets(request, obj)
        if obj is None:
            return [(name, first), *others]
        return [(name, {**first, "fields": ["words", *first["fields"], "until_date"]}), *others]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, _("Added. %(terms)s") % {"terms": sentence(obj)})
        return HttpResponseRedirect(self.address("add" if "_addanother" in request.POST else "changelist"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = clock.today(Program.objects.get().zone)
        return {"since_date": today, **super().get_changeform_initial_data(request)}

    def object_name(self, obj: Any) -> str:
        return subject(obj)

    @display(description=gettext_lazy("terms"))
    def words(self, obj: Any) -> str:
        """The whole of them in a sentence."""
        return sentence(obj)

    @display(description=gettext_lazy("State"))
    def stage(self, obj: Any) -> str:
        """Not yet in force, in force, or ended."""
        today = clock.today(Program.objects.get().zone)
        if obj.until_date is not None and obj.until_date <= today:
            return marks.badge(_("Ended"), "", "event_busy")
        if obj.since_date > today:
            return marks.badge(_("From later on"), "", "schedule")
        return marks.badge(_("In force"), "good", "check")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        offered = super().get_actions_detail(request, object_id)
        obj = self.get_object(request, str(object_id))
        is_offered = obj is not None and obj.until_date is None and self._may(request, self.edit_permission)
        return offered if is_offered else [one for one in offered if one.action_name != self._action_name("end")]

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever adds terms ends them."""
        return self._may(request, self.edit_permission)

    @action(description=gettext_lazy("End"), url_path="end", icon="event_busy", permissions=["end"])
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let terms hold up to today; those that have not begun never will. Purchases made before keep them."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self._may(request, self.edit_permission):
            raise PermissionDenied
        if request.method != "POST":
            text = _("They hold for purchases of today still. Purchases that were recorded with them keep them.")
            return self.confirm(request, obj, title=_("End"), text=text)
        with transaction.atomic():
            locked = ReturnTerms.objects.select_for_update(no_key=True, of=("self",)).get(pk=obj.pk)
            if locked.until_date is None:
                tomorrow = clock.today(Program.objects.get().zone) + timedelta(days=1)
                locked.until_date = max(locked.since_date, tomorrow)
                locked.save(update_fields=["until_date"])
                self.record(locked, "ended", {"until_date": (None, locked.until_date)})
                self.settle(locked)
        return HttpResponseRedirect(self.address("change", obj))


menu.register(
    menu.MenuEntry(
        menu.ADMINISTRATION, 627, gettext_lazy("Terms of return"), "assignment_return",
        "admin:programs_returns_returnterms_changelist", "promotions.view",
    )
)  # fmt: skip
