"""The staff site's menu: each context registers its entries, each user sees what is theirs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.access import roles
from loyalty.kernel.models import User

# The sections of the menu and where their positions begin.
OVERVIEW = _("Overview")  # 100
PROMOTIONS = _("Promotions")  # 200
MEMBERS = _("Members")  # 300
REWARDS = _("Rewards")  # 400
PARTNERS = _("Partners")  # 500
ADMINISTRATION = _("Administration")  # 600
PLATFORM = _("Platform")  # 700


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu; ``section`` and ``position`` place it, ``permission`` shows it."""

    section: Any
    position: int
    title: Any
    icon: str
    view: str
    permission: str


_entries: list[MenuEntry] = []
_more: dict[str, list[str]] = {}
_dashboard: list[Callable[[HttpRequest, dict[str, Any]], dict[str, Any]]] = []


def register(entry: MenuEntry) -> None:
    """Add a line to the menu."""
    _entries.append(entry)


def widen(view: str, *beginnings: str) -> None:
    """Pages of the staff site whose addresses begin so are part of what the line that opens ``view`` leads to."""
    _more.setdefault(view, []).extend(beginnings)


def entry_of(model: type[Model]) -> MenuEntry | None:
    """The line of the menu that leads to a model's list."""
    view = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return next((entry for entry in _entries if entry.view == view), None)


def name_of(model: type[Model]) -> str:
    """The one name of a model's list: in the menu, at its head, in the trail above its objects and in the title."""
    entry = entry_of(model)
    return str(capfirst(entry.title if entry else model._meta.verbose_name_plural))


def register_dashboard(fill: Callable[[HttpRequest, dict[str, Any]], dict[str, Any]]) -> None:
    """The context that owns the first page fills it."""
    _dashboard[:] = [fill]


def permissions(request: HttpRequest) -> frozenset[str]:
    """What the request's user may do in the program in scope; computed once a request."""
    cached = getattr(request, "_permissions", None)
    if cached is None:
        user = request.user
        program = getattr(request, "program_id", None)
        cached = roles.permissions_of(user, program) if isinstance(user, User) else frozenset()
        request._permissions = cached  # type: ignore[attr-defined]
    return cached


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu for Unfold: sections in order of their first entry, without what the user may not open."""
    allowed = permissions(request)
    sections: dict[Any, list[dict[str, Any]]] = {}
    for entry in sorted(_entries, key=lambda entry: entry.position):
        items = sections.get(entry.section, [])
        # One page may be opened by several rights, each with an entry of its own.
        if entry.permission in allowed and not any(item["view"] == entry.view for item in items):
            item: dict[str, Any] = {
                "title": str(capfirst(entry.title)),
                "icon": entry.icon,
                "link": reverse(entry.view),
                "view": entry.view,
            }
            sections.setdefault(entry.section, []).append(item)
    items = [item for found in sections.values() for item in found]
    present = _present(request.path, items)
    for item in items:
        item["active"] = item["link"] == present
    return [{"title": title, "items": items} for title, items in sections.items()]


def _present(path: str, items: Iterable[Mapping[str, Any]]) -> str | None:
    """The line that a path is in, of pages within each other the innermost; everything is in the first page, which is none."""
    first = reverse("admin:index")
    within = {}
    for item in items:
        for place in (item["link"], *(first + beginning for beginning in _more.get(item["view"], ()))):
            if path == place or (path.startswith(place) and place != first):
                within[place] = item["link"]
    return within[max(within, key=len)] if within else None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the first page of the staff site."""
    for fill in _dashboard:
        context = fill(request, context)
    return context
