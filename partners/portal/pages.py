"""The partner's pages: how was my week, which purchases, what is due."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import formats
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from loyalty.kernel import audit, clock, documents
from loyalty.kernel.errors import NotFound
from loyalty.kernel.pages import figures, login
from loyalty.kernel.pages.paging import Part
from partners.portal import access, queries, statement
from partners.portal.queries import Place
from partners.registry import queries as registry
from programs.promotions.queries import rule_names

PURCHASES_A_PART = 25
STATEMENT_FORMATS = ("pdf", "xlsx")


class Login(login.Login):
    """Signing in to the portal."""

    next_page = "portal-home"
    extra_context = {"title": gettext_lazy("Partner portal")}


class Logout(auth.LogoutView):
    """Signing out of the portal only."""

    next_page = "portal-login"


def _show(request: HttpRequest, place: Place, template: str, active: str, title: str, **context: Any) -> HttpResponse:
    return TemplateResponse(
        request, template, {**access.frame(place, active, request), "title": title, "place": place, **context}
    )


def _change(now: int, before: int) -> dict[str, Any] | None:
    if not before:
        return None
    percent = (Decimal(now - before) * 100 / before).quantize(Decimal("0.1"))
    return {"percent": percent, "text": formats.number_format(abs(percent), decimal_pos=1)}


@require_GET
@access.portal_page("portal.view")
def home(request: HttpRequest, place: Place) -> HttpResponse:
    """Last week beside the week before, and what the partner's points went for."""
    last = queries.last_day(place, clock.today(place.program.zone))
    ends, starts = last + timedelta(days=1), last - timedelta(days=6)
    now, before = (
        registry.activity(
            [place.partner.pk], place.start_of(first), place.start_of(end), point_type_id=place.point_type.pk
        )[place.partner.pk]
        for first, end in ((starts, ends), (starts - timedelta(days=7), starts))
    )
    currency, decimals = place.program.currency, place.point_type.decimals
    cards = [
        (_("Purchases"), figures.points(now.purchases), _change(now.purchases, before.purchases)),
        (
            _("Amount, net of returns"), figures.money(now.amount - now.returned, currency),
            _change(now.amount - now.returned, before.amount - before.returned),
        ),
        (_("Points you pay for"), figures.points(now.issued, decimals), _change(now.issued, before.issued)),
        (_("Points redeemed with you"), figures.points(now.redeemed, decimals), _change(now.redeemed, before.redeemed)),
    ]  # fmt: skip
    return _show(
        request,
        place,
        "portal/home.html",
        "portal-home",
        _("Overview"),
        cards=cards,
        period=f"{figures.short_date(starts)} – {figures.short_date(last)}",
        chart=_weeks(place, last),
        rules=_rules(place, starts, ends),
        decimals=decimals,
        help_text=_("Only what happened with you. Members are counted, never named."),
    )


def _weeks(place: Place, last: date) -> dict[str, Any]:
    """Eight weeks up to the last day, with the table behind the bars."""
    rows = []
    for back in range(7, -1, -1):
        first = last - timedelta(days=7 * back + 6)
        done = registry.activity(
            [place.partner.pk], place.start_of(first), place.start_of(first + timedelta(days=7)),
            point_type_id=place.point_type.pk,
        )[place.partner.pk]  # fmt: skip
        rows.append((first, done.purchases, done.issued, done.redeemed))
    chart = documents.Bars(
        title=_("Points you paid for, week by week"),
        labels=[formats.date_format(row[0], "MONTH_DAY_FORMAT") for row in rows],
        series=[(_("Points you pay for"), [row[2] for row in rows])],
    )
    return {"title": chart.title, "picture": documents.bars(chart), "rows": rows}


def _rules(place: Place, first: date, end: date) -> list[dict[str, Any]]:
    names = rule_names()
    return [
        {"name": names.get(rule, rule), "purchases": purchases, "points": points}
        for rule, purchases, points in queries.by_rule(place, place.start_of(first), place.start_of(end))
    ]


@require_GET
@access.portal_page("portal.view")
def purchases(request: HttpRequest, place: Place) -> HttpResponse:
    """Purchases at the partner's places, without who bought."""
    part = Part(queries.purchases(place.partner.pk), ("-occurred_at", "-id"), request, PURCHASES_A_PART)
    points = queries.points_at(place.partner.pk, [row.pk for row in part.rows])
    for row in part.rows:
        row.points = points.get(row.pk, 0)
    return _show(
        request,
        place,
        "portal/purchases.html",
        "portal-purchases",
        _("Purchases"),
        rows=part.rows,
        decimals=place.point_type.decimals,
        exponent=place.program.exponent,
        **part.links(request),
    )


@require_GET
@access.portal_page("portal.view")
def statements(request: HttpRequest, place: Place) -> HttpResponse:
    """The closed months."""
    months = queries.statement_months(place, clock.today(place.program.zone))
    return _show(request, place, "portal/statements.html", "portal-statements", _("Statements"), months=months)


@require_GET
@access.portal_page("portal.download")
def download(request: HttpRequest, place: Place, year: int, month: int, file_format: str) -> HttpResponseBase:
    """A statement as PDF or XLSX; each download is recorded."""
    wanted = next(
        (
            first
            for first in queries.statement_months(place, clock.today(place.program.zone))
            if (first.year, first.month) == (year, month)
        ),
        None,
    )
    if wanted is None or file_format not in STATEMENT_FORMATS:
        raise NotFound()
    made = statement.build(
        place, wanted, made_at=clock.now(), made_by=str(request.user), language=get_language() or "en"
    )
    stream = documents.write(made, file_format)
    audit.record("statement.downloaded", place.partner, changes={"month": (None, wanted.isoformat())})
    blocks: Iterator[bytes] = iter(lambda: stream.read(1 << 16), b"")
    response = StreamingHttpResponse(blocks, content_type=documents.CONTENT_TYPES[file_format])
    response["Content-Disposition"] = f'attachment; filename="statement-{year}-{month:02d}.{file_format}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
