"""What a staff page outside the site's lists and forms stands on: who may open it, how it is drawn, how it says no."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from loyalty.kernel import wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.pages import menu

View = Callable[..., HttpResponseBase]


def staff_page(*permissions: str) -> Callable[[View], View]:
    """Open a view to staff who hold one of ``permissions`` in the chosen program.

    Nobody signed in is led to the login page, who may not gets 403, what does not exist here is 404. The names are kept
    on the view as ``permissions`` for the test that walks the URLconf.
    """
    assert permissions, "a staff page names who may open it"

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not admin.site.has_permission(request):
                return redirect_to_login(request.get_full_path())
            if not menu.permissions(request) & set(permissions):
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except NotFound as refusal:
                raise Http404 from refusal

        guarded.permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


def staff_page_for_everybody(view: View) -> View:
    """Open a view to whoever is signed in to the staff site: pages about the reader only."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not admin.site.has_permission(request):
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.permissions = ()  # type: ignore[attr-defined]
    return guarded


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    title: Any,
    crumbs: Sequence[tuple[Any, str]] = (),
    help_text: Any = "",
    bar_help: Any = "",
    status: int = 200,
) -> TemplateResponse:
    """Draw a page in the staff site's frame; ``crumbs`` are (title, link) of the pages above it.

    Every page has help: ``help_text`` stands under the heading; ``bar_help`` opens in the bar, where a page has a head of
    its own. tests/kernel/pages/test_help.py fails for a page without.
    """
    request.current_app = admin.site.name
    values = {
        **admin.site.each_context(request),
        "title": title,
        "crumb": title,
        "crumbs": [{"title": name, "link": link} for name, link in crumbs],
        "help_text": help_text,
        "bar_help": bar_help,
        **(context or {}),
    }
    return TemplateResponse(request, template, values, status=status)


def tell_refusal(request: HttpRequest, refusal: Refusal) -> None:
    """Say an expected "no" on the next page, in the reader's language."""
    messages.error(request, wording.sentence(refusal.code, refusal.facts))
