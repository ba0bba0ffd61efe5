"""Expiry forecast: when the points that are there now would go if nobody spent them."""

from collections.abc import Callable
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel.documents import Bars, Column, Document, Kind, Table
from reports.library.definitions.base import Definition, Request, document, rows

_SQL = """
SELECT date_trunc('month', (l.expires_at AT TIME ZONE %(zone)s) - interval '1 microsecond')::date AS month,
       count(DISTINCT l.wallet_id), sum(l.remaining), coalesce(sum(l.remaining) FILTER (WHERE l.is_pending), 0)
FROM members_lot l JOIN members_wallet w ON w.id = l.wallet_id
WHERE l.is_open AND w.point_type_id = %(point_type)s
GROUP BY 1 ORDER BY 1 NULLS LAST
"""


def build(request: Request, report: Callable[[int, int], None]) -> Document:
    """Open lots by the month of their last day. The period does not matter: it is about what is open now."""
    found = rows(_SQL, {"zone": request.program.timezone, "point_type": request.point_type.pk})
    report(1, 1)
    lines, running = [], 0
    for month, members, points, pending in found:
        running += int(points)
        lines.append([_label(month), members, int(points), int(pending), running, request.value_of(int(points))])
    decimals, currency = request.point_type.decimals, request.program.currency
    within = sum(int(points) for month, _members, points, _pending in found if month is not None)
    table = Table(
        title=_("By month of the last day, %(points)s") % {"points": request.points_name},
        columns=[
            Column(_("Last day in")),
            Column(_("Members"), Kind.NUMBER),
            Column(_("Points"), Kind.POINTS, decimals=decimals),
            Column(_("Of them not yet usable"), Kind.POINTS, decimals=decimals),
            Column(_("Running total"), Kind.POINTS, decimals=decimals),
            Column(_("Value"), Kind.MONEY, currency=currency),
        ],
        rows=lines,
        total=[_("All"), None, running, sum(int(row[3]) for row in found), None, request.value_of(running)],
        note=_("A member counts in each month in which points of theirs would expire."),
    )
    chart = Bars(
        title=_("Points that would expire, by month"),
        labels=[line[0] for line, row in zip(lines, found, strict=True) if row[0] is not None],
        series=[(request.points_name, [int(row[2]) for row in found if row[0] is not None])],
    )
    return document(
        request,
        title=str(DEFINITION.title),
        headline=_("%(amount)s %(points)s have a last day")
        % {"amount": request.points(within), "points": request.point_type.named(within)},
        standing=[
            (_("Outstanding in lots"), request.points(running)),
            (_("With a last day"), request.points(within)),
            (_("Without one"), request.points(running - within)),
        ],
        charts=[chart],
        tables=[table],
    )


def _label(month: date | None) -> str:
    return formats.date_format(month, "YEAR_MONTH_FORMAT") if month else _("never")


DEFINITION = Definition(
    code="expiry",
    title=gettext_lazy("Expiry forecast"),
    question=gettext_lazy("How many points would expire, and when?"),
    icon="hourglass_bottom",
    build=build,
)
