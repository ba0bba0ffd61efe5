"""Pages of the ledger: looked at, never changed."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel.pages import figures, marks, menu
from loyalty.kernel.pages.admin import ProgramInline, ReadOnlyAdmin
from members.ledger.models import Breach, Bucket, Entry, EntryKind, Lot, LotUse, Posting


def _points(units: int, point_type: Any) -> str:
    return f"{figures.points(units, point_type.decimals)} {point_type}"


class LedgerAdmin(ReadOnlyAdmin):
    """What the pages of the ledger have in common."""

    view_permission = "ledger.view"


class PostingInline(ProgramInline):
    """The legs of an entry."""

    model = Posting
    fields = ["bucket", "wallet_side", "shown", "partner"]
    readonly_fields = ["bucket", "wallet_side", "shown", "partner"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Posting]:
        return super().get_queryset(request).select_related("point_type", "partner")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("side"))
    def wallet_side(self, obj: Any) -> str:
        """Whose side the leg stands on."""
        return str(_("program") if obj.wallet_id is None else _("member"))

    @display(description=_("points"))
    def shown(self, obj: Any) -> str:
        """The amount with its point type."""
        return _points(obj.amount, obj.point_type)


class LotUseInline(ProgramInline):
    """What the entry took from lots or gave back to them."""

    model = LotUse
    fields = ["lot", "shown"]
    readonly_fields = ["lot", "shown"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[LotUse]:
        return super().get_queryset(request).select_related("lot__wallet__point_type")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("points"))
    def shown(self, obj: Any) -> str:
        """The amount with its point type."""
        return _points(obj.amount, obj.lot.wallet.point_type)


def _members_of(account: Any) -> str:
    return ", ".join(str(place.member) for place in account.members.all())


@admin.register(Entry)
class EntryAdmin(LedgerAdmin):
    """Entries, the newest first."""

    help_text = _(
        "Each entry is one fact that moved points, with its cause. Entries are added and never changed; a mistake is "
        "corrected by another entry. The legs of an entry sum to zero."
    )
    fields = [
        "public_id", "kind", "member", "cause_kind", "cause_id", "request_key", "actor_kind", "actor_id", "reverses",
        "reason", "note", "occurred_at", "effective_at", "recorded_at",
    ]  # fmt: skip
    list_display = ["effective_at", "kind_mark", "member", "moved", "reason", "actor_kind", "recorded_at"]
    list_select_related = ["reason"]
    list_filter = ["kind"]
    ordering = ("-id",)
    inlines = [PostingInline, LotUseInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Entry]:
        rows = super().get_queryset(request)
        return rows.prefetch_related("account__members__member", "postings__point_type")

    @display(description=_("kind"))
    def kind_mark(self, obj: Any) -> str:
        """What kind of fact."""
        return marks.badge(obj.get_kind_display())

    @display(description=_("member"))
    def member(self, obj: Any) -> str:
        """Numbers of the account's members."""
        return _members_of(obj.account)

    @display(description=_("points"))
    def moved(self, obj: Any) -> str:
        """What the member's wallets gained or lost; of an activation what became usable."""
        sums: dict[Any, int] = {}
        for leg in obj.postings.all():
            # An activation moves points between two buckets of the same wallet: its sum is always zero.
            is_left_out = obj.kind == EntryKind.ACTIVATE and leg.bucket == Bucket.PENDING
            if leg.wallet_id is not None and not is_left_out:
                sums[leg.point_type] = sums.get(leg.point_type, 0) + leg.amount
        return ", ".join(_points(units, point_type) for point_type, units in sums.items())


@admin.register(Posting)
class PostingAdmin(LedgerAdmin):
    """Single legs."""

    help_text = _("Single legs of entries: what left one place and came to another, and which partner pays for it.")
    fields = ["entry", "bucket", "shown", "member", "partner"]
    list_display = ["id", "shown", "bucket", "member", "partner", "at"]
    list_select_related = ["point_type", "partner", "entry"]
    list_filter = ["bucket"]
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Posting]:
        return super().get_queryset(request).prefetch_related("wallet__account__members__member")

    @display(description=_("points"))
    def shown(self, obj: Any) -> str:
        """The amount with its point type."""
        return _points(obj.amount, obj.point_type)

    @display(description=_("member"))
    def member(self, obj: Any) -> str:
        """Numbers of the account's members; a dash on the program's side."""
        return _members_of(obj.wallet.account) if obj.wallet else "–"

    @display(description=_("when"))
    def at(self, obj: Any) -> Any:
        """When the entry counts."""
        return obj.entry.effective_at


@admin.register(Lot)
class LotAdmin(LedgerAdmin):
    """Lots, the newest first."""

    help_text = _(
        "Points of one earning with their own life: when they become usable, when they end, how many are left."
    )
    fields = [
        "entry", "member", "amount_shown", "left", "earned_at", "activates_at", "expires_at", "rule", "partner", "state",
    ]  # fmt: skip
    list_display = ["earned_at", "member", "amount_shown", "left", "expires_at", "rule", "state"]
    list_select_related = ["wallet__point_type", "partner"]
    list_filter = ["is_open", "is_pending"]
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Lot]:
        return super().get_queryset(request).prefetch_related("wallet__account__members__member")

    @display(description=_("earned"))
    def amount_shown(self, obj: Any) -> str:
        """What was earned."""
        return _points(obj.amount, obj.wallet.point_type)

    @display(description=_("left"))
    def left(self, obj: Any) -> str:
        """What is left of it."""
        return _points(obj.remaining, obj.wallet.point_type)

    @display(description=_("member"))
    def member(self, obj: Any) -> str:
        """Numbers of the account's members."""
        return _members_of(obj.wallet.account)

    @display(description=_("state"))
    def state(self, obj: Any) -> str:
        """Usable, not yet, or closed."""
        if not obj.is_open:
            return marks.badge(_("Closed"))
        if obj.is_pending:
            return marks.badge(_("Not usable yet"), "warn", "schedule")
        return marks.badge(_("Usable"), "good", "check")


@admin.register(Breach)
class BreachAdmin(LedgerAdmin):
    """What the self-audit found."""

    help_text = _(
        "The self-audit adds the ledger up again and again. A row here is a sum that did not come out; the wallet that "
        "it concerns is frozen until somebody has looked. An empty list is the good news."
    )
    fields = ["invariant", "wallet_id", "facts", "recorded_at", "resolved_at"]
    list_display = ["recorded_at", "invariant", "wallet_id", "resolved_at"]
    ordering = ("-id",)


for _position, _title, _icon, _model in (
    (640, _("Ledger entries"), "receipt_long", "entry"),
    (641, _("Postings"), "swap_horiz", "posting"),
    (642, _("Lots"), "hourglass_empty", "lot"),
    (643, _("Breaches"), "gpp_maybe", "breach"),
):
    _view = f"admin:members_ledger_{_model}_changelist"
    menu.register(menu.MenuEntry(menu.ADMINISTRATION, _position, _title, _icon, _view, "ledger.view"))
