"""What members bought for their points."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from loyalty.kernel.pages import figures, marks
from loyalty.kernel.pages.admin import measure
from members.ledger.admin import names
from members.ledger.models import PointSale, SaleState

LOOK = {
    SaleState.PENDING: ("warn", "schedule"),
    SaleState.PAID: ("good", "check"),
    SaleState.REFUNDED: ("", "undo"),
    SaleState.CANCELED: ("", "block"),
}


@admin.register(PointSale)
class PointSaleAdmin(names.LedgerAdmin):
    """Sales of points, the newest first."""

    help_text = gettext_lazy(
        "Later ends, expired points, new points and conversions, each with its price. Until a sale is paid nothing has "
        "moved; payments and refunds are noted on the page of the member."
    )
    empty_text = gettext_lazy("Nothing was sold for points so far.")
    fields = [
        "kind", "of_member", "sold", "paid_with", "payment", "shown_state", "asked_at", "paid_at", "ended_at",
        "end_reason", "of_entry", "of_payment", "of_refund",
    ]  # fmt: skip
    list_display = ["asked_at", "kind", "of_member", "sold", "paid_with", "payment", "shown_state"]
    list_select_related = ["point_type", "pay_type", "member"]
    list_filter = ["kind", "state"]
    ordering = ("-id",)

    def object_name(self, obj: Any) -> str:
        return f"{obj.get_kind_display()}, {names.points(obj.points, obj.point_type)}"

    @display(description=gettext_lazy("member"))
    def of_member(self, obj: Any) -> str:
        """The number of who bought."""
        return str(obj.member)

    @measure(gettext_lazy("sold"))
    def sold(self, obj: Any) -> figures.Measure:
        """How many points."""
        return names.points(obj.points, obj.point_type)

    @measure(gettext_lazy("price"))
    def paid_with(self, obj: Any) -> figures.Measure:
        """What was paid, in money or points."""
        if obj.pay_type is not None:
            return names.points(obj.price, obj.pay_type)
        return figures.money(obj.price, obj.currency)

    @display(description=gettext_lazy("state"))
    def shown_state(self, obj: Any) -> str:
        """Waits, paid, refunded or canceled."""
        return marks.badge(obj.get_state_display(), *LOOK[SaleState(obj.state)])

    @display(description=gettext_lazy("ledger entry"))
    def of_entry(self, obj: Any) -> str:
        """The way to what it moved."""
        return names.link_to(obj.entry) if obj.entry_id else "–"

    @display(description=gettext_lazy("ledger entry of the payment"))
    def of_payment(self, obj: Any) -> str:
        """The way to the points that paid."""
        return names.link_to(obj.payment_entry) if obj.payment_entry_id else "–"

    @display(description=gettext_lazy("ledger entry of the refund"))
    def of_refund(self, obj: Any) -> str:
        """The way to what was taken back."""
        return names.link_to(obj.refund_entry) if obj.refund_entry_id else "–"
