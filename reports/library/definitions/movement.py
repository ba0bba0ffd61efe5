"""Movement of points: from what was outstanding to what is, and where the difference comes from."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from loyalty.kernel.documents import Bars, Column, Document, Kind, Table
from reports.library.definitions.base import Definition, Request, document, rows
from reports.library.periods import Period

_BALANCE = """
SELECT coalesce(sum(p.amount), 0) FROM members_posting p JOIN members_entry e ON e.id = p.entry_id
WHERE p.wallet_id IS NOT NULL AND p.point_type_id = %(point_type)s AND e.effective_at < %(at)s
"""
_MOVES = """
SELECT e.kind, coalesce(sum(p.amount), 0) FROM members_posting p JOIN members_entry e ON e.id = p.entry_id
WHERE p.wallet_id IS NOT NULL AND p.point_type_id = %(point_type)s
  AND e.effective_at >= %(start)s AND e.effective_at < %(end)s
GROUP BY e.kind
"""
# The columns of the table, each the sum of these kinds of entries.
COLUMNS = (
    ("earn",),
    ("reverse",),
    ("adjust",),
    ("redeem", "cancel"),
    ("expire", "reinstate"),
    ("buy", "refund"),
    ("convert",),
)
ALWAYS_SHOWN = 5


def balance_at(request: Request, period_start: Any) -> int:
    """Points outstanding at an instant: active, pending and reserved less debts."""
    values = {"point_type": request.point_type.pk, "at": period_start}
    return int(rows(_BALANCE, values)[0][0])


def moves(request: Request, period: Period) -> dict[str, int]:
    """What each kind of entry changed within a period."""
    values = {"point_type": request.point_type.pk, "start": period.start, "end": period.end}
    return {kind: int(amount) for kind, amount in rows(_MOVES, values)}


def build(request: Request, report: Callable[[int, int], None]) -> Document:
    """The movement by month, with opening and closing balance."""
    months = request.period.months()
    opening = balance_at(request, request.period.start)
    found: list[tuple[Period, Sequence[int]]] = []
    for done, month in enumerate(months, start=1):
        changed = moves(request, month)
        found.append((month, [sum(changed.get(kind, 0) for kind in kinds) for kinds in COLUMNS]))
        report(done, len(months))
    return _document(request, opening, found)


def _document(request: Request, opening: int, found: Sequence[tuple[Period, Sequence[int]]]) -> Document:
    totals = [sum(parts[place] for _month, parts in found) for place in range(len(COLUMNS))]
    # Where nothing was ever sold or converted, nobody misses the column.
    shown = [place for place in range(len(COLUMNS)) if place < ALWAYS_SHOWN or any(p[place] for _m, p in found)]
    lines, running = [], opening
    for month, parts in found:
        closing = running + sum(parts)
        lines.append([_label(month), running, *(parts[place] for place in shown), closing])
        running = closing
    names = [_("Earned"), _("Taken back"), _("Corrected"), _("Redeemed"), _("Expired"), pgettext("points", "Sold"),
             pgettext("points", "Converted")]  # fmt: skip
    difference = running - opening
    text = (
        _("%(amount)s more %(points)s are outstanding than before")
        if difference >= 0
        else _("%(amount)s fewer %(points)s are outstanding than before")
    )
    decimals = request.point_type.decimals
    headings = [_("Opening"), *(names[place] for place in shown), _("Closing")]
    table = Table(
        title=_("Month by month, %(points)s") % {"points": request.points_name},
        columns=[Column(_("Month")), *(Column(name, Kind.POINTS, decimals=decimals) for name in headings)],
        rows=lines,
        total=[_("All"), opening, *(totals[place] for place in shown), running],
        note=_(
            "Closing is opening plus every movement. Points not yet usable are included, debts are deducted. What was bought "
            "back after its end is deducted from what expired; what was refunded, from what was sold."
        ),
    )
    labels = [_label(month) for month, _parts in found]
    chart = Bars(
        title=_("Earned, redeemed and expired by month"),
        labels=labels,
        series=[
            (names[0], [parts[0] for _month, parts in found]),
            (names[3], [-parts[3] for _month, parts in found]),
            (names[4], [-parts[4] for _month, parts in found]),
        ],
    )
    standing = [
        (headings[0], opening),
        (names[0], totals[0]),
        (names[3], totals[3]),
        (names[4], totals[4]),
        (headings[-1], running),
    ]
    return document(
        request,
        title=str(DEFINITION.title),
        headline=text % {"amount": request.points(abs(difference)), "points": request.point_type.named(difference)},
        standing=[(name, request.points(amount)) for name, amount in standing],
        charts=[chart],
        tables=[table],
    )


def _label(month: Period) -> str:
    return formats.date_format(month.first, "YEAR_MONTH_FORMAT")


DEFINITION = Definition(
    code="movement",
    title=gettext_lazy("Movement of points"),
    question=gettext_lazy("How many points are outstanding, and what changed it?"),
    icon="swap_vert",
    build=build,
)
