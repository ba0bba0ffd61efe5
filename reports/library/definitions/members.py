"""Members: how many there are, how many bought, and what each tier brings. No personal data."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel.documents import Bars, Column, Document, Kind, Table
from loyalty.kernel.documents.content import UNKNOWN
from loyalty.kernel.pages import figures
from programs.tiers.models import TierScheme
from reports.library.definitions.base import Definition, Request, document, percent, rows

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


@dataclass(frozen=True, slots=True)
class _Member:
    """One member's row."""

    number: str
    enrolled_at: datetime
    tier: str
    purchases: int
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class _Group:
    """The sums of a tier, or of all."""

    name: str
    members: int
    buyers: int
    purchases: int
    amount: int
    balance: int

    @classmethod
    def of(cls, name: str, members: Sequence[_Member]) -> "_Group":
        """The sums of these members."""
        return cls(
            name,
            len(members),
            sum(1 for one in members if one.purchases),
            sum(one.purchases for one in members),
            sum(one.amount for one in members),
            sum(one.balance for one in members),
        )


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
        _Member(number, enrolled_at, called.get(tier, lowest), purchases, int(amount), int(balance))
        for number, enrolled_at, tier, purchases, amount, balance in found
    ]
    names = [str(tier.name) for tier in tiers] or [lowest]
    by_tier = [_Group.of(name, [one for one in members if one.tier == name]) for name in names]
    report(2, 2)
    return _document(request, members, by_tier)


def _document(request: Request, members: Sequence[_Member], by_tier: Sequence[_Group]) -> Document:
    currency, decimals = request.program.currency, request.point_type.decimals
    every = _Group.of(_("All"), members)
    new = sum(1 for one in members if request.period.start <= one.enrolled_at)
    share = percent(every.buyers, every.members)
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
            rows=[astuple(group) for group in by_tier],
            total=astuple(every),
        ),
        Table(
            title=_("Member by member"),
            columns=[Column(_("Member")), Column(_("Since"), Kind.INSTANT), Column(_("Tier")), *figures_of],
            rows=[astuple(one) for one in members],
            total=[every.name, None, None, every.purchases, every.amount, every.balance],
        ),
    ]
    return document(
        request,
        title=str(DEFINITION.title),
        headline=_("%(active)s of %(all)s members bought in the period")
        % {
            "active": figures.points(every.buyers),
            "all": figures.points(every.members),
        },
        standing=[
            (_("Members"), figures.points(every.members)),
            (_("New in the period"), figures.points(new)),
            (_("Bought"), figures.points(every.buyers)),
            (_("Share that bought, %"), formats.number_format(share, decimal_pos=1) if share is not None else UNKNOWN),
        ],
        charts=[
            Bars(
                title=_("Members and buyers by tier"),
                labels=[group.name for group in by_tier],
                series=[
                    (_("Members"), [group.members for group in by_tier]),
                    (_("Bought"), [group.buyers for group in by_tier]),
                ],
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
