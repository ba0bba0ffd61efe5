"""Members: how many there are, how many bought, and what each tier brings. No personal data."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel.documents import Bars, Column, Document, Kind, Table
from loyalty.kernel.pages import figures
from programs.tiers.models import TierScheme
from reports.library.definitions.base import Definition, Request, document, rows

_SQL = """
SELECT m.number, m.enrolled_at, t.id, coalesce(p.purchases, 0), coalesce(p.amount, 0), coalesce(w.active, 0) - coalesce(w.debt, 0)
FROM members_member m
JOIN members_account_member am ON am.member_id = m.id AND am.is_primary
LEFT JOIN members_wallet w ON w.account_id = am.account_id AND w.point_type_id = %(point_type)s
LEFT JOIN members_member_tier mt ON mt.member_id = m.id AND mt.ended_at IS NULL AND mt.scheme_id = %(scheme)s
LEFT JOIN programs_tier t ON t.id = mt.tier_id
LEFT JOIN (
  SELECT member_id, count(*) AS purchases, sum(amount - returned_amount) AS amount FROM members_purchase
  WHERE occurred_at >= %(start)s AND occurred_at < %(end)s GROUP BY member_id
) p ON p.member_id = m.id
WHERE m.enrolled_at < %(end)s
ORDER BY m.number
"""


def build(request: Request, report: Callable[[int, int], None]) -> Document:
    """One line a tier, and one a member."""
    period = request.period
    scheme = TierScheme.objects.filter(archived_at__isnull=True).order_by("code").first()
    tiers = list(scheme.tiers.order_by("rank")) if scheme else []
    found = rows(
        _SQL,
        {
            "point_type": request.point_type.pk, "scheme": scheme.pk if scheme else None,
            "start": period.start, "end": period.end,
        },
    )  # fmt: skip
    report(1, 2)
    called = {tier.pk: str(tier.name) for tier in tiers}
    lowest = str(tiers[0].name) if tiers else _("All")
    members = [
        [number, enrolled_at, called.get(tier, lowest), purchases, int(amount), int(balance)]
        for number, enrolled_at, tier, purchases, amount, balance in found
    ]
    names = [str(tier.name) for tier in tiers] or [lowest]
    by_tier = []
    for name in names:
        of_tier = [row for row in members if row[2] == name]
        sums = [sum(row[place] for row in of_tier) for place in (3, 4, 5)]
        by_tier.append([name, len(of_tier), sum(1 for row in of_tier if row[3]), *sums])
    report(2, 2)
    return _document(request, members, by_tier)


def _document(request: Request, members: list[list[object]], by_tier: list[list[object]]) -> Document:
    currency, decimals = request.program.currency, request.point_type.decimals
    active = sum(row[2] for row in by_tier)  # type: ignore[misc]
    new = sum(1 for row in members if request.period.start <= row[1] < request.period.end)  # type: ignore[operator]
    share = active * 1000 // len(members) / 10 if members else 0  # type: ignore[operator]
    totals = [sum(row[place] for row in by_tier) for place in range(1, 6)]  # type: ignore[misc]
    figures_of = [
        Column(_("Purchases"), Kind.NUMBER),
        Column(_("Amount, net of returns"), Kind.MONEY, currency=currency),
        Column(_("Balance now"), Kind.POINTS, decimals=decimals),
    ]
    tables = [
        Table(
            title=_("By tier"),
            columns=[
                Column(_("Tier")),
                Column(_("Members"), Kind.NUMBER),
                Column(_("Bought"), Kind.NUMBER),
                *figures_of,
            ],
            rows=by_tier,
            total=[_("All"), *totals],
        ),
        Table(
            title=_("Member by member"),
            columns=[Column(_("Member")), Column(_("Since"), Kind.INSTANT), Column(_("Tier")), *figures_of],
            rows=members,
            total=[_("All"), None, None, *totals[2:]],
        ),
    ]
    return document(
        request,
        title=str(DEFINITION.title),
        headline=_("%(active)s of %(all)s members bought in the period")
        % {
            "active": figures.points(active),
            "all": figures.points(len(members)),
        },
        standing=[
            (_("Members"), figures.points(len(members))),
            (_("New in the period"), figures.points(new)),
            (_("Bought"), figures.points(active)),  # type: ignore[arg-type]
            (_("Share that bought, %"), f"{share}"),
        ],
        charts=[
            Bars(
                title=_("Members and buyers by tier"),
                labels=[str(row[0]) for row in by_tier],
                series=[(_("Members"), [row[1] for row in by_tier]), (_("Bought"), [row[2] for row in by_tier])],  # type: ignore[misc]
            )
        ],
        tables=tables,
    )


DEFINITION = Definition(
    code="members",
    title=gettext_lazy("Members"),
    question=gettext_lazy("How many members are there, and how many buy?"),
    icon="group",
    build=build,
)
