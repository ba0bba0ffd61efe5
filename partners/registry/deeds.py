"""What the two pages about a partner's users have in common: a form that lets in, and deeds on a row."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from loyalty.kernel import wording
from loyalty.kernel.access.roles import PARTNER_ROLES
from loyalty.kernel.errors import NotFound, Refusal
from partners.registry import services
from partners.registry.forms import ROLE_NAMES, NewPersonForm
from partners.registry.models import Partner

LET_IN, ROLE, SHUT_OUT = "let-in", "role", "shut-out"


def act(request: HttpRequest, partner: Partner) -> NewPersonForm | None:
    """Do what a form of the page says; the form again where something is wrong with it.

    :raises NotFound: no such user of this partner, or no such deed.
    """
    deed = request.POST.get("deed", "")
    if deed == LET_IN:
        return _let_in(request, partner)
    if deed not in {ROLE, SHUT_OUT}:
        raise NotFound()
    user_id = _number(request.POST, "user")
    try:
        if deed == ROLE:
            role = request.POST.get("role", "")
            if role not in PARTNER_ROLES:
                raise NotFound()
            services.change_role(partner, user_id, role)
        else:
            services.shut_out(partner, user_id)
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, wording.sentence(refusal.code, refusal.facts))
    else:
        messages.success(request, _("Done. It holds at once."))
    return None


def _let_in(request: HttpRequest, partner: Partner) -> NewPersonForm | None:
    form = NewPersonForm(request.POST)
    if not form.is_valid():
        return form
    try:
        user = services.let_in(partner, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field or None, wording.sentence(refusal.code, refusal.facts))
        return form
    messages.success(request, _("Let in: %(name)s.") % {"name": user})
    return None


def _number(sent: QueryDict, name: str) -> int:
    text = sent.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound()
    return int(text)


def rows(partner: Partner) -> list[dict[str, Any]]:
    """The partner's users for the page."""
    return [
        {"user": one.user, "role": one.role, "role_name": ROLE_NAMES[one.role]} for one in services.users_of(partner)
    ]
