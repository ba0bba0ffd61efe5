"""Lists of any length: parts by key instead of by count, so that the last part is as quick as the first.

A part begins after (or ends before) the row whose ordering values stand in the address. Nothing is counted.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from loyalty.kernel.pages import menu

AFTER, BEFORE = "after", "before"
LAST_SIGN = "\U0010ffff"


class Part:
    """One part of a queryset in a total ``order`` of plain columns (``-`` before a name turns it around).

    ``rows`` are the objects; ``before`` and ``after`` are the marks for the addresses of the neighbors, or nothing.
    """

    def __init__(self, queryset: QuerySet[Any], order: Sequence[str], request: HttpRequest, size: int) -> None:
        self.order = tuple(order)
        wanted = request.GET.get(BEFORE) or request.GET.get(AFTER)
        mark = _decode(wanted, queryset.model, self.order) if wanted else None
        is_backward = mark is not None and bool(request.GET.get(BEFORE))
        ordered = queryset.order_by(*self.order)
        if mark is not None:
            ordered = ordered.filter(_beyond(self.order, mark, is_backward=is_backward))
        rows = list((ordered.reverse() if is_backward else ordered)[: size + 1])
        has_more, rows = len(rows) > size, rows[:size]
        if is_backward:
            rows.reverse()
        has_before = has_more if is_backward else mark is not None
        has_after = is_backward or has_more
        self.rows = rows
        self.before = _encode(rows[0], self.order) if rows and has_before else ""
        self.after = _encode(rows[-1], self.order) if rows and has_after else ""

    def links(self, request: HttpRequest) -> dict[str, str]:
        """``previous_link`` and ``next_link`` for ``kernel/_pager.html``; empty where there is none."""
        return {
            "previous_link": _address(request, **{BEFORE: self.before}) if self.before else "",
            "next_link": _address(request, **{AFTER: self.after}) if self.after else "",
        }


def parts(queryset: QuerySet[Any], order: Sequence[str], size: int) -> Iterator[list[Any]]:
    """All rows of a queryset in a total ``order``, ``size`` of them at a time: memory stays as it is."""
    ordered, mark = queryset.order_by(*order), None
    while True:
        rows = list((ordered.filter(_beyond(order, mark, is_backward=False)) if mark is not None else ordered)[:size])
        if rows:
            yield rows
        if len(rows) < size:
            return
        mark = [getattr(rows[-1], _column(queryset.model, name).attname) for name in order]


def _address(request: HttpRequest, **mark: str) -> str:
    query = request.GET.copy()
    for name in (AFTER, BEFORE):
        query.pop(name, None)
    query.update(mark)
    return f"?{query.urlencode()}"


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name.lstrip("-"))
    assert isinstance(field, Field), f"{name} is not a column"
    return field


def _encode(row: Model, order: Sequence[str]) -> str:
    values = [_column(type(row), name).value_to_string(row) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _decode(mark: str, model: type[Model], order: Sequence[str]) -> list[Any] | None:
    """The ordering values of a mark; nothing when the address was mistyped, which shows the first part."""
    try:
        values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        fields = [_column(model, name) for name in order]
        return [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, ValidationError, FieldDoesNotExist):
        return None


def _beyond(order: Sequence[str], values: Sequence[Any], *, is_backward: bool) -> Q:
    """Rows behind the mark: the first column is beyond, or equal and the next one is beyond, and so on.

    That the first column is not before the mark follows from it, and is said all the same: an index begins there.
    """
    is_first_descending = order[0].startswith("-") != is_backward
    bound = Q(**{f"{order[0].lstrip('-')}__{'lte' if is_first_descending else 'gte'}": values[0]})
    beyond, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        is_descending = name.startswith("-") != is_backward
        beyond |= equal & Q(**{f"{column}__{'lt' if is_descending else 'gt'}": value})
        equal &= Q(**{column: value})
    return bound & beyond


def beginning(column: str, text: str) -> Q:
    """Rows of which a text column begins with ``text``.

    A range instead of LIKE: PostgreSQL lets an index answer under row-level security only what leaks nothing, which it
    promises of comparisons and not of patterns. The database sorts by code points, so the range is exact.
    """
    return Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}{LAST_SIGN}"})


class KeysetChangeList(ChangeList):
    """The site's list, in parts by key."""

    order: list[str]
    """The columns that the parts follow, the key at the end."""
    previous_link: str | None = ""
    next_link: str | None = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter hides rows."""
        return bool(self.query) or bool(self.has_active_filters)

    @property
    def icon(self) -> str:
        """The sign of the list in the menu."""
        entry = menu.entry_of(self.model)
        return entry.icon if entry else "list"

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        for mine in (AFTER, BEFORE):
            self.params.pop(mine, None)
            self.filter_params.pop(mine, None)
        return super().get_filters_params(params)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        return self._order(request)

    def _order(self, request: HttpRequest) -> list[str]:
        order = [str(name) for name in self.model_admin.get_ordering(request)] or ["-pk"]
        key = self.lookup_opts.pk.name
        return order if {name.lstrip("-") for name in order} & {"pk", key} else [*order, key]

    def get_results(self, request: HttpRequest) -> None:
        key = self.lookup_opts.pk.name
        self.order = [name.replace("pk", key) if name in {"pk", "-pk"} else name for name in self._order(request)]
        part = Part(self.queryset, self.order, request, self.list_per_page)
        links = part.links(request)
        self.previous_link, self.next_link = links["previous_link"], links["next_link"]
        self.result_list = part.rows
        self.result_count = len(part.rows)
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = bool(part.rows)
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)


class UncountedPage(Page):  # type: ignore[type-arg]
    """A page that knows whether another follows because one row more was read."""

    def __init__(self, rows: list[Any], number: int, paginator: Paginator, *, is_last: bool) -> None:  # type: ignore[type-arg]
        super().__init__(rows, number, paginator)
        self.is_last = is_last

    def has_next(self) -> bool:
        return not self.is_last


class UncountedPaginator(Paginator):  # type: ignore[type-arg]
    """For pickers that load on scrolling: numbered pages, no count."""

    def page(self, number: int | str) -> UncountedPage:
        place = max(1, int(number))
        start = (place - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        return UncountedPage(rows[: self.per_page], place, self, is_last=len(rows) <= self.per_page)
