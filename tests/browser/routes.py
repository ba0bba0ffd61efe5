"""The staff site's pages, read from the URLconf: a page that is added is looked at without being named anywhere."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from loyalty.kernel import scope
from tests.browser import samples

# Not pages: machines' addresses, other realms' doors, answers to scripts, the end of a session.
LEFT_OUT = (
    "api/", "health/", "metrics", "portal/", "my/", "admin/jsi18n/", "admin/autocomplete/", "admin/search/",
    "admin/logout/", "admin/login/", "static/",
)  # fmt: skip


def plain_pages() -> list[str]:
    """Addresses without parameters. Some answer GET with 405: those are forms' targets, not pages."""
    return sorted(
        {f"/{route}" for route, _pattern in _routes() if "<" not in route and "(" not in route and "^" not in route}
    )


def object_pages() -> list[str]:
    """One address for each page of an object: a row of the model for the site's own pages, a sample for ours."""
    pages = []
    for model, model_admin in admin.site._registry.items():
        row = model._default_manager.order_by("pk").first()
        if row is None:
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages.append(reverse(f"{name}_change", args=[row.pk]))
        if getattr(model_admin, "has_history", False):
            pages.append(reverse(f"{name}_history", args=[row.pk]))
        pages += [
            reverse(f"admin:{action.action_name}", args=[row.pk])
            for action in getattr(model_admin, "_get_base_actions_detail", list)()
        ]
    return sorted({*pages, *(reverse(name, kwargs=make()) for name, make in samples.SAMPLES.items())})


def without_sample() -> list[str]:
    """Pages of ours with parameters for which nobody gave a sample."""
    return sorted(
        name
        for route, name in _routes()
        if "<" in route and not route.startswith("admin/") and name and name not in samples.SAMPLES
    )


def in_program(program: int) -> Any:
    """The scope in which the rows of a program are found."""
    return scope.enter([program], scope.SYSTEM, is_operator=True)


def _routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern).lstrip("^").rstrip("$")
        if any(route.startswith(start) for start in LEFT_OUT):
            continue
        if isinstance(entry, URLResolver):
            yield from _routes(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.name
