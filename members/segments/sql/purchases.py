"""Attributes of earlier purchases and of their lines, net of returns (C13), as history and filters read them."""

from __future__ import annotations

from datetime import date

from members.segments.sql.ground import Ground
from members.segments.sql.parameters import Parameters
from members.segments.sql.sight import Sight
from members.segments.sql.values import BooleanValue, Missing, NumberValue, TextsValue, TextValue, Value

KEPT = "(l.quantity - l.returned_quantity)"
PAID = "(l.amount - l.returned_amount)"
LIST = f"round(l.list_amount * {KEPT} / l.quantity)::bigint"
# Whole pieces are separate units; any other line is one unit (C16).
UNITS = f"(CASE WHEN l.unit = 'piece' AND {KEPT} > 1 AND {KEPT} = trunc({KEPT}) THEN {KEPT}::bigint ELSE 1 END)"
# Halves go up; whole-number division, so that nothing is rounded twice.
EX_TAX = (
    f"(CASE WHEN coalesce(pr.tax_rate, 0) = 0 THEN {PAID} "
    f"ELSE div(200 * {PAID} + 100 + pr.tax_rate, 2 * (100 + pr.tax_rate))::bigint END)"
)
TOTALS = {"amount": PAID, "list_amount": LIST, "amount_ex_tax": EX_TAX, "amount_without_points": PAID, "units": UNITS}
MONEY_OF_LINES = {
    "paid": PAID, "amount": PAID, "amount_without_points": PAID, "list_amount": LIST, "amount_ex_tax": EX_TAX,
    "discount": f"({LIST} - {PAID})", "unit_price": f"({LIST} / {KEPT})",
}  # fmt: skip
MONEY_OF_PURCHASES = ("amount", "list_amount", "amount_ex_tax", "amount_without_points", "paid_with_points")
# The sums that need the lines; what was paid stands on the purchase too.
NEED_LINES = ("list_amount", "amount_ex_tax", "units", "lines")
CLOCK = {
    "weekday": "extract(isodow FROM {clock})::int",
    "hour": "extract(hour FROM {clock})::int",
    "month": "extract(month FROM {clock})::int",
    "day": "extract(day FROM {clock})::int",
}
OWN = {"channel": "p.channel", "payment": "nullif(p.payment, '')", "currency": "p.currency"}
OF_PLACE = {
    "store": "lo.code", "store_group": "nullif(lo.\"group\", '')", "region": "lr.code", "partner": "lp.code",
}  # fmt: skip
OF_LINE = {"line_id": "l.line_id", "sku": "l.sku", "product": "pr.sku", "brand": "pr.brand", "unit": "l.unit"}


def products(program: str) -> str:
    """Products as rules know them: the program's own wins over a shared one, categories with all their parents."""
    return (
        "(SELECT DISTINCT ON (a.sku) a.sku, nullif(a.brand, '') AS brand, a.tax_rate, "
        "(SELECT array_agg(array_to_string(n.parts[1:i], '.')) FROM generate_subscripts(n.parts, 1) i) AS categories "
        "FROM programs_product a JOIN programs_category k ON k.id = a.category_id "
        "CROSS JOIN LATERAL (SELECT string_to_array(k.code, '.') AS parts) n "
        f"WHERE a.program_id = {program} OR a.program_id IS NULL ORDER BY a.sku, a.program_id NULLS LAST)"
    )


class PurchaseSight(Sight):
    """One earlier purchase by the alias ``p`` with its member.

    :param totals: how the sum of the kept lines is said, by name; where a sum is not there, ``p`` carries it.
    """

    def __init__(self, ground: Ground, parameters: Parameters, totals: str) -> None:
        super().__init__(ground, parameters)
        self._totals = totals
        self.reads_totals = False

    def clock(self) -> str:
        self._place()
        zone = self.parameters.add(self.ground.settings.timezone, "text")
        return f"(p.occurred_at AT TIME ZONE coalesce(nullif(lo.timezone, ''), {zone}))"

    def day(self) -> str:
        return f"{self.clock()}::date"

    def today(self) -> date | None:
        return None

    def instant(self) -> str:
        return "p.occurred_at"

    def member(self, rest: str) -> Value:
        self.join("member", f"JOIN members_member m ON m.id = p.member_id AND m.program_id = {self.program}")
        return super().member(rest)

    def segment(self, code: str) -> str:
        self.join("member", f"JOIN members_member m ON m.id = p.member_id AND m.program_id = {self.program}")
        return super().segment(code)

    def attribute(self, path: str) -> Value:
        entity, _, rest = path.partition(".")
        return self.purchase(rest) if entity == "txn" else super().attribute(path)

    def purchase(self, rest: str) -> Value:
        """An attribute of the purchase; what is not kept of it is missing."""
        if rest in OWN:
            return TextValue(OWN[rest])
        if rest in OF_PLACE:
            self._place()
            return TextValue(OF_PLACE[rest])
        if rest in TOTALS or rest == "lines":
            self.reads_totals = True
            return NumberValue(f"{self._totals}.kept_{rest}")
        if rest in CLOCK:
            return NumberValue(CLOCK[rest].format(clock=self.clock()))
        if rest in ("date", "time"):
            form = "YYYY-MM-DD" if rest == "date" else "HH24:MI"
            return TextValue(f"to_char({self.clock()}, '{form}')")
        if rest == "paid_with_points":
            return NumberValue("0::bigint")
        return TextsValue("'{}'::text[]") if rest == "coupons" else Missing()

    def _place(self) -> None:
        self.join(
            "place",
            "LEFT JOIN programs_location lo ON lo.id = p.location_id "
            "LEFT JOIN programs_region lr ON lr.id = lo.region_id LEFT JOIN partners_partner lp ON lp.id = lo.partner_id",
        )


class LineSight(PurchaseSight):
    """One kept line of an earlier purchase by the alias ``l``, its product by ``pr``."""

    def attribute(self, path: str) -> Value:
        entity, _, rest = path.partition(".")
        return self.line(rest) if entity == "line" else super().attribute(path)

    def line(self, rest: str) -> Value:
        """An attribute of the line; what is not kept of it is missing."""
        if rest in MONEY_OF_LINES:
            return NumberValue(MONEY_OF_LINES[rest])
        if rest in OF_LINE:
            return TextValue(OF_LINE[rest])
        if rest == "categories":
            return TextsValue("coalesce(pr.categories, '{}'::text[])")
        if rest == "on_sale":
            return BooleanValue(f"({PAID} < {LIST})")
        numbers = {"number": "l.number", "qty": KEPT, "tax_rate": "pr.tax_rate", "units": UNITS}
        return NumberValue(numbers[rest]) if rest in numbers else Missing()


def is_money(path: str) -> bool:
    """Whether rules compare the attribute in minor units."""
    entity, _, rest = path.partition(".")
    return rest in (MONEY_OF_PURCHASES if entity == "txn" else MONEY_OF_LINES if entity == "line" else ())
