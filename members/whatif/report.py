"""A simulation as a document: the page, the PDF and the spreadsheet show the same figures."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from loyalty.kernel import registries
from loyalty.kernel.documents import Bars, Column, Document, Figure, Kind, Table
from loyalty.kernel.pages import figures
from members.profiles.models import Member
from members.whatif.models import Simulation
from members.whatif.tally import DISCOUNT, OPERATOR
from programs.promotions.queries import rule_names
from programs.setup.models import PointType, Program

# More days than this are drawn by the week: a bar of less than a pixel says nothing.
MOST_DAYS_DRAWN = 100
WEEK = 7


class Report:
    """What a finished simulation says, in the active language."""

    def __init__(self, simulation: Simulation) -> None:
        assert simulation.result is not None, "it is done"
        self.simulation = simulation
        self.found: Mapping[str, Any] = simulation.result
        self.program = Program.objects.get()
        self.types = list(PointType.objects.order_by("position", "id"))
        self.main = next(one for one in self.types if one.is_spendable)
        self.names = rule_names()

    def document(self) -> Document:
        """The whole report."""
        first, last = (date.fromisoformat(self.found[name]) for name in ("first", "last"))
        return Document(
            title=_("Simulation of “%(promotion)s”") % {"promotion": self.simulation.promotion.name},
            headline=self.headline(),
            program=str(self.program.name),
            period=f"{figures.short_date(first)} – {figures.short_date(last)}",
            zone=self.program.zone,
            made_at=self.simulation.recorded_at,
            made_by=str(self.simulation.requested_by or self.program.name),
            language=get_language() or "en",
            figures=self.figures(),
            charts=self.charts(),
            tables=[self._rules(), self._payers(), self._affected(), *self._budgets(), self._days()],
            notes=self.notes(),
        )

    def headline(self) -> str:
        """The answer in a sentence."""
        count = self.found["members"]
        gives = self._given(self.found["gives"]) or _("nothing")
        return ngettext(
            "Version %(version)s would have given %(gives)s to %(count)s member",
            "Version %(version)s would have given %(gives)s to %(count)s members",
            count,
        ) % {"version": self.simulation.version_number, "gives": gives, "count": figures.points(count)}

    def _given(self, amounts: Mapping[str, int]) -> str:
        said = [
            f"{figures.points(amounts[one.code], one.decimals)} {one.named(amounts[one.code])}"
            for one in self.types
            if amounts.get(one.code)
        ]
        if amounts.get(DISCOUNT):
            said.append(self._money(amounts[DISCOUNT]))
        return ", ".join(said)

    def _money(self, units: int) -> str:
        return str(figures.money(units, self.program.currency))

    def figures(self) -> list[Figure]:
        """The figures that decide."""
        found = self.found
        shown = [
            Figure(_("It gives"), self._given(found["gives"]) or "0"),
            Figure(_("Cost against now"), self._money(found["cost"])),
            Figure(_("Members reached"), figures.points(found["members"])),
            Figure(_("Members who win"), figures.points(found["winners"])),
            Figure(_("Members who lose"), figures.points(found["losers"])),
        ]
        for budget in found["budgets"]:
            if budget["period"] == "lifetime":
                shown.append(Figure(_("Budget “%(id)s”") % budget, self._budget_text(budget)))
        return shown

    def _budget_text(self, budget: Mapping[str, Any]) -> str:
        if budget["ended"]:
            return _("used up on %(day)s") % {"day": figures.short_date(date.fromisoformat(budget["ended"]))}
        return _("%(percent)s %% used") % {"percent": 100 * budget["used"] // max(1, budget["maximum"])}

    def charts(self) -> list[Bars]:
        """What was given day by day, without and with the draft; and what is used of its budgets."""
        labels, groups = self._groups()
        before, after = (
            [sum(self.found["days"][place][side].get(self.main.code, 0) for place in group) for group in groups]
            for side in (1, 2)
        )
        scale = 10**self.main.decimals
        more = sum(after) - sum(before)
        change = f"{'+' if more >= 0 else '−'}{figures.points(abs(more), self.main.decimals)}"
        facts = {"type": capfirst(str(self.main)), "change": change}
        title = _("%(type)s without the draft and with it: %(change)s in all") % facts
        series = [(_("Now"), [one // scale for one in before]), (_("With the draft"), [one // scale for one in after])]
        charts = [Bars(title, labels, series)]
        for budget in self.found["budgets"]:
            column = self._measure(budget, _("Used"))
            used = [int(column.value(budget["days"][group[-1]])) for group in groups]
            most = figures.points(int(column.value(budget["maximum"])))
            heading = _("Used of the budget “%(id)s”, which holds %(most)s") % {"id": budget["id"], "most": most}
            charts.append(Bars(heading, labels, [(_("Used"), used)]))
        return charts

    def _groups(self) -> tuple[list[str], list[range]]:
        days = self.found["days"]
        step = 1 if len(days) <= MOST_DAYS_DRAWN else WEEK
        groups = [range(place, min(place + step, len(days))) for place in range(0, len(days), step)]
        return [date_format(date.fromisoformat(days[group[0]][0]), "j M") for group in groups], groups

    def notes(self) -> list[str]:
        """How it was reckoned."""
        return [
            _(
                "This is what it would have cost for what people did buy. It does not guess that they would have bought more."
            ),
            _("Tiers, segments and earlier purchases are those that were recorded; goods given back are left out."),
            _("Rules of now count as if they had always run, and limits and budgets start unused on the first day."),
        ]

    def _points(self, title: str) -> Column:
        return Column(f"{title}, {self.main}", Kind.POINTS, decimals=self.main.decimals)

    def _measure(self, budget: Mapping[str, Any], title: str) -> Column:
        if budget["measure"] == "uses":
            return Column(title, Kind.NUMBER)
        if budget["measure"] == "value":
            return Column(title, Kind.MONEY, currency=self.program.currency)
        kind = next((one for one in self.types if one.code == budget["type"]), self.main)
        return Column(title, Kind.POINTS, decimals=kind.decimals)

    def _rules(self) -> Table:
        hits = self.found["hits"]
        rows = []
        for one in self.found["rules"]:
            before, after = (one[side].get(self.main.code, 0) for side in ("before", "after"))
            share = 100 * one["together"] / hits if hits else 0
            rows.append([self.names.get(one["rule"], one["rule"]), one["fired"], before, after, after - before, share])
        rows.sort(key=lambda row: -abs(row[4]))
        return Table(
            _("Rule by rule"),
            [
                Column(_("Rule")), Column(_("Purchases"), Kind.NUMBER), self._points(_("Now")),
                self._points(_("With the draft")), self._points(_("Change")),
                Column(_("Of the draft’s purchases"), Kind.PERCENT),
            ],
            rows,
        )  # fmt: skip

    def _payers(self) -> Table:
        codes = [code for code, _cost in self.found["payers"] if code not in (OPERATOR, "OPERATOR")]
        names = registries.funding().partner_names(codes)
        rows = [[names.get(code, code) or _("the operator"), cost] for code, cost in self.found["payers"]]
        named = [[_("the operator") if name == "OPERATOR" else name, cost] for name, cost in rows]
        cost = Column(_("Cost against now"), Kind.MONEY, currency=self.program.currency)
        return Table(_("Who pays"), [Column(_("Payer")), cost], named, total=[_("Together"), self.found["cost"]])

    def _affected(self) -> Table:
        found: Sequence[Mapping[str, Any]] = self.found["affected"]
        numbers = dict(Member.objects.filter(pk__in=[one["member"] for one in found]).values_list("pk", "number"))
        rows = [
            [numbers.get(one["member"], "–"), one["hits"], one["change"].get(self.main.code, 0), one["value"]]
            for one in found
        ]
        value = Column(_("Worth"), Kind.MONEY, currency=self.program.currency)
        columns = [
            Column(_("Member")), Column(_("Purchases"), Kind.NUMBER), self._points(_("Change")), value,
        ]  # fmt: skip
        return Table(_("Members most affected"), columns, rows)

    def _budgets(self) -> list[Table]:
        return [
            Table(
                _("Used of the budget “%(id)s”") % budget,
                [Column(_("Day"), Kind.DATE), self._measure(budget, _("Used"))],
                [
                    [date.fromisoformat(day[0]), used]
                    for day, used in zip(self.found["days"], budget["days"], strict=True)
                ],
            )
            for budget in self.found["budgets"]
        ]

    def _days(self) -> Table:
        code = self.main.code
        rows = [
            [date.fromisoformat(day), before.get(code, 0), after.get(code, 0)]
            for day, before, after in self.found["days"]
        ]
        columns = [Column(_("Day"), Kind.DATE), self._points(_("Now")), self._points(_("With the draft"))]
        return Table(_("Day by day"), columns, rows)
