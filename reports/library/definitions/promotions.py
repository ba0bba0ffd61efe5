"""Promotions: what each rule gave, to how many members, and what returns took back of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel.documents import Bars, Column, Document, Kind, Table
from programs.promotions.queries import rule_names
from reports.library.definitions.base import Definition, Request, document, percent, rows

SQL = """
WITH given AS (
  SELECT l.rule, count(DISTINCT l.entry_id) AS purchases, count(DISTINCT l.wallet_id) AS members, sum(l.amount) AS points
  FROM members_lot l JOIN members_wallet w ON w.id = l.wallet_id
  WHERE w.point_type_id = %(point_type)s AND l.rule <> '' AND l.earned_at >= %(start)s AND l.earned_at < %(end)s
  GROUP BY l.rule
), back AS (
  SELECT part->>0 AS rule, sum((part->>3)::bigint) AS points
  FROM members_evaluation v JOIN members_return r ON r.id = v.returned_id
  CROSS JOIN LATERAL jsonb_array_elements(v.outcome->'reversed') AS part
  WHERE v.kind = 'return' AND part->>2 = %(code)s AND r.occurred_at >= %(start)s AND r.occurred_at < %(end)s
  GROUP BY 1
)
SELECT coalesce(g.rule, b.rule), coalesce(g.purchases, 0), coalesce(g.members, 0), coalesce(g.points, 0), coalesce(b.points, 0)
FROM given g FULL JOIN back b ON b.rule = g.rule ORDER BY 4 DESC, 1
"""


def build(request: Request, report: Callable[[int, int], None]) -> Document:
    """What each promotion gave in the period."""
    period = request.period
    values = {
        "point_type": request.point_type.pk, "code": request.point_type.code, "start": period.start, "end": period.end,
    }  # fmt: skip
    found = rows(SQL, values)
    report(1, 1)
    called = rule_names()
    given = sum(int(row[3]) for row in found)
    lines = [
        [called.get(rule, rule), purchases, members, int(points), -int(back), int(points) - int(back),
         percent(int(points), given), request.value_of(int(points) - int(back))]
        for rule, purchases, members, points, back in found
    ]  # fmt: skip
    decimals, currency = request.point_type.decimals, request.program.currency
    back = sum(int(row[4]) for row in found)
    table = Table(
        title=_("By promotion, %(points)s") % {"points": request.points_name},
        columns=[
            Column(_("Promotion")),
            Column(_("Purchases"), Kind.NUMBER),
            Column(_("Members"), Kind.NUMBER),
            Column(_("Given"), Kind.POINTS, decimals=decimals),
            Column(_("Taken back"), Kind.POINTS, decimals=decimals),
            Column(_("Net"), Kind.POINTS, decimals=decimals),
            Column(_("Share of given"), Kind.PERCENT),
            Column(_("Value of net"), Kind.MONEY, currency=currency),
        ],
        rows=lines,
        total=[_("All"), None, None, given, -back, given - back, None, request.value_of(given - back)],
        note=_("What was taken back counts in the period of the return."),
    )
    return document(
        request,
        title=str(DEFINITION.title),
        headline=_headline(request, found, called),
        standing=[
            (_("Given"), request.points(given)),
            (_("Taken back"), request.points(-back)),
            (_("Net"), request.points(given - back)),
        ],
        charts=[
            Bars(
                title=_("Points given by promotion"),
                labels=[line[0] for line in lines[:6]],
                series=[(request.points_name, [line[3] for line in lines[:6]])],
            )
        ],
        tables=[table],
    )


def _headline(request: Request, found: Sequence[Sequence[Any]], called: Mapping[str, str]) -> str:
    if not found:
        return _("No promotion gave anything")
    rule, points = found[0][0], int(found[0][3])
    return _("“%(name)s” gave the most: %(amount)s %(points)s") % {
        "name": called.get(rule, rule), "amount": request.points(points), "points": request.point_type.named(points),
    }  # fmt: skip


DEFINITION = Definition(
    code="promotions",
    title=gettext_lazy("Promotions"),
    question=gettext_lazy("What did each promotion give, to how many?"),
    icon="campaign",
    build=build,
)
