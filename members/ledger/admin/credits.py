"""The credit that tiers give: added, never changed; the newest is in force."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from loyalty.kernel import money
from loyalty.kernel.pages.admin import ProgramAdmin, measure
from loyalty.kernel.pages.forms import ProgramForm
from members.ledger.admin import names
from members.ledger.models import TierCredit
from programs.setup.models import PointType

MOST = 10**12


class TierCreditForm(ProgramForm):
    """A limit as people say it, in points."""

    limit = forms.DecimalField(
        label=_("Credit limit"), min_value=0, max_value=MOST, widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any"}),
        help_text=_("So many points may be spent that are not there yet. 0 ends the credit."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields.get("point_type")
        if chosen is None:
            # A row that is only shown has no fields to choose in.
            return
        chosen.queryset = PointType.objects.filter(archived_at__isnull=True, is_spendable=True)

    def clean(self) -> dict[str, Any]:
        """The limit in smallest units of the chosen type."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind, limit = cleaned.get("point_type"), cleaned.get("limit")
        if kind is not None and limit is not None:
            if limit != round(limit, kind.decimals):
                self.add_error("limit", _("Too many decimals for this point type."))
            else:
                cleaned["limit"] = money.to_units(limit, kind.decimals)
        return cleaned


@admin.register(TierCredit)
class TierCreditAdmin(ProgramAdmin):
    """Credits of tiers, the newest first."""

    form = TierCreditForm
    view_permission = "tiers.view"
    edit_permission = "tiers.edit"
    help_text = _(
        "Members of a tier may spend so many points that are not there yet; the next points earned repay them. To change a "
        "limit, add another: the newest of a tier is in force. A member's own limit counts where it is higher."
    )
    empty_text = _("No tier gives credit. Add the first limit.")
    fields = ["tier", "point_type", "limit"]
    list_display = ["tier", "shown", "recorded_at"]
    list_select_related = ["tier", "point_type"]
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @measure(_("credit limit"))
    def shown(self, obj: Any) -> str:
        """The limit with its point type."""
        return names.points(obj.limit, obj.point_type)
