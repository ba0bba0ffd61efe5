"""Lists of purchases, returns and the decisions about them: looked at, never changed."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel.pages import figures, marks, menu
from loyalty.kernel.pages.admin import ProgramInline, ReadOnlyAdmin
from members.activity.models import Evaluation, Purchase, PurchaseLine, Return, ReturnState


class ActivityAdmin(ReadOnlyAdmin):
    """What these pages have in common."""

    view_permission = "ledger.view"
    ordering = ("-id",)


class LineInline(ProgramInline):
    """The lines of a receipt."""

    model = PurchaseLine
    fields = ["line_id", "sku", "product", "quantity", "unit", "paid", "returned_quantity"]
    readonly_fields = fields
    ordering = ["number"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PurchaseLine]:
        return super().get_queryset(request).select_related("product", "purchase")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("paid"))
    def paid(self, obj: Any) -> str:
        """What was paid for the line."""
        return figures.money(obj.amount, obj.purchase.currency)


@admin.register(Purchase)
class PurchaseAdmin(ActivityAdmin):
    """Receipts."""

    help_text = _(
        "Every receipt that was taken in, the newest first, whichever door it came by. Why it gave its points stands on "
        "the member's page."
    )
    fields = [
        "external_id", "source", "member", "location", "partner", "channel", "till", "payment", "paid", "returned",
        "occurred_at", "recorded_at",
    ]  # fmt: skip
    list_display = ["occurred_at", "external_id", "member", "location", "paid", "returned", "source"]
    list_select_related = ["member", "location"]
    search_prefix = ("external_id",)
    search_help_text = _("Beginning of the receipt number")
    inlines = [LineInline]

    @display(description=_("paid"))
    def paid(self, obj: Any) -> str:
        """What was paid."""
        return figures.money(obj.amount, obj.currency)

    @display(description=_("returned"))
    def returned(self, obj: Any) -> str:
        """What was given back; a dash for nothing."""
        return figures.money(obj.returned_amount, obj.currency) if obj.returned_amount else "–"


@admin.register(Return)
class ReturnAdmin(ActivityAdmin):
    """Goods given back."""

    help_text = _(
        "Every return that was taken in. One that came before its purchase waits for it; after three days it stands "
        "here for review."
    )
    fields = [
        "external_id", "source", "purchase_external_id", "purchase", "lines", "state_mark", "occurred_at", "applied_at",
        "recorded_at",
    ]  # fmt: skip
    list_display = ["occurred_at", "external_id", "purchase_external_id", "state_mark", "source"]
    list_filter = ["state"]
    search_prefix = ("external_id", "purchase_external_id")
    search_help_text = _("Beginning of the return's or the receipt's number")

    @display(description=_("state"))
    def state_mark(self, obj: Any) -> str:
        """Applied, waiting, or for review."""
        tones = {ReturnState.APPLIED: ("good", "check"), ReturnState.WAITING: ("warn", "schedule")}
        return marks.badge(obj.get_state_display(), *tones.get(obj.state, ("bad", "priority_high")))


@admin.register(Evaluation)
class EvaluationAdmin(ActivityAdmin):
    """Decisions, as they were stored."""

    help_text = _(
        "What was decided about each purchase and return, by which rules, with the values that the rules read. Kept so "
        "that a later return is judged by the rules of its day."
    )
    fields = ["purchase", "kind", "snapshot_number", "outcome", "context", "recorded_at"]
    list_display = ["recorded_at", "kind", "purchase", "snapshot_number"]
    list_select_related = ["purchase"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Evaluation]:
        rows = super().get_queryset(request)
        is_list = request.resolver_match is not None and "object_id" not in request.resolver_match.kwargs
        return rows.defer("outcome", "context") if is_list else rows


for _position, _title, _icon, _model in (
    (340, _("Purchases"), "shopping_basket", "purchase"),
    (341, _("Returns"), "undo", "return"),
    (342, _("Evaluations"), "rule", "evaluation"),
):
    _view = f"admin:members_activity_{_model}_changelist"
    menu.register(menu.MenuEntry(menu.MEMBERS, _position, _title, _icon, _view, "ledger.view"))
