"""Rows of the catalog from a file need a second person: what earns and what is left out stands in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel import proposals
from loyalty.kernel.imports import services
from loyalty.kernel.imports.resources import ProgramResource
from programs.catalog.resources import CategoryResource, ProductResource


def _describe(arguments: Mapping[str, Any]) -> str:
    return _("From the file %(name)s. Added: %(added)s. Changed: %(changed)s.") % arguments


def _kind(code: str, title: Any, resource: type[ProgramResource]) -> proposals.Kind:
    def carry_out(arguments: Mapping[str, Any], at: datetime) -> None:
        services.import_asked(resource, arguments)

    kind = proposals.Kind(
        code=code, title=title, permission="catalog.edit", describe=_describe, carry_out=carry_out,
        settle=services.let_file_go,
    )  # fmt: skip
    proposals.register(kind)
    return kind


PRODUCTS = _kind("products.import", gettext_lazy("Products from a file"), ProductResource)
CATEGORIES = _kind("categories.import", gettext_lazy("Categories from a file"), CategoryResource)
