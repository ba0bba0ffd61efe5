"""Lists of purchases, returns and the decisions about them: looked at, never changed."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel import codes
from loyalty.kernel.pages import figures, marks, menu
from loyalty.kernel.pages.admin import ProgramAdmin, ProgramInline, ReadOnlyAdmin, measure
from loyalty.kernel.pages.forms import ProgramForm
from members.activity import decisions
from members.activity.models import Evaluation, Purchase, PurchaseLine, Return, ReturnNotice, ReturnState
from members.messaging.models import Channel, MessageTemplate


class ActivityAdmin(ReadOnlyAdmin):
    """What these pages have in common."""

    view_permission = "ledger.view"
    ordering = ("-id",)


class LineInline(ProgramInline):
    """The lines of a receipt."""

    model = PurchaseLine
    hide_title = True
    fields = ["article", "amount_bought", "paid", "amount_returned"]
    readonly_fields = fields
    ordering = ["number"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PurchaseLine]:
        return super().get_queryset(request).select_related("product", "purchase")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("product"))
    def article(self, obj: Any) -> str:
        """The product by its name; by its SKU when the catalog does not know it."""
        if obj.product is None:
            return str(obj.sku)
        return format_html('{}<div class="tiny mute">{}</div>', obj.product.name, obj.sku)

    @display(description=_("quantity"))
    def amount_bought(self, obj: Any) -> str:
        """How much was bought, in the line's unit."""
        return _quantity(obj.quantity, obj.unit)

    @display(description=_("paid"))
    def paid(self, obj: Any) -> str:
        """What was paid for the line."""
        return figures.money(obj.amount, obj.purchase.currency)

    @display(description=_("returned"))
    def amount_returned(self, obj: Any) -> str:
        """How much was given back; a dash for nothing."""
        return _quantity(obj.returned_quantity, obj.unit) if obj.returned_quantity else "–"


def _quantity(quantity: Decimal, unit: str) -> str:
    number = formats.number_format(f"{quantity.normalize():f}", use_l10n=True, force_grouping=True)
    return f"{number} {codes.name(codes.UNIT, unit)}"


@admin.register(Purchase)
class PurchaseAdmin(ActivityAdmin):
    """Receipts."""

    help_text = _(
        "Every receipt that was taken in, the newest first, whichever door it came by. Why it gave its points stands on "
        "the member's page."
    )
    empty_text = _("Receipts appear as soon as a till, a shop or a file sends them.")
    fields = [
        "external_id", "why", "member", "location", "partner", "way", "till", "payment", "paid", "foreign",
        "returned", "source", "occurred_at", "recorded_at",
    ]  # fmt: skip
    list_display = ["occurred_at", "external_id", "member", "location", "paid", "returned", "source"]
    list_select_related = ["member", "location"]
    search_prefix = ("external_id",)
    search_help_text = _("Beginning of the receipt number")
    inlines = [LineInline]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        may = "members.view" in menu.permissions(request)
        return [name for name in self.fields if may or name != "why"]

    @measure(_("paid"))
    def paid(self, obj: Any) -> str:
        """What was paid."""
        return figures.money(obj.amount, obj.currency)

    @display(description=_("paid in another currency"))
    def foreign(self, obj: Any) -> str:
        """That amount and the rate of its day; a dash for none."""
        if obj.foreign_amount is None:
            return "–"
        amount = figures.money(obj.foreign_amount, obj.foreign_currency)
        return _("%(amount)s, at the rate of %(rate)s") % {
            "amount": amount, "rate": figures.number(obj.foreign_rate.normalize())
        }  # fmt: skip

    @measure(_("returned"))
    def returned(self, obj: Any) -> str:
        """What was given back; a dash for nothing."""
        return figures.money(obj.returned_amount, obj.currency) if obj.returned_amount else "–"

    @display(description=_("channel"))
    def way(self, obj: Any) -> str:
        """The channel in words."""
        return codes.name(codes.CHANNEL, obj.channel)

    @display(description=_("why it gave its points"))
    def why(self, obj: Any) -> str:
        """The way to the receipt on the member's page."""
        address = reverse("desk-receipt", args=[obj.member.public_id, obj.public_id])
        return format_html('<a href="{}">{}</a>', address, _("Open the receipt"))


