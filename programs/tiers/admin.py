"""Pages of tier schemes, each with its tiers."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from loyalty.kernel.pages import menu
from loyalty.kernel.pages.admin import ProgramAdmin, ProgramInline
from loyalty.kernel.pages.admin.inlines import NewParentFormSet
from loyalty.kernel.pages.forms import ProgramForm
from programs.setup.models import Program
from programs.tiers.models import PERIODS, Measure, Tier, TierScheme, Window

AMOUNTS = ("threshold", "retain")
MOST = 10**12
MOST_MONTHS = 120


class TierForm(ProgramForm):
    """A tier whose terms are refused in words before the database refuses them.

    Thresholds are typed as people say them: points, money or purchases; :class:`TierFormSet` turns them into the smallest
    units of what the scheme counts.
    """

    threshold = forms.DecimalField(min_value=0, max_value=MOST)
    retain = forms.DecimalField(min_value=0, max_value=MOST, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in AMOUNTS:
            field: Any = self.fields[name]
            stored: Any = Tier._meta.get_field(name)
            field.label, field.help_text = capfirst(stored.verbose_name), stored.help_text
            # A cell of a table has no label of its own.
            field.widget = UnfoldAdminDecimalFieldWidget(attrs={"step": "any", "aria-label": field.label})
        if not self.instance._state.adding:
            places = decimals_of(self.instance.scheme)
            for name in AMOUNTS:
                value = getattr(self.instance, name)
                self.initial[name] = None if value is None else Decimal(value).scaleb(-places)

    def clean_multiplier(self) -> Any:
        """A tier never earns less than no tier."""
        value = self.cleaned_data["multiplier"]
        if value is not None and value < 1:
            raise forms.ValidationError(_("Give %(least)s or more."), params={"least": 1})
        return value


class TierFormSet(NewParentFormSet):
    """The tiers of a scheme: amounts in the unit of what it counts, and each above the one below."""

    def clean(self) -> None:
        """Turn amounts into smallest units; refuse what has more decimals than the unit, or is out of order."""
        super().clean()
        places = decimals_of(self.instance)
        found = []
        for form in self.forms:
            if form.is_valid() and (form.has_changed() or not form.instance._state.adding):
                for name in AMOUNTS:
                    self._set(form, name, places)
                found.append(form.instance)
        self._check_order(found)

    def _set(self, form: Any, name: str, places: int) -> None:
        value = form.cleaned_data.get(name)
        if value is None:
            return
        units = value.scaleb(places)
        if units != units.to_integral_value():
            form.add_error(name, _("Give at most %(places)s decimals.") % {"places": places})
            return
        setattr(form.instance, name, int(units))

    def _check_order(self, tiers: list[Tier]) -> None:
        rising = sorted(tiers, key=lambda tier: tier.rank)
        for lower, higher in pairwise(rising):
            if higher.threshold <= lower.threshold:
                raise forms.ValidationError(
                    _("%(higher)s must begin above %(lower)s."), params={"higher": higher.code, "lower": lower.code}
                )


class SchemeForm(ProgramForm):
    """A scheme whose parts fit each other."""

    def clean(self) -> dict[str, Any]:
        """Points need their type; a calendar period is a whole part of a year."""
        super().clean()
        if "measure" in self.fields:
            self._check_measure()
        months = self.cleaned_data.get("window_months")
        if self.cleaned_data.get("window") == Window.ANNIVERSARY:
            self.cleaned_data["window_months"] = 12
        elif self.cleaned_data.get("window") == Window.CALENDAR and months not in PERIODS:
            self.add_error("window_months", _("A calendar period has 1, 2, 3, 4, 6 or 12 months."))
        elif months is not None and not 1 <= months <= MOST_MONTHS:
            self.add_error("window_months", _("Give 1 to %(most)s months.") % {"most": MOST_MONTHS})
        return self.cleaned_data

    def _check_measure(self) -> None:
        if self.cleaned_data.get("measure") != Measure.POINTS:
            self.cleaned_data["point_type"] = None
        elif self.cleaned_data.get("point_type") is None:
            self.add_error("point_type", _("Choose the points that count."))


def decimals_of(scheme: TierScheme) -> int:
    """How many decimals the amounts of a scheme have."""
    if scheme.measure == Measure.POINTS:
        return scheme.point_type.decimals if scheme.point_type else 0
    return Program.objects.get().exponent if scheme.measure == Measure.AMOUNT else 0


class TierInline(ProgramInline):
    """The tiers of a scheme, from the lowest."""

    model = Tier
    form = TierForm
    formset = TierFormSet
    fields = ["rank", "code", "name", "threshold", "retain", "multiplier", "benefits"]
    ordering = ["rank"]


@admin.register(TierScheme)
class TierSchemeAdmin(ProgramAdmin):
    """Tier schemes."""

    view_permission = "tiers.view"
    edit_permission = "tiers.edit"
    changes_settings = True
    help_text = _(
        "A member rises at once when what counts within the window reaches a threshold, and keeps the tier for the "
        "months given here. At its end the tier is kept with enough, or lowered as chosen. The multiplier is the tier's "
        "bonus on what rules give. Any other condition for a tier is a promotion that gives it."
    )
    empty_text = _("Add a scheme with its tiers; members rise as soon as they have the points.")
    form = SchemeForm
    fieldsets = [
        (_("What counts"), {
            "classes": ["tab"], "fields": ["code", "name", "measure", "point_type", "window", "window_months"],
        }),
        (_("How long a tier is kept"), {
            "classes": ["tab"], "fields": ["valid_months", "downgrade", "grace_days", "warn_days"],
        }),
    ]  # fmt: skip
    list_display = ["name", "code", "measure", "point_type", "window", "window_months", "valid_months", "state"]
    list_select_related = ["point_type"]
    ordering = ("code",)
    inlines = [TierInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "code", "measure", "point_type"] if obj is not None else fields


menu.register(
    menu.MenuEntry(
        menu.MEMBERS, 330, _("Tiers"), "workspace_premium", "admin:programs_tiers_tierscheme_changelist", "tiers.view"
    )
)
