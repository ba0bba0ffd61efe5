"""Amounts of points and money in forms: typed as people say them, kept in smallest units."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

MOST = 10**12


def amount(model: Any, name: str, **kwargs: Any) -> forms.DecimalField:
    """A field of a model that is typed in whole points or money."""
    stored = model._meta.get_field(name)
    return forms.DecimalField(
        label=capfirst(stored.verbose_name), help_text=stored.help_text, min_value=0, max_value=MOST,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any", "aria-label": capfirst(stored.verbose_name)}),
        **kwargs,
    )  # fmt: skip


def shown(units: int | None, places: int) -> Decimal | None:
    """Smallest units as people type them; nothing stays nothing."""
    return None if units is None else Decimal(units).scaleb(-places)


def to_units(form: Any, name: str, places: int) -> int | None:
    """What was typed in smallest units; more decimals than there are is said at the field."""
    value = form.cleaned_data.get(name)
    if value is None:
        return None
    units = value.scaleb(places)
    if units != units.to_integral_value():
        form.add_error(name, _("Give at most %(places)s decimals.") % {"places": places})
        return None
    return int(units)
