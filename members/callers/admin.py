"""Who read whom, and which callers were checked: lists for whoever watches over personal data."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel.pages import marks, menu
from loyalty.kernel.pages.admin import ReadOnlyAdmin
from members.callers.models import CallerCheck, CheckState, Look

STATES = {
    CheckState.WAITING: ("", "schedule"),
    CheckState.PASSED: ("good", "check"),
    CheckState.FAILED: ("bad", "block"),
}


class OwnOrAllAdmin(ReadOnlyAdmin):
    """Whoever reads the audit trail sees everybody's rows, others their own."""

    view_permission = "looks.view"
    ordering = ("-id",)
    list_select_related = ["user", "member"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if "audit.view" in menu.permissions(request) else rows.filter(user_id=request.user.pk)


@admin.register(Look)
class LookAdmin(OwnOrAllAdmin):
    """Openings of members and of their contacts."""

    help_text = _(
        "Who opened which member, when and why, and who was shown phone and e-mail in clear. Whoever reads the audit trail "
        "sees everybody's looks, others their own. Nobody can change these rows."
    )
    empty_text = _("The first member that somebody opens at the member desk stands here.")
    fields = ["opened_at", "user", "member", "kind", "reason", "note", "ends_at"]
    list_display = ["opened_at", "user", "member", "kind", "reason", "note"]
    list_filter = ["kind", "reason"]


@admin.register(CallerCheck)
class CallerCheckAdmin(OwnOrAllAdmin):
    """Checks of callers with what came of them."""

    help_text = _(
        "Whose caller was checked, by whom, how, and whether it was the member. What was answered is not kept."
    )
    empty_text = _("Callers are checked at the member desk before points are spent for them.")
    fields = ["made_at", "user", "member", "way", "status", "tries", "sent_at", "ends_at"]
    list_display = ["made_at", "user", "member", "way", "status", "tries"]
    list_filter = ["state", "way"]

    @display(description=_("state"))
    def status(self, obj: Any) -> str:
        """What came of it."""
        return marks.badge(obj.get_state_display(), *STATES[CheckState(obj.state)])


for position, title, sign, name in (
    (385, _("Who read whom"), "visibility", "look"),
    (386, _("Checks of callers"), "verified_user", "callercheck"),
):
    menu.register(
        menu.MenuEntry(menu.MEMBERS, position, title, sign, f"admin:members_callers_{name}_changelist", "looks.view")
    )
