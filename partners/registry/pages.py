"""The staff site's page of partners' users: whoever runs the platform lets the first one in."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel.errors import NotFound
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.security.guard import ask_again
from partners.registry import deeds
from partners.registry.forms import ROLE_NAMES, NewPersonForm
from partners.registry.models import Partner


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("partners.edit")
def people(request: HttpRequest) -> HttpResponse:
    """Users by partner; letting in, another role, shutting out."""
    if asked := ask_again(request):
        return asked
    partners = list(Partner.objects.filter(archived_at__isnull=True).order_by("name"))
    chosen = request.POST.get("partner") or request.GET.get("partner", "")
    partner = next((one for one in partners if str(one.public_id) == chosen), None)
    form = None
    if request.method == "POST":
        if partner is None:
            raise NotFound()
        form = deeds.act(request, partner)
        if form is None:
            return HttpResponseRedirect(f"{reverse('partner-people')}?partner={partner.public_id}")
    partner = partner or (partners[0] if partners else None)
    context = {
        "partners": partners, "partner": partner, "rows": deeds.rows(partner) if partner else [],
        "form": form or NewPersonForm(), "is_filled": form is not None, "roles": ROLE_NAMES.items(),
    }  # fmt: skip
    return staff.show(
        request, "registry/people.html", context, title=_("Users of partners"),
        help_text=_("Who opens the portal of a partner. Who administers lets colleagues in and out; who reads, reads."),
    )  # fmt: skip


menu.register(
    menu.MenuEntry(menu.PARTNERS, 520, gettext_lazy("Users of partners"), "badge", "partner-people", "partners.edit")
)
