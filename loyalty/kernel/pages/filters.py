"""Filters of the staff site's lists."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import camel_case_to_spaces, capfirst
from django.utils.translation import gettext_lazy as _


class ArchivedFilter(SimpleListFilter):
    """Hides what is archived until asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("archived", _("Archived")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        shown = [(None, _("In use")), *self.lookup_choices]
        for value, title in shown:
            query = changelist.get_query_string({self.parameter_name: value} if value else {}, [self.parameter_name])
            yield {"selected": self.value() == value, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(archived_at__isnull=self.value() != "archived")


class ObjectKindFilter(SimpleListFilter):
    """Narrows the audit trail to one kind of object."""

    title = _("kind of object")
    parameter_name = "kind"

    @staticmethod
    def model_of(kind: str) -> Any | None:
        """The model behind a stored kind; nothing when a release took it away."""
        try:
            return apps.get_model(kind)
        except (LookupError, ValueError):
            return None

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        kinds = [(model._meta.label_lower, str(capfirst(model._meta.verbose_name))) for model in audited_models()]
        return sorted(kinds, key=lambda kind: kind[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_kind=self.value()) if self.value() else queryset


def audited_models() -> list[Any]:
    """Models of our own that people name: those with a page or a service that records deeds on them."""
    ours = ("loyalty_", "programs_", "members_", "rewards_", "partners_", "reports_")
    return [model for model in apps.get_models() if model._meta.app_label.startswith(ours) and _is_named(model)]


def _is_named(model: Any) -> bool:
    return str(model._meta.verbose_name) != camel_case_to_spaces(model.__name__)
