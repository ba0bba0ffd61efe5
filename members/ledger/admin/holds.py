"""Points that tills hold or held."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.decorators import display

from loyalty.kernel import clock
from loyalty.kernel.pages import marks
from loyalty.kernel.pages.admin import measure
from members.ledger.admin import names
from members.ledger.models import Hold, HoldState


@admin.register(Hold)
class HoldAdmin(names.LedgerAdmin):
    """Reservations, the newest first."""

    help_text = _(
        "Points that a till set aside for a basket. Each ends once: taken with the receipt, let go, or by itself when its "
        "time is over. Then its points are free again, with the end they had."
    )
    empty_text = _("No till has reserved points so far.")
    fields = [
        "member", "held", "taken", "till", "source", "held_at", "expires_at", "ended_at", "end_reason", "shown_state",
        "of_entry", "of_taking",
    ]  # fmt: skip
    list_display = ["held_at", "member", "held", "taken", "till", "expires_at", "shown_state"]
    list_select_related = ["wallet__point_type", "member"]
    list_filter = ["state"]
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Hold]:
        return super().get_queryset(request).select_related("wallet__point_type", "member")

    def object_name(self, obj: Any) -> str:
        return str(names.points(obj.amount, obj.wallet.point_type))

    @measure(_("reserved"))
    def held(self, obj: Any) -> str:
        """How many points were set aside."""
        return names.points(obj.amount, obj.wallet.point_type)

    @measure(_("taken of it"))
    def taken(self, obj: Any) -> str:
        """How many of them were taken."""
        return names.points(obj.captured, obj.wallet.point_type)

    @display(description=_("ledger entry"))
    def of_entry(self, obj: Any) -> str:
        """The way to the entry of the reservation."""
        return names.link_to(obj.entry)

    @display(description=_("ledger entry of the taking"))
    def of_taking(self, obj: Any) -> str:
        """The way to the entry that spent them."""
        return names.link_to(obj.capture_entry) if obj.capture_entry_id else "–"

    @display(description=_("state"))
    def shown_state(self, obj: Any) -> str:
        """Open, over, or how it ended."""
        if obj.state == HoldState.OPEN and not obj.is_live(clock.now()):
            return marks.badge(pgettext("checkout", "Time over"))
        tones = {HoldState.OPEN: ("warn", "lock_clock"), HoldState.CAPTURED: ("good", "check")}
        return marks.badge(obj.get_state_display(), *tones.get(obj.state, ()))
