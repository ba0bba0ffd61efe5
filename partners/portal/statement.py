"""The monthly statement of a partner: what happened, at which prices, what is due. The same as PDF and XLSX."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from loyalty.kernel.documents import Column, Document, Figure, Kind, Table
from loyalty.kernel.pages import figures
from partners.portal.queries import Place
from partners.registry import queries
from partners.registry.models import Agreement
from partners.registry.queries import PartnerActivity


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def build(place: Place, month: date, *, made_at: datetime, made_by: str, language: str) -> Document:
    """The statement of a month, in the active language."""
    end = month_after(month)
    done = _activity(place, month, end)
    agreement = queries.agreement_on(place.partner.pk, end - timedelta(days=1))
    currency = place.program.currency
    tables = [_by_day(place, month, end)]
    due = None
    if agreement is not None:
        lines, due = _lines(place, agreement, done)
        tables.insert(0, lines)
    period = formats.date_format(month, "YEAR_MONTH_FORMAT")
    headline = (
        _("%(amount)s is due to the program") % {"amount": figures.money(due, currency)}
        if due is not None and due >= 0
        else _("%(amount)s is due to you") % {"amount": figures.money(-due, currency)}
        if due is not None
        else _("No agreement held in this month")
    )
    return Document(
        title=_("Statement of %(partner)s") % {"partner": place.partner.name},
        headline=headline,
        program=str(place.program.name),
        period=period,
        zone=place.program.zone,
        made_at=made_at,
        made_by=made_by,
        language=language,
        figures=[
            Figure(_("Purchases"), figures.points(done.purchases)),
            Figure(_("Amount, net of returns"), figures.money(done.amount - done.returned, currency)),
            Figure(_("Points you pay for"), figures.points(done.issued, place.point_type.decimals)),
            Figure(_("Points redeemed with you"), figures.points(done.redeemed, place.point_type.decimals)),
        ],
        tables=tables,
        notes=[
            _(
                "Points issued are net of what returns took back in the month. "
                "Prices are those of the agreement that held on the last day."
            ),
            _("Source: the ledger, time zone %(zone)s.") % {"zone": place.program.timezone},
        ],
    )


def _activity(place: Place, first: date, end: date) -> PartnerActivity:
    found = queries.activity(
        [place.partner.pk], place.start_of(first), place.start_of(end), point_type_id=place.point_type.pk
    )
    return found[place.partner.pk]


def _lines(place: Place, agreement: Agreement, done: PartnerActivity) -> tuple[Table, int]:
    currency, decimals = agreement.currency, place.point_type.decimals
    charges = queries.charges(agreement, done, decimals=decimals)
    names = {
        "issued": _("Points issued"),
        "redeemed": _("Points redeemed"),
        "commission": _("Commission, %(percent)s %% of purchases")
        % {"percent": formats.number_format(agreement.commission)},
    }
    due = sum(charge.amount for charge in charges)
    rows = [
        [
            names[charge.kind],
            figures.money(charge.quantity, currency)
            if charge.kind == "commission"
            else figures.points(charge.quantity, decimals),
            charge.price or None,
            charge.amount,
        ]
        for charge in charges
    ]
    table = Table(
        title=_("What is due"),
        columns=[
            Column(_("Line")),
            Column(_("Quantity")),
            Column(_("Price of 1,000"), Kind.MONEY, currency=currency),
            Column(_("Amount"), Kind.MONEY, currency=currency),
        ],
        rows=rows,
        total=[_("Due"), None, None, due],
        note=_("A negative amount is paid to you."),
    )
    return table, due


def _by_day(place: Place, month: date, end: date) -> Table:
    days = [month + timedelta(days=number) for number in range((end - month).days)]
    spans = [(place.start_of(day), place.start_of(day + timedelta(days=1))) for day in days]
    found = queries.activity_by_span([place.partner.pk], spans, point_type_id=place.point_type.pk)
    rows: list[list[Any]] = [
        [day, one.purchases, one.amount - one.returned, one.issued, one.redeemed]
        for day, one in zip(days, (each[place.partner.pk] for each in found), strict=True)
    ]
    decimals = place.point_type.decimals
    return Table(
        title=_("Day by day"),
        columns=[
            Column(_("Day"), Kind.DATE),
            Column(_("Purchases"), Kind.NUMBER),
            Column(_("Amount, net of returns"), Kind.MONEY, currency=place.program.currency),
            Column(_("Points issued"), Kind.POINTS, decimals=decimals),
            Column(_("Points redeemed"), Kind.POINTS, decimals=decimals),
        ],
        rows=rows,
        total=[_("All"), *(sum(row[column] for row in rows) for column in range(1, 5))],
    )
