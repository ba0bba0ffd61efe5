"""Partners: what happened at their places, what they pay for and what they get."""

from collections.abc import Callable
from dataclasses import astuple, dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel.documents import Bars, Column, Document, Kind, Table
from loyalty.kernel.pages import figures
from partners.registry import queries
from reports.library.definitions.base import Definition, Request, document


@dataclass(frozen=True, slots=True)
class _Line:
    """One partner's row; ``due`` is unknown without an agreement."""

    partner: str
    purchases: int
    amount: int
    issued: int
    redeemed: int
    due: int | None


def build(request: Request, report: Callable[[int, int], None]) -> Document:
    """One line a partner: activity, and the charges under the agreement of the period's last day."""
    period = request.period
    partners = list(queries.partners())
    done = queries.activity([one.pk for one in partners], period.start, period.end, point_type_id=request.point_type.pk)
    lines = []
    for place, partner in enumerate(partners, start=1):
        was = done[partner.pk]
        agreement = queries.agreement_on(partner.pk, period.last)
        charged = queries.charges(agreement, was, decimals=request.point_type.decimals) if agreement else None
        due = sum(charge.amount for charge in charged) if charged is not None else None
        lines.append(_Line(partner.name, was.purchases, was.amount - was.returned, was.issued, was.redeemed, due))
        report(place, len(partners))
    return _document(request, lines)


def _document(request: Request, lines: list[_Line]) -> Document:
    currency, decimals = request.program.currency, request.point_type.decimals
    purchases, issued = sum(line.purchases for line in lines), sum(line.issued for line in lines)
    amount, redeemed = sum(line.amount for line in lines), sum(line.redeemed for line in lines)
    due = sum(line.due or 0 for line in lines)
    table = Table(
        title=_("By partner, %(points)s") % {"points": request.points_name},
        columns=[
            Column(_("Partner")),
            Column(_("Purchases"), Kind.NUMBER),
            Column(_("Amount, net of returns"), Kind.MONEY, currency=currency),
            Column(_("Points paid for"), Kind.POINTS, decimals=decimals),
            Column(_("Points redeemed"), Kind.POINTS, decimals=decimals),
            Column(_("Due"), Kind.MONEY, currency=currency),
        ],
        rows=[astuple(line) for line in lines],
        total=[_("All"), purchases, amount, issued, redeemed, due],
        note=_("Due is positive when the partner pays. Without an agreement on the last day it is unknown."),
    )
    return document(
        request,
        title=str(DEFINITION.title),
        headline=_("%(amount)s is due from partners") % {"amount": figures.money(due, currency)},
        standing=[
            (_("Purchases at partners"), figures.points(purchases)),
            (_("Points paid for"), request.points(issued)),
            (_("Due"), figures.money(due, currency)),
        ],
        charts=[
            Bars(
                title=_("Points paid for by partner"),
                labels=[line.partner for line in lines],
                series=[(request.points_name, [line.issued for line in lines])],
            )
        ],
        tables=[table],
    )


DEFINITION = Definition(
    code="partners",
    title=gettext_lazy("Partners"),
    question=gettext_lazy("What happened at partners, and what is due?"),
    icon="handshake",
    build=build,
)
