"""Every route of the product, read from the URLconf."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

# Answers nothing of its own: leads to the form of the object, or says that there is no such page.
NAMELESS = ("", "admin/(?P<url>.*)$")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(address with its parameters, pattern) of everything that answers."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            yield from routes(entry, address)
        elif isinstance(entry, URLPattern):
            yield address, entry


@cache
def names() -> dict[str, str]:
    """The name of every route that has one, with its address."""
    return {pattern.name: address for address, pattern in routes() if pattern.name}


def without_name() -> list[str]:
    """Addresses of routes that have no name and are not known to need none."""
    models = {f"admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry}
    lead_on = {f"{start}<path:object_id>/" for start in models}
    return sorted(address for address, pattern in routes() if not pattern.name and address not in {*NAMELESS, *lead_on})


def view_class(pattern: URLPattern) -> Any:
    """The class of a view that has one."""
    return getattr(pattern.callback, "view_class", None)


def operations() -> dict[str, dict[str, str]]:
    """What every address of the API needs of a key: by name of the route, by method."""
    found: dict[str, dict[str, str]] = {}
    for address, pattern in routes():
        view = view_class(pattern)
        if address.startswith("api/v1/") and hasattr(view, "required_scope"):
            methods = [name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]
            found[str(pattern.name)] = {
                name.upper(): (view.scope_to_write if name != "get" else "") or view.required_scope for name in methods
            }
    return found
