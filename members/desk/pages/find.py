"""The search page: one box for whatever the caller gives."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from loyalty.kernel.pages import staff
from members.desk.queries import finding

LONGEST = 120


@require_safe
@staff.staff_page("members.find")
def find(request: HttpRequest) -> HttpResponse:
    """The box and who was found; with ``part=rows`` the rows alone, for the script that asks while somebody types."""
    # PostgreSQL takes no NUL in a text.
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    context = {"text": text, "rows": finding.find(text) if text else [], "most": finding.MOST_FOUND}
    if request.GET.get("part") == "rows":
        return render(request, "desk/_found.html", context)
    return staff.show(
        request, "desk/find.html", context, title=_("Member desk"),
        bar_help=_("Type any part of a name, or a whole card number, phone, e-mail, member number or receipt number."),
    )  # fmt: skip
