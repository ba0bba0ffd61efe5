"""Pages of tier schemes, each with its tiers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.pages import menu
from loyalty.kernel.pages.admin import ProgramAdmin, ProgramInline
from loyalty.kernel.pages.forms import ProgramForm
from programs.tiers.models import Tier, TierScheme


class TierForm(ProgramForm):
    """A tier whose terms are refused in words before the database refuses them."""

    def clean_threshold(self) -> Any:
        """From zero up."""
        return _at_least(self.cleaned_data["threshold"], 0)

    def clean_multiplier(self) -> Any:
        """A tier never earns less than no tier."""
        return _at_least(self.cleaned_data["multiplier"], 1)


def _at_least(value: Any, least: int) -> Any:
    if value is not None and value < least:
        raise forms.ValidationError(_("Give %(least)s or more."), params={"least": least})
    return value


class TierInline(ProgramInline):
    """The tiers of a scheme, from the lowest."""

    model = Tier
    form = TierForm
    fields = ["rank", "code", "name", "threshold", "multiplier"]
    ordering = ["rank"]


@admin.register(TierScheme)
class TierSchemeAdmin(ProgramAdmin):
    """Tier schemes."""

    view_permission = "tiers.view"
    edit_permission = "tiers.edit"
    changes_settings = True
    help_text = _(
        "A member rises at once when the points of the last months reach a threshold, and keeps the tier for the "
        "months given here. The multiplier is the tier's bonus on what rules give."
    )
    empty_text = _("Add a scheme with its tiers; members rise as soon as they have the points.")
    fields = ["code", "name", "point_type", "window_months", "valid_months"]
    list_display = ["name", "code", "point_type", "window_months", "valid_months", "state"]
    list_select_related = ["point_type"]
    ordering = ("code",)
    inlines = [TierInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "code"] if obj is not None else fields


menu.register(
    menu.MenuEntry(
        menu.MEMBERS, 330, _("Tiers"), "workspace_premium", "admin:programs_tiers_tierscheme_changelist", "tiers.view"
    )
)
