"""Lots, and what the self-audit found."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel.pages import marks
from loyalty.kernel.pages.admin import measure
from loyalty.kernel.text import Texts
from members.ledger.admin import names
from members.ledger.models import Breach, Lot
from programs.promotions.models import Promotion
from programs.tiers.models import Tier


@admin.register(Lot)
class LotAdmin(names.LedgerAdmin):
    """Lots, the newest first."""

    help_text = _(
        "Points of one earning with their own life: when they become usable, when they end, how many are left."
    )
    empty_text = _("The first purchase that earns something brings the first lot.")
    fields = [
        "of_entry", "member", "amount_shown", "left", "earned_at", "activates_at", "awaits", "expires_at", "by_rule", "partner",
        "state",
    ]  # fmt: skip
    list_display = ["earned_at", "member", "amount_shown", "left", "expires_at", "by_rule", "state"]
    list_select_related = ["wallet__point_type", "partner"]
    list_filter = ["is_open", "is_pending"]
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Lot]:
        rows = super().get_queryset(request).prefetch_related("wallet__account__members__member")
        promotion = Promotion.objects.filter(code=OuterRef("rule")).values("name")[:1]
        of_tier = Tier.objects.annotate(rule=Concat(Value("TIER:"), "scheme__code", Value(":"), "code"))
        tier = of_tier.filter(rule=OuterRef("rule")).values("name")[:1]
        return rows.annotate(promotion_name=Subquery(promotion), tier_name=Subquery(tier))

    def object_name(self, obj: Any) -> str:
        return names.lot_name(obj)

    @display(description=_("ledger entry"))
    def of_entry(self, obj: Any) -> str:
        """The way to the entry."""
        return names.link_to(obj.entry)

    @display(description=_("by the rule"))
    def by_rule(self, obj: Any) -> str:
        """The rule by its present name; a correction by hand has none."""
        if obj.promotion_name:
            return str(Texts(obj.promotion_name))
        if obj.tier_name:
            return _("Benefit of the tier %(tier)s") % {"tier": Texts(obj.tier_name)}
        return obj.rule or "–"

    @measure(_("earned"))
    def amount_shown(self, obj: Any) -> str:
        """What was earned."""
        return names.points(obj.amount, obj.wallet.point_type)

    @measure(_("left"))
    def left(self, obj: Any) -> str:
        """What is left of it."""
        return names.points(obj.remaining, obj.wallet.point_type)

    @display(description=_("member"))
    def member(self, obj: Any) -> str:
        """Numbers of the account's members."""
        return names.members_of(obj.wallet.account)

    @display(description=_("state"))
    def state(self, obj: Any) -> str:
        """Usable, not yet, or closed."""
        if not obj.is_open:
            return marks.badge(_("Closed"))
        if obj.is_pending:
            return marks.badge(_("Not usable yet"), "warn", "schedule")
        return marks.badge(_("Usable"), "good", "check")


@admin.register(Breach)
class BreachAdmin(names.LedgerAdmin):
    """What the self-audit found."""

    help_text = _(
        "The self-audit adds the ledger up again and again. A row here is a sum that did not come out; the wallet that "
        "it concerns is frozen until somebody has looked. An empty list is the good news."
    )
    empty_text = _("No sum of the ledger came out wrong so far. That is the good news.")
    fields = ["invariant", "wallet", "what_was_found", "recorded_at", "resolved_at"]
    list_display = ["recorded_at", "invariant", "wallet", "resolved_at"]
    ordering = ("-id",)

    @display(description=_("wallet"))
    def wallet(self, obj: Any) -> str:
        """The wallet's key, which stands like a word and not like a count."""
        return "–" if obj.wallet_id is None else str(obj.wallet_id)

    @display(description=_("what was found"))
    def what_was_found(self, obj: Any) -> str:
        """The figures that do not fit, one below the other."""
        return format_html_join("", "<div>{}: {}</div>", obj.facts.items())
