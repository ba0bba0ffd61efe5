"""Entries with their legs, and single legs."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel import codes
from loyalty.kernel.pages import marks
from loyalty.kernel.pages.admin import ProgramInline, measure
from members.ledger.admin import names
from members.ledger.models import Bucket, Entry, EntryKind, LotUse, Posting


class PostingInline(ProgramInline):
    """The legs of an entry."""

    model = Posting
    hide_title = True
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
        return names.points(obj.amount, obj.point_type)


class LotUseInline(ProgramInline):
    """What the entry took from lots or gave back to them."""

    model = LotUse
    hide_title = True
    fields = ["earning", "shown"]
    readonly_fields = ["earning", "shown"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[LotUse]:
        return super().get_queryset(request).select_related("lot__wallet__point_type")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("lot"))
    def earning(self, obj: Any) -> str:
        """The earning that the lot holds."""
        return names.lot_name(obj.lot)

    @display(description=_("points"))
    def shown(self, obj: Any) -> str:
        """The amount with its point type."""
        return names.points(obj.amount, obj.lot.wallet.point_type)


@admin.register(Entry)
class EntryAdmin(names.LedgerAdmin):
    """Entries, the newest first."""

    help_text = _(
        "Each entry is one fact that moved points, with its cause. Entries are added and never changed; a mistake is "
        "corrected by another entry. The legs of an entry sum to zero."
    )
    empty_text = _("The first purchase that earns something brings the first entry.")
    fields = [
        "kind", "member", "moved", "cause", "by_whom", "taken_back", "reason", "note", "occurred_at", "effective_at",
        "recorded_at", "public_id", "request_key",
    ]  # fmt: skip
    list_display = ["effective_at", "kind_mark", "member", "moved", "reason", "by_whom", "recorded_at"]
    list_select_related = ["reason"]
    list_filter = ["kind"]
    ordering = ("-id",)
    inlines = [PostingInline, LotUseInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Entry]:
        rows = super().get_queryset(request)
        return rows.prefetch_related("account__members__member", "postings__point_type")

    def object_name(self, obj: Any) -> str:
        return names.entry_name(obj)

    @display(description=_("cause"))
    def cause(self, obj: Any) -> str:
        """What kind of fact brought it."""
        return codes.name(codes.CAUSE, obj.cause_kind)

    @display(description=_("by whom"))
    def by_whom(self, obj: Any) -> str:
        """Who acted, by kind: people are named in the audit trail."""
        return codes.name(codes.ACTOR, obj.actor_kind)

    @display(description=_("takes back"))
    def taken_back(self, obj: Any) -> Any:
        """The entry that this one takes back."""
        return names.link_to(obj.reverses) if obj.reverses else "–"

    @display(description=_("kind"))
    def kind_mark(self, obj: Any) -> str:
        """What kind of fact."""
        return marks.badge(obj.get_kind_display())

    @display(description=_("member"))
    def member(self, obj: Any) -> str:
        """Numbers of the account's members."""
        return names.members_of(obj.account)

    @display(description=_("points"))
    def moved(self, obj: Any) -> str:
        """What the member's wallets gained or lost; of an activation what became usable."""
        sums: dict[Any, int] = {}
        for leg in obj.postings.all():
            # An activation moves points between two buckets of the same wallet: its sum is always zero.
            is_left_out = obj.kind == EntryKind.ACTIVATE and leg.bucket == Bucket.PENDING
            if leg.wallet_id is not None and not is_left_out:
                sums[leg.point_type] = sums.get(leg.point_type, 0) + leg.amount
        return ", ".join(names.points(units, point_type) for point_type, units in sums.items())


@admin.register(Posting)
class PostingAdmin(names.LedgerAdmin):
    """Single legs."""

    help_text = _("Single legs of entries: what left one place and came to another, and which partner pays for it.")
    empty_text = _("The first entry of the ledger brings the first postings.")
    fields = ["of_entry", "bucket", "shown", "member", "partner"]
    list_display = ["at", "shown", "bucket", "member", "partner"]
    list_select_related = ["point_type", "partner", "entry"]
    list_filter = ["bucket"]
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Posting]:
        return super().get_queryset(request).prefetch_related("wallet__account__members__member")

    def object_name(self, obj: Any) -> str:
        return f"{self.shown(obj)}, {obj.get_bucket_display()}"

    @display(description=_("ledger entry"))
    def of_entry(self, obj: Any) -> str:
        """The way to the entry."""
        return names.link_to(obj.entry)

    @measure(_("points"))
    def shown(self, obj: Any) -> str:
        """The amount with its point type."""
        return names.points(obj.amount, obj.point_type)

    @display(description=_("member"))
    def member(self, obj: Any) -> str:
        """Numbers of the account's members; a dash on the program's side."""
        return names.members_of(obj.wallet.account) if obj.wallet else "–"

    @display(description=_("when"))
    def at(self, obj: Any) -> Any:
        """When the entry counts."""
        return obj.entry.effective_at
