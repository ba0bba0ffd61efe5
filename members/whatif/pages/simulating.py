"""Simulations: asked for, watched, read, stopped, taken away as a file."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from loyalty.kernel import audit, documents, jobs, wording
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import User
from loyalty.kernel.pages import staff
from members.whatif import services
from members.whatif.models import Simulation
from members.whatif.queries import simulations as queries
from members.whatif.report import Report
from programs.promotions import queries as promotions
from programs.promotions.models import Promotion

SHOWN = 12
# The tables after the third stand behind the charts: they are opened by whoever wants each day.
CLOSED_FROM = 3
FILES = ("pdf", "xlsx")


@require_http_methods(["GET", "POST"])
@staff.staff_page("promotions.edit")
def simulations(request: HttpRequest, code: str) -> HttpResponse:
    """The simulations of a promotion; asking for one leads to it."""
    promotion = promotions.promotion_of(code)
    if request.method == "POST":
        days = request.POST.get("days", "")
        assert isinstance(request.user, User)
        try:
            asked = services.request_simulation(code=code, days=int(days) if days.isdecimal() else 0, user=request.user)
        except Refusal as refusal:
            staff.tell_refusal(request, refusal)
        else:
            return redirect("whatif-simulation", asked.public_id)
    context = {"promotion": promotion, "rows": list(queries.simulations_of(promotion)[:SHOWN]), "days": services.DAYS}
    return staff.show(
        request,
        "whatif/simulations.html",
        context,
        title=_("Simulations of “%(promotion)s”") % {"promotion": promotion.name},
        crumbs=_crumbs(promotion),
        help_text=_(
            "What everybody really bought, judged again with the draft and without it. You may leave meanwhile."
        ),
    )


def _crumbs(promotion: Promotion) -> list[tuple[Any, str]]:
    return [
        (_("Promotions"), reverse("promotions")),
        (str(promotion.name), reverse("promotion-design", args=[promotion.code])),
    ]


@require_GET
@staff.staff_page("promotions.edit")
def simulation(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One simulation: how far it is, then what it found."""
    found = queries.simulation(public_id)
    context: dict[str, Any] = {"simulation": found, "days": services.DAYS}
    title = _("Simulation of “%(promotion)s”") % {"promotion": found.promotion.name}
    if found.job is not None and found.job.problem:
        context["problem"] = wording.sentence(found.job.problem, found.job.result.get("facts", {}))
    if found.result is not None:
        document = Report(found).document()
        context |= _shown(document)
    is_part = request.headers.get("X-Requested-With") == "fetch"
    return staff.show(
        request,
        "whatif/_simulation.html" if is_part else "whatif/simulation.html",
        context,
        title=title,
        crumbs=[
            *_crumbs(found.promotion),
            (_("Simulations"), reverse("whatif-simulations", args=[found.promotion.code])),
        ],
        bar_help=_("The same purchases judged twice, with the draft and without it. Nothing was written."),
    )


def _shown(document: documents.Document) -> dict[str, Any]:
    """The document for the page: charts as pictures, cells as text."""
    tables = [
        {
            "title": table.title,
            "columns": table.columns,
            "rows": [_cells(document, table, row) for row in table.rows[: None if place > CLOSED_FROM else SHOWN]],
            "is_closed": place > CLOSED_FROM,
            "left_out": 0 if place > CLOSED_FROM else max(0, len(table.rows) - SHOWN),
            "total": _cells(document, table, table.total) if table.total else [],
        }
        for place, table in enumerate(document.tables, start=1)
    ]
    charts = [(chart, documents.bars(chart), [name for name, _values in chart.series]) for chart in document.charts]
    return {"document": document, "charts": charts, "tables": tables, "files": FILES}


def _cells(document: documents.Document, table: documents.Table, row: Any) -> list[tuple[str, bool]]:
    return [
        (documents.text_of(column, cell, document.zone), column.is_figure)
        for column, cell in zip(table.columns, row, strict=True)
    ]


@require_POST
@staff.staff_page("promotions.edit")
def stop(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Stop a simulation that is being made."""
    found = queries.simulation(public_id)
    if found.job is not None:
        jobs.stop(found.job)
    return redirect("whatif-simulation", found.public_id)


@require_GET
@staff.staff_page("promotions.edit")
def download(request: HttpRequest, public_id: uuid.UUID, file_format: str) -> HttpResponse:
    """The report as a file; each download is recorded."""
    found: Simulation = queries.simulation(public_id)
    if found.result is None or file_format not in FILES:
        raise NotFound()
    content = documents.write(Report(found).document(), file_format)
    name = f"simulation-{found.promotion.code}-{found.days}.{file_format}".lower()
    audit.record("simulation.downloaded", found, changes={"file": (None, name)})
    response = HttpResponse(content.read(), content_type=documents.CONTENT_TYPES[file_format])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
