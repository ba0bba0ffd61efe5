"""Tags of the page kit: the program field of forms, icons, badges, figures, instants, crumbs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from loyalty.kernel.pages import figures, marks, menu
from loyalty.kernel.pages.program import FORM_FIELD
from loyalty.kernel.text import Texts

register = template.Library()


@register.simple_tag(takes_context=True)
def program_field(context: Context) -> SafeString | str:
    """The hidden field that ties a form to the program it was made for; every staff form carries it."""
    chosen = getattr(context.get("request"), "program_id", None)
    if chosen is None:
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', FORM_FIELD, str(chosen))


register.simple_tag(marks.icon)
register.simple_tag(marks.badge)


@register.filter
def points(units: int | None, decimals: int = 0) -> str:
    """Points in the reader's notation; nothing known is a dash."""
    return "–" if units is None else figures.points(units, decimals)


@register.filter
def points_of(units: int | None, point_type: figures.PointType) -> str:
    """Points with the name of their type in the form that stands beside so many."""
    return "–" if units is None else figures.points_of(units, point_type)


@register.filter
def money(units: int | None, currency: str) -> str:
    """Money in the reader's notation with its currency; nothing known is a dash."""
    return "–" if units is None else figures.money(units, currency)


@register.simple_tag
def moment(value: datetime | date | None, style: str = "") -> SafeString | str:
    """A short local date (``style="time"`` adds the time of day) that shows the exact instant on hover."""
    if value is None:
        return "–"
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    shown = figures.short_date(local)
    exact = formats.date_format(local, "DATETIME_FORMAT" if isinstance(local, datetime) else "DATE_FORMAT")
    if isinstance(local, datetime):
        exact = f"{exact} {local.tzname()}"
        if style == "time":
            shown = f"{shown}, {formats.time_format(local, 'H:i')}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, shown)


@register.simple_tag
def shown_value(field: Any) -> Any:
    """What a form shows of a field that cannot be changed; texts in languages one below the other."""
    value = getattr(field.form.instance, str(field.field["field"]), None)
    if isinstance(value, Texts):
        names = dict(settings.LANGUAGES)
        return format_html_join("", "<div>{}: {}</div>", ((names[code], text) for code, text in value.items() if text))
    return field.contents()


@register.inclusion_tag("kernel/_crumbs.html", takes_context=True)
def crumbs(context: Context) -> dict[str, Any]:
    """Where the page stands: the page's own ``crumbs``, else those of the object that the site manages."""
    trail = list(context.get("crumbs") or _trail_of_admin(context))
    title = context.get("crumb") or context.get("title") or ""
    is_named_by_object = not context.get("crumbs") and context.get("original") and not context.get("crumb")
    return {
        "trail": trail,
        "last": context.get("object_name") or str(context["original"]) if is_named_by_object else title,
        "is_heading": not context.get("has_own_heading"),
    }


def _trail_of_admin(context: Context) -> Sequence[Mapping[str, Any]]:
    opts = context.get("opts")
    if not opts or context.get("cl"):
        return []
    try:
        link = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    except NoReverseMatch:
        return []
    trail = [{"title": menu.name_of(opts.model), "link": link}]
    original = context.get("original")
    if original and context.get("crumb"):
        link = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[original.pk])
        trail.append({"title": str(original), "link": link})
    return trail
