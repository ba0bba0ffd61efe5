"""The partner's own users: who administers lets colleagues in and out."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from loyalty.kernel.pages.security.guard import ask_again
from partners.portal import access
from partners.portal.queries import Place
from partners.registry import deeds
from partners.registry.forms import ROLE_NAMES, NewPersonForm


@require_GET
@access.portal_page("portal.administer")
def people(request: HttpRequest, place: Place) -> HttpResponse:
    """Who opens this portal, and the form that lets somebody in."""
    return ask_again(request) or _page(request, place, None)


@require_POST
@access.portal_page("portal.administer")
def change_people(request: HttpRequest, place: Place) -> HttpResponse:
    """Let somebody in, give another role, shut somebody out."""
    if asked := ask_again(request):
        return asked
    form = deeds.act(request, place.partner)
    return _page(request, place, form) if form is not None else HttpResponseRedirect(reverse("portal-people"))


def _page(request: HttpRequest, place: Place, form: NewPersonForm | None) -> HttpResponse:
    context = {
        **access.frame(place, "portal-people", request), "title": _("People"), "place": place,
        "rows": deeds.rows(place.partner), "form": form or NewPersonForm(), "is_filled": form is not None,
        "roles": ROLE_NAMES.items(), "partner": place.partner, "own": request.user.pk,
    }  # fmt: skip
    return TemplateResponse(request, "portal/people.html", context)