@admin.register(Return)
class ReturnAdmin(ActivityAdmin):
    """Goods given back."""

    help_text = _(
        "Every return that was taken in. One that came before its purchase waits for it; after three days it stands "
        "here for review."
    )
    empty_text = _("Returns appear as soon as a till, a shop or a file sends them.")
    fields = [
        "external_id", "source", "purchase_external_id", "purchase", "goods", "settlement", "exchange_external_id",
        "is_void", "state_mark", "occurred_at", "applied_at", "recorded_at",
    ]  # fmt: skip
    list_display = ["occurred_at", "external_id", "purchase_external_id", "settlement", "state_mark", "source"]
    list_filter = ["state", "settlement"]
    search_prefix = ("external_id", "purchase_external_id")
    search_help_text = _("Beginning of the return's or the receipt's number")

    @display(description=_("goods"))
    def goods(self, obj: Any) -> str:
        """What was given back: each line of the purchase by its product, with how much of it."""
        lines = {line.line_id: line for line in obj.purchase.lines.select_related("product")} if obj.purchase else {}
        rows = [
            (lines[given["line_id"]], Decimal(given["qty"])) if given["line_id"] in lines else (None, given["qty"])
            for given in obj.lines
        ]
        named = [
            (line.product.name if line.product else line.sku, _quantity(quantity, line.unit))
            if line
            else (_("an unknown line"), quantity)
            for line, quantity in rows
        ]
        return format_html_join("", "<div>{}: {}</div>", named)

    @display(description=_("state"))
    def state_mark(self, obj: Any) -> str:
        """Applied, waiting, or for review."""
        tones = {ReturnState.APPLIED: ("good", "check"), ReturnState.WAITING: ("warn", "schedule")}
        return marks.badge(obj.get_state_display(), *tones.get(obj.state, ("bad", "priority_high")))


class ReturnNoticeForm(ProgramForm):
    """One step and the message about it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields.get("template")
        if chosen is not None:
            chosen.queryset = MessageTemplate.objects.filter(archived_at__isnull=True).exclude(channel=Channel.TILL)


@admin.register(ReturnNotice)
class ReturnNoticeAdmin(ProgramAdmin):
    """Messages about returns."""

    form = ReturnNoticeForm
    view_permission = "promotions.view"
    edit_permission = "promotions.edit"
    help_text = _(
        "By which message members are told of each step of their returns. One step may have several messages, such as an "
        "e-mail and one in the member’s own list. A marketing message goes to those alone who agreed to it."
    )
    empty_text = _("Members are not told of their returns. Add a message for the first step.")
    fields = ["step", "template"]
    list_display = ["step", "template", "state"]
    list_select_related = ["template"]
    ordering = ("id",)


@admin.register(Evaluation)
class EvaluationAdmin(ActivityAdmin):
    """Decisions, as they were stored."""

    help_text = _(
        "What was decided about each purchase, return and other occasion, by which rules, with the values that the rules "
        "read. Kept so that a later return is judged by the rules of its day."
    )
    empty_text = _("The first purchase brings the first evaluation.")
    fields = ["purchase", "member", "cause", "rules", "decided", "looked_at", "recorded_at"]
    list_display = ["recorded_at", "cause", "purchase", "member", "rules"]
    list_select_related = ["purchase", "member"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Evaluation]:
        rows = super().get_queryset(request)
        is_list = request.resolver_match is None or "object_id" not in request.resolver_match.kwargs
        return rows.defer("outcome", "context") if is_list else rows

    def object_name(self, obj: Any) -> str:
        return f"{capfirst(self.cause(obj))} {obj.purchase or obj.member}"

    @display(description=_("cause"))
    def cause(self, obj: Any) -> str:
        """What was judged, in a word."""
        return codes.name(codes.CAUSE, obj.kind)

    @display(description=_("version of the rules"))
    def rules(self, obj: Any) -> str:
        """The number of the rules' version, which stands like a word and not like a count."""
        return str(obj.snapshot_number)

    @display(description=_("decision"))
    def decided(self, obj: Any) -> str:
        """Each rule with the points that it gave or took back."""
        rows = decisions.rows(obj.outcome)
        return render_to_string("activity/decision.html", {"rows": rows})

    @display(description=_("values that the rules read"))
    def looked_at(self, obj: Any) -> str:
        """The stored values, one below the other; a word when retention has erased them."""
        if obj.context is None:
            return str(_("erased, or none for this cause"))
        return render_to_string("activity/context.html", {"values": decisions.flat(obj.context)})


menu.register(
    menu.MenuEntry(
        menu.MEMBERS, 343, _("Messages about returns"), "outgoing_mail",
        "admin:members_activity_returnnotice_changelist", "promotions.view",
    )
)  # fmt: skip
for _position, _title, _icon, _model in (
    (340, _("Purchases"), "shopping_basket", "purchase"),
    (341, _("Returns"), "undo", "return"),
    (342, _("Evaluations"), "rule", "evaluation"),
):
    _view = f"admin:members_activity_{_model}_changelist"
    menu.register(menu.MenuEntry(menu.MEMBERS, _position, _title, _icon, _view, "ledger.view"))
