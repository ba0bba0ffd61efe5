"""Roles and rights of the chosen program side by side: what each role may do, and who must have a second factor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from loyalty.kernel.access import rights, roles
from loyalty.kernel.access.ready import ROLES
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import User
from loyalty.kernel.pages import menu, staff
from loyalty.kernel.pages.people import ROLE_NAMES
from loyalty.kernel.pages.right_names import RIGHTS
from loyalty.kernel.pages.security.guard import ask_again

FIELD, FACTOR, READY = "right", "factor", "ready"


@require_http_methods(["GET", "HEAD", "POST"])
@staff.staff_page("users.edit")
def role_rights(request: HttpRequest) -> HttpResponse:
    """The grid; a post gives each role exactly what is ticked, or all of them what they came with."""
    if asked := ask_again(request):
        return asked
    program: int | None = request.program_id  # type: ignore[attr-defined]
    if program is None:
        raise NotFound()
    if request.method == "POST":
        try:
            changed = _save(request, program)
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
        else:
            names = ", ".join(str(ROLE_NAMES[role]) for role in changed)
            told = (
                _("Changed, and it holds at once: %(roles)s.") % {"roles": names} if changed else _("Nothing changed.")
            )
            messages.success(request, told)
        return HttpResponseRedirect(reverse("role-rights"))
    rules = rights.rules()
    present = rights.in_force(program, ROLES)
    groups = [
        (title, [(name, [_cell(role, code, present[role]) for role in ROLES]) for code, name in names.items()])
        for title, names in RIGHTS
    ]
    context = {
        "roles": [(role, ROLE_NAMES[role]) for role in ROLES], "groups": groups, "width": len(ROLES) + 1,
        "factors": [(role, ROLE_NAMES[role], rules[role].needs_second_factor) for role in ROLES],
        "is_changed": any(present[role] != ROLES[role] for role in ROLES),
    }  # fmt: skip
    return staff.show(
        request, "kernel/rights.html", context, title=_("Roles and rights"),
        help_text=_(
            "What each role may do in this program. What is not ticked is refused. A dot marks what differs from the "
            "ready role. Who has which role is said on the page of the user."
        ),
    )  # fmt: skip


def _cell(role: str, code: str, present: frozenset[str]) -> dict[str, object]:
    is_given = code in present
    return {
        "value": f"{role}:{code}", "role": ROLE_NAMES[role], "is_given": is_given,
        "differs": is_given != (code in ROLES[role]),
    }  # fmt: skip


def _save(request: HttpRequest, program: int) -> list[str]:
    wanted: dict[str, set[str]] = {role: set() for role in ROLES}
    if request.POST.get("deed") == READY:
        wanted = {role: set(may) for role, may in ROLES.items()}
    else:
        for value in request.POST.getlist(FIELD):
            role, _colon, code = value.partition(":")
            wanted.setdefault(role, set()).add(code)
    assert isinstance(request.user, User), "the page is for staff"
    return rights.change(wanted, request.POST.getlist(FACTOR), held=roles.roles_of(request.user, program))


menu.register(
    menu.MenuEntry(
        menu.PLATFORM, 715, gettext_lazy("Roles and rights"), "admin_panel_settings", "role-rights", "users.edit"
    )
)
