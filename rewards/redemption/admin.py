"""The list of what members took."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel import codes
from loyalty.kernel.pages import figures, marks, menu
from loyalty.kernel.pages.admin import ReadOnlyAdmin, measure
from rewards.redemption.models import Redemption, RedemptionState


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    """Redemptions, the newest first."""

    view_permission = "codes.view"
    help_text = _(
        "What members took for points. Rewards are taken and canceled on the member's page at the member desk; "
        "here you find one by its code."
    )
    empty_text = _("The first reward that a member takes stands here with its code.")
    fields = [
        "code", "reward", "quantity", "cost", "member", "way", "partner", "redeemed_at", "status", "canceled_at",
        "cancel_reason",
    ]  # fmt: skip
    list_display = ["code", "reward", "quantity", "cost", "member", "redeemed_at", "status"]
    list_select_related = ["reward__point_type", "member"]
    list_filter = ["state"]
    search_prefix = ("code",)
    search_help_text = _("Beginning of the code")
    ordering = ("-redeemed_at", "-id")

    @measure(_("price"))
    def cost(self, obj: Any) -> str:
        """What all units cost together."""
        return figures.points_of(obj.price, obj.reward.point_type)

    @display(description=_("channel"))
    def way(self, obj: Any) -> str:
        """The channel in words."""
        return codes.name(codes.CHANNEL, obj.channel)

    @display(description=_("state"))
    def status(self, obj: Any) -> str:
        """Issued or canceled."""
        is_issued = obj.state == RedemptionState.ISSUED
        return marks.badge(obj.get_state_display(), "good" if is_issued else "", "check" if is_issued else "undo")


menu.register(
    menu.MenuEntry(
        menu.REWARDS, 410, _("Redemptions"), "local_shipping", "admin:rewards_redemption_redemption_changelist",
        "codes.view",
    )
)  # fmt: skip
menu.widen("admin:rewards_redemption_redemption_changelist", "redemptions/")
