"""A list of the staff site as a table for a file: its columns, and its rows as plain values."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.db import models
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from loyalty.kernel.pages.figures import Measure

_SIGN = re.compile(r'<span class="icon[^"]*"[^>]*>[^<]*</span>')
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """Some cells of a row under their headings: one, or two for a figure and its unit."""

    titles: tuple[str, ...]
    cells: Callable[[Any], Sequence[Any]]


def columns(model_admin: Any, request: HttpRequest) -> list[Column]:
    """The columns that the list shows to the reader, without those that only lead somewhere."""
    names = [name for name in model_admin.get_list_display(request) if name not in model_admin.left_out_of_files]
    return [_column(model_admin, name) for name in names]


def _column(model_admin: Any, name: Any) -> Column:
    label, shown = label_for_field(name, model_admin.model, model_admin=model_admin, return_attr=True)
    title = str(capfirst(label))
    if getattr(shown, "is_measure", False):
        unit = _("%(column)s, unit") % {"column": title}
        return Column((title, unit), lambda row: _measure(lookup_field(name, row, model_admin)[2]))
    return Column((title,), lambda row: (_cell(name, row, model_admin),))


def _measure(value: Any) -> tuple[Decimal | None, str | None]:
    return (value.value, value.unit) if isinstance(value, Measure) else (None, None)


def _cell(name: Any, row: Any, model_admin: Any) -> Any:
    field, _shown, value = lookup_field(name, row, model_admin)
    if field is not None and getattr(field, "choices", None):
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(field, models.ForeignKey):
        value = getattr(row, field.name)
    if value is None or isinstance(value, bool | int | Decimal | datetime | date):
        return value
    text = html.unescape(strip_tags(_SIGN.sub("", str(value)))).strip()
    return None if text in ("", NOTHING) else text
