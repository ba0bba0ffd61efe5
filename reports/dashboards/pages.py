"""The first page of the staff site: how the program is doing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from loyalty.kernel import clock, replica
from loyalty.kernel.documents import Bars, bars
from loyalty.kernel.pages import figures, menu
from programs.promotions.queries import rule_names
from programs.setup.models import PointType, Program
from reports.dashboards import queries
from reports.dashboards.queries import Standing
from reports.library.definitions import Request, promotions
from reports.library.definitions.base import rows
from reports.library.periods import Period

PERIODS = ((7, gettext_lazy("7 days")), (30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")))
MOST_PROMOTIONS = 6

menu.register(
    menu.MenuEntry(menu.OVERVIEW, 100, gettext_lazy("Dashboard"), "dashboard", "admin:index", "dashboard.view")
)


@dataclass(frozen=True, slots=True)
class Card:
    """A figure with its change; ``change`` is percent with one decimal, or unknown."""

    name: str
    figure: str
    unit: str
    change: Decimal | None
    link: str

    @property
    def change_text(self) -> str:
        """The size of the change as people read it."""
        assert self.change is not None
        return formats.number_format(abs(self.change), decimal_pos=1)


def _change(now: int | None, before: int | None) -> Decimal | None:
    if now is None or not before:
        return None
    return (Decimal(now - before) * 100 / before).quantize(Decimal("0.1"))


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Put the dashboard into the first page, for those who may see it."""
    program = Program.objects.first() if getattr(request, "program_id", None) else None
    point_type = queries.point_type() if program else None
    if "dashboard.view" not in menu.permissions(request) or program is None or point_type is None:
        return context
    days = _days(request.GET.get("days"))
    return {**context, **replica.lagging(lambda: _dashboard(program, point_type, days))}


def _dashboard(program: Program, point_type: PointType, days: int) -> dict[str, Any]:
    first_known, newest = queries.days_known(program, clock.today(program.zone))
    period, earlier = _periods(first_known, newest, days, program.zone)
    asked = Request(
        program=program, point_type=point_type, period=period, made_at=clock.now(), made_by="", language=get_language() or "en",
    )  # fmt: skip
    # A comparison with a time that began before the program did would say nothing.
    now = queries.standing(asked, period)
    before = queries.standing(asked, earlier) if earlier.first >= first_known else None
    weeks = queries.by_week(asked, period)
    return {
        "dashboard": "dashboards/_dashboard.html",
        "dashboard_title": _headline(asked, now, before),
        "period_text": asked.period_text,
        "periods": [(count, name, count == days) for count, name in PERIODS],
        "cards": _cards(asked, now, before, _report_link(period)),
        "chart": _chart(asked, weeks),
        "weeks": weeks,
        "asked": asked,
        "promotions": _promotions(asked),
        "point_decimals": point_type.decimals,
    }


def _periods(first_known: date, newest: date, days: int, zone: ZoneInfo) -> tuple[Period, Period]:
    """The last ``days`` whole days and as many before them. The newest day with a purchase may not be over yet.

    A program in its first day shows that day: there is no other.
    """
    last = max(first_known, newest - timedelta(days=1))
    first = last - timedelta(days=days - 1)
    return Period(first, last, zone), Period(first - timedelta(days=days), first - timedelta(days=1), zone)


def _days(text: str | None) -> int:
    wanted = int(text) if text and text.isdigit() else 30
    return wanted if wanted in {count for count, _name in PERIODS} else 30


def _report_link(period: Period) -> str:
    return f"{reverse('reports')}?first={period.first}&last={period.last}&report="


def _headline(asked: Request, now: Standing, before: Standing | None) -> str:
    change = _change(now.amount, before.amount) if before else None
    money = figures.money(now.amount, asked.program.currency)
    if change is None:
        return _("Members bought for %(money)s") % {"money": money}
    text = (
        _("Members bought for %(money)s, %(change)s %% more than before")
        if change >= 0
        else _("Members bought for %(money)s, %(change)s %% less than before")
    )
    return text % {"money": money, "change": formats.number_format(abs(change), decimal_pos=1)}


def _cards(asked: Request, now: Standing, before: Standing | None, link: str) -> Sequence[Card]:
    currency, name = asked.program.currency, asked.point_type.named
    basket = figures.money(now.basket, currency) if now.basket is not None else "–"
    rate = (
        formats.number_format(Decimal(now.redemption_rate) / 10, decimal_pos=1)
        if now.redemption_rate is not None
        else "–"
    )
    shown = (
        ("members", _("Members"), figures.points(now.members), "", "members"),
        ("buyers", _("Members who bought"), figures.points(now.buyers), "", "members"),
        ("purchases", _("Purchases"), figures.points(now.purchases), "", "members"),
        ("basket", _("Average purchase"), basket, "", "members"),
        ("earned", _("Earned"), asked.points(now.earned), name(now.earned), "promotions"),
        ("redeemed", _("Redeemed"), asked.points(now.redeemed), name(now.redeemed), "movement"),
        ("redemption_rate", _("Redemption rate"), rate, "%", "movement"),
        ("outstanding", _("Outstanding"), asked.points(now.outstanding), name(now.outstanding), "expiry"),
    )
    return [
        Card(
            title, figure, unit, _change(getattr(now, key), getattr(before, key)) if before else None, f"{link}{report}"
        )
        for key, title, figure, unit, report in shown
    ]


def _chart(asked: Request, weeks: Sequence[tuple[date, int, int, int]]) -> Any:
    chart = Bars(
        title=_("Points earned, redeemed and expired by week"),
        labels=[formats.date_format(week[0], "MONTH_DAY_FORMAT") for week in weeks],
        series=[
            (_("Earned"), [week[1] for week in weeks]),
            (_("Redeemed"), [week[2] for week in weeks]),
            (_("Expired"), [week[3] for week in weeks]),
        ],
    )
    return {"title": chart.title, "picture": bars(chart), "series": [name for name, _values in chart.series]}


def _promotions(asked: Request) -> list[dict[str, Any]]:
    """The promotions that gave most, with their share of the largest, for bars of one length."""
    values = {
        "point_type": asked.point_type.pk, "code": asked.point_type.code, "start": asked.period.start,
        "end": asked.period.end,
    }  # fmt: skip
    found = rows(promotions.SQL, values)[:MOST_PROMOTIONS]
    called, largest = rule_names(), max((int(row[3]) for row in found), default=0)
    return [
        {
            "name": called.get(rule, rule), "members": members, "points": int(points),
            "percent": int(points) * 100 // largest if largest else 0,
        }
        for rule, _purchases, members, points, _back in found
    ]  # fmt: skip
