"""The form of terms of return."""

from typing import Any

from django.utils.translation import gettext as _

from loyalty.kernel.pages.forms import ProgramForm
from programs.catalog.models import Category
from programs.returns.models import ReturnTerms
from programs.setup.models import PointType, Program
from programs.tiers.models import Tier


class ReturnTermsForm(ProgramForm):
    """New terms; a bonus has a percentage and a point type that is worth money."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in (
            ("category", Category.objects.filter(archived_at__isnull=True).order_by("code")),
            ("tier", Tier.objects.filter(scheme__archived_at__isnull=True).order_by("scheme__code", "rank")),
            ("bonus_type", PointType.objects.filter(archived_at__isnull=True, is_spendable=True)),
        ):
            chosen: Any = self.fields.get(name)
            if chosen is not None:
                chosen.queryset = queryset
                widget = chosen.widget
                widget.can_add_related = widget.can_change_related = widget.can_view_related = False

    def clean(self) -> dict[str, Any]:
        """A whole bonus or none, and no second terms of the same from the same day."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        percent, kind = cleaned.get("bonus_percent"), cleaned.get("bonus_type")
        if kind is not None and percent is None and "bonus_percent" not in self.errors:
            self.add_error("bonus_percent", _("Say how much of the money becomes points."))
        if percent is not None and kind is None:
            self.add_error("bonus_type", _("Choose the points that the member gets."))
        if kind is not None and not Program.objects.get().point_value:
            self.add_error("bonus_type", _("The program gives its points no value in money. Set that first."))
        if "since_date" in cleaned and self._is_taken(cleaned):
            self.add_error("since_date", _("There are terms for the same from this day. Choose another day."))
        return cleaned

    @staticmethod
    def _is_taken(cleaned: dict[str, Any]) -> bool:
        rows = ReturnTerms.objects.filter(since_date=cleaned["since_date"], channel=cleaned.get("channel") or "")
        return bool(rows.filter(category=cleaned.get("category"), tier=cleaned.get("tier")).exists())
