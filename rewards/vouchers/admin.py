"""Pages of voucher templates and of vouchers."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from loyalty.kernel import clock, codes
from loyalty.kernel.pages import figures, marks, menu
from loyalty.kernel.pages.admin import ImportingAdmin, ProgramAdmin
from rewards.vouchers import batches, queries
from rewards.vouchers.forms import VoucherTemplateForm
from rewards.vouchers.models import CodeSource, Voucher, VoucherState, VoucherTemplate
from rewards.vouchers.resources import VoucherResource
from rewards.vouchers.signs import plain
from rewards.vouchers.worth import worth

LOOK: Mapping[str, tuple[str, str]] = {
    VoucherState.POOLED: ("", "inventory_2"),
    VoucherState.ISSUED: ("good", "check"),
    VoucherState.USED: ("", "done_all"),
    VoucherState.WITHDRAWN: ("bad", "block"),
    VoucherState.EXPIRED: ("", "event_busy"),
}


@admin.register(VoucherTemplate)
class VoucherTemplateAdmin(ProgramAdmin):
    """What vouchers there are."""

    view_permission = "rewards.view"
    edit_permission = "rewards.edit"
    form = VoucherTemplateForm
    help_text = gettext_lazy(
        "What a voucher is worth, how long it is good and where its codes come from. A promotion issues vouchers of a "
        "template; a change holds for those issued from then on."
    )
    empty_text = gettext_lazy("Add the first voucher: a promotion can then give it, and a till can take it.")
    fields = [
        "code", "name", "kind", "worth", "point_type", "product", "valid_days", "valid_until", "uses", "source",
        "prefix",
    ]  # fmt: skip
    autocomplete_fields = ["product"]
    list_display = ["name", "code", "kind", "value_in_words", "left", "state"]
    list_select_related = ["point_type", "product", "program"]
    list_filter = ["kind"]
    search_prefix = ("code",)
    search_help_text = gettext_lazy("Beginning of the code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        if obj is not None:
            fields += ["code", "kind", "source"]
        return fields

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_fields(request, obj))
        if self.has_change_permission(request, obj):
            return fields
        return ["value_in_words" if name == "worth" else name for name in fields]

    @display(description=gettext_lazy("value"))
    def value_in_words(self, obj: Any) -> str:
        """What one voucher is worth."""
        return worth(obj, obj.program.currency)

    @display(description=gettext_lazy("codes left"))
    def left(self, obj: Any) -> str:
        """How many imported codes nobody has yet; generated ones never run out."""
        if obj.source == CodeSource.GENERATED:
            return str(_("no limit"))
        return figures.count(queries.left_in_pools([obj.pk]).get(obj.pk, 0))


@admin.register(Voucher)
class VoucherAdmin(ImportingAdmin):
    """Every code: who has it, what became of it. Codes made elsewhere come from a file."""

    view_permission = "codes.view"
    edit_permission = "rewards.edit"
    resource = VoucherResource
    second_person = batches.KIND.code
    has_history = True
    help_text = gettext_lazy(
        "Every voucher with what became of it. Find one by its code or by the member’s number. Codes made elsewhere are "
        "imported for a template that takes them from a list."
    )
    empty_text = gettext_lazy("The first voucher that a promotion issues stands here.")
    fields = [
        "code", "template", "value_in_words", "status", "member", "issued_at", "cause", "last_day", "uses", "used",
        "withdrawn_at", "withdraw_reason", "withdraw_link",
    ]  # fmt: skip
    readonly_fields = fields
    list_display = ["code", "template", "value_in_words", "member", "issued_at", "last_day", "status"]
    list_select_related = ["template__point_type", "template__product", "program", "member"]
    list_filter = ["state"]
    search_prefix = ("code",)
    search_help_text = gettext_lazy("Beginning of the code, or the member’s number")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whoever keeps the templates brings their codes."""
        return self._may(request, self.edit_permission) and self._has_program(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the beginning of the code, or a member's whole number."""
        typed = plain(search_term)
        if not typed:
            return queryset, False
        return queryset.filter(Q(code__startswith=typed) | Q(member__number=typed)), False

    @display(description=gettext_lazy("value"))
    def value_in_words(self, obj: Any) -> str:
        """What it is worth."""
        return worth(obj.template, obj.program.currency)

    @display(description=gettext_lazy("last day"))
    def last_day(self, obj: Any) -> Any:
        """The last day on which it can be used."""
        return obj.last_day

    @display(description=gettext_lazy("issued by"))
    def cause(self, obj: Any) -> str:
        """What issued it, in words."""
        return codes.name(codes.CAUSE, obj.cause_kind) if obj.cause_kind else "–"

    @display(description=gettext_lazy("state"))
    def status(self, obj: Any) -> str:
        """What became of it; the date is the truth before the sweep says so."""
        state = VoucherState(obj.state)
        if state == VoucherState.ISSUED and obj.is_over(clock.now()):
            state = VoucherState.EXPIRED
        return marks.badge(state.label, *LOOK[state])

    @display(description=gettext_lazy("withdraw"))
    def withdraw_link(self, obj: Any) -> str:
        """Where it can be withdrawn, while it is good."""
        if not obj.is_usable(clock.now()):
            return "–"
        address = reverse("voucher-withdraw", args=[obj.public_id])
        return format_html('<a class="button compact" href="{}">{}</a>', address, _("Withdraw"))


menu.register(
    menu.MenuEntry(
        menu.REWARDS, 420, gettext_lazy("Voucher templates"), "confirmation_number",
        "admin:rewards_vouchers_vouchertemplate_changelist", "rewards.view",
    )
)  # fmt: skip
menu.register(
    menu.MenuEntry(
        menu.REWARDS, 430, gettext_lazy("Vouchers"), "local_activity", "admin:rewards_vouchers_voucher_changelist",
        "codes.view",
    )
)  # fmt: skip
menu.widen("admin:rewards_vouchers_voucher_changelist", "vouchers/")
