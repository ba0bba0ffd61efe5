"""Figures and words of the desk's pages."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.kernel.money import exponent
from loyalty.kernel.pages import figures
from loyalty.kernel.pages.life import ENDINGS
from programs.setup.models import PointType

register = template.Library()


@register.filter
def of_type(points: Mapping[str, int], point_type: PointType) -> str:
    """The points of one type out of a mapping by its code; nothing is a dash."""
    units = points.get(point_type.code, 0)
    return figures.points(units, point_type.decimals) if units else "–"


@register.filter
def minor(units: int, currency: str) -> str:
    """Minor units of money where the currency stands in the heading."""
    return figures.points(units, exponent(currency))


@register.filter
def plain(quantity: Decimal) -> str:
    """A quantity without zeros behind the point."""
    return formats.number_format(f"{quantity.normalize():f}", use_l10n=True)


@register.filter
def lasting(expiry: Mapping[str, Any]) -> str:
    """An expiry of the promotion language as the rule that a caller is told."""
    endings = {key: str(text) for key, text in ENDINGS}
    at = expiry.get("at", "same_day")
    tail = f", {endings[at]}" if at in endings and at != "same_day" else ""
    if "after_months" in expiry:
        count = int(expiry["after_months"])
        return (
            ngettext("%(count)s month after earning", "%(count)s months after earning", count) % {"count": count} + tail
        )
    if "after_days" in expiry:
        count = int(expiry["after_days"])
        return ngettext("%(count)s day after earning", "%(count)s days after earning", count) % {"count": count} + tail
    if "on" in expiry:
        return _("on %(day)s") % {"day": expiry["on"]}
    return ""
