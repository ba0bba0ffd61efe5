"""What tills sent, and what they were told: looked at, never changed."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel.pages import marks, menu
from loyalty.kernel.pages.admin import ReadOnlyAdmin
from members.till.models import OperationStatus, TillOperation

KINDS = {
    "reserve": _("Points reserved"),
    "commit": _("Receipt"),
    "cancel": _("Canceled"),
    "void": _("Voided"),
    "refund": _("Goods returned"),
}


@admin.register(TillOperation)
class TillOperationAdmin(ReadOnlyAdmin):
    """Operations of tills, the newest first."""

    view_permission = "ledger.view"
    help_text = _(
        "Everything that tills sent under a number of their own. What was refused moved nothing; receipts that could not be "
        "judged in time are judged by themselves later."
    )
    empty_text = _("No till has sent anything so far.")
    fields = [
        "till",
        "source",
        "op_id",
        "sequence",
        "deed",
        "shown_status",
        "is_waiting",
        "gap_found_at",
        "received_at",
    ]
    list_display = ["received_at", "till", "sequence", "deed", "shown_status", "is_waiting"]
    list_filter = ["status", ("gap_found_at", EmptyFieldListFilter)]
    ordering = ("-id",)

    def object_name(self, obj: Any) -> str:
        return f"{obj.till} {obj.op_id}"

    @display(description=_("what"))
    def deed(self, obj: Any) -> str:
        """What the till wanted."""
        return str(KINDS[obj.kind])

    @display(description=_("answer"))
    def shown_status(self, obj: Any) -> str:
        """What it was told."""
        if obj.gap_found_at is not None:
            return marks.badge(_("Numbers before it are missing"), "warn", "format_list_numbered")
        tones = {OperationStatus.REJECTED: ("bad", "block"), OperationStatus.RETRY_LATER: ("warn", "schedule")}
        return marks.badge(obj.get_status_display(), *tones.get(obj.status, ("good", "check")))

    @display(description=_("points follow"))
    def is_waiting(self, obj: Any) -> str:
        """Whether its points have still to be judged."""
        return marks.badge(_("Waits for its points"), "warn", "schedule") if obj.content is not None else "–"


menu.register(
    menu.MenuEntry(
        menu.ADMINISTRATION, 645, _("Operations of tills"), "point_of_sale",
        "admin:members_till_tilloperation_changelist", "ledger.view",
    )
)  # fmt: skip
