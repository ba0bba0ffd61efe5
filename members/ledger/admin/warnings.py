"""When members are told that points end."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.pages import figures
from loyalty.kernel.pages.admin import ProgramAdmin, measure
from loyalty.kernel.pages.forms import ProgramForm
from members.ledger.admin import names
from members.ledger.admin.amounts import amount, shown, to_units
from members.ledger.models import EndWarning
from members.messaging.models import Channel, MessageTemplate
from programs.setup.models import PointType


class EndWarningForm(ProgramForm):
    """A warning with its fewest points as people say them."""

    least = amount(EndWarning, "least", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in (
            ("point_type", PointType.objects.filter(archived_at__isnull=True)),
            ("template", MessageTemplate.objects.filter(archived_at__isnull=True).exclude(channel=Channel.TILL)),
        ):
            chosen: Any = self.fields.get(name)
            if chosen is not None:
                chosen.queryset = queryset
        if not self.instance._state.adding:
            self.initial["least"] = shown(self.instance.least, self.instance.point_type.decimals)

    def clean(self) -> dict[str, Any]:
        """The fewest points in smallest units."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        point_type = cleaned.get("point_type") or getattr(self.instance, "point_type", None)
        if point_type is not None:
            cleaned["least"] = to_units(self, "least", point_type.decimals) or 0
        return cleaned


@admin.register(EndWarning)
class EndWarningAdmin(ProgramAdmin):
    """Warnings before points end."""

    form = EndWarningForm
    view_permission = "promotions.view"
    edit_permission = "promotions.edit"
    help_text = _(
        "So many days before the last day of points their member gets a message, once for each last day. A marketing message "
        "goes to those alone who agreed to it."
    )
    empty_text = _("Nobody is told that points end. Add the first warning.")
    fields = ["point_type", "days", "least", "template"]
    list_display = ["point_type", "days", "fewest", "template", "state"]
    list_select_related = ["point_type", "template"]
    ordering = ("id",)

    @measure(_("not for fewer points than"))
    def fewest(self, obj: Any) -> figures.Measure:
        """The fewest points that are worth a message."""
        return names.points(obj.least, obj.point_type)
