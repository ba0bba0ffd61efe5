"""Random conditions over everything that a segment can read, the same for the same seed."""

from collections.abc import Callable
from random import Random
from typing import Any

ORDER = ("eq", "ne", "gt", "gte", "lt", "lte")
TIERS = ("BASIC", "SILVER", "GOLD", "NOBODY")
SPECS = 72

SEGMENTS = ["VIP", "STAFF", "REGULARS", "GUESTS", "NONE"]


class Generator:
    """Conditions one after another; histories come from a pool, so that a member's are computed once."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.specs = [self._spec(number) for number in range(SPECS)]

    def condition(self, depth: int = 3) -> dict[str, Any]:
        """A condition of at most ``depth`` levels of groups."""
        random = self.random
        if depth and random.random() < 0.55:
            kind = random.choice(["all", "any", "none", "not", "at_least"])
            parts = [self.condition(depth - 1) for _ in range(random.randrange(1, 4))]
            more = {"n": random.randrange(1, len(parts) + 1)} if kind == "at_least" else {}
            return {"op": kind, "of": parts, **more}
        leaves: list[Callable[[], dict[str, Any]]] = [
            self._member, self._member, self._member, self._history, self._history, self._compare, self._other,
        ]  # fmt: skip
        return random.choice(leaves)()

    def _member(self) -> dict[str, Any]:
        pick = self.random.choice
        cmp = pick(ORDER)
        dates = ["1990-06-01", "2004-02-28", "1975-12-31"]
        found: dict[str, Any] = pick(
            [
                {"attr": "member.age", "cmp": cmp, "value": pick([18, 30, "41", 65])},
                {"attr": "member.age", "cmp": "between", "value": [18, 40]},
                {"attr": "member.birthday", "cmp": cmp, "value": pick(dates)},
                {"attr": "member.birthday", "cmp": "in", "value": dates},
                {"attr": "member.birthday", "cmp": "between", "value": ["1980-01-01", "1999-12-31"]},
                {"attr": "member.birthday", "cmp": pick(["is_missing", "is_present"])},
                {"attr": "member.birthday", "cmp": "gte", "value": "19"},
                {"attr": "member.city", "cmp": pick(["eq", "ne"]), "value": pick(["Kraków", "Łódź", ""])},
                {"attr": "member.city", "cmp": "starts_with", "value": pick(["Kr", ["W", "Ł"]])},
                {"attr": "member.city", "cmp": pick(["gt", "lte"]), "value": "Kraków"},
                {"attr": "member.city", "cmp": pick(["is_missing", "is_present"])},
                {"attr": "member.language", "cmp": pick(["in", "not_in"]), "value": ["pl", "ru"]},
                {"attr": "member.region", "cmp": pick(["eq", "ne", "is_missing"]), "value": "NORTH"},
                {"attr": "member.since", "cmp": cmp, "value": pick(["2025-03-01", "2023-06-15"])},
                {
                    "attr": pick(["member.tier", "member.tier.SIDE", "member.tier.NONE"]),
                    "cmp": cmp,
                    "value": pick(TIERS),
                },
                {"attr": "member.tier", "cmp": pick(["in", "not_in"]), "value": [pick(TIERS), pick(TIERS)]},
                {"attr": "member.tier", "cmp": "between", "value": ["BASIC", "SILVER"]},
                {"attr": "member.tier", "cmp": pick(["is_missing", "is_present"])},
                {
                    "attr": "member.segments",
                    "cmp": pick(["overlaps", "disjoint", "contains_all"]),
                    "value": ["VIP", "STAFF", "REGULARS", "GUESTS"],
                },
                {"attr": "member.segments", "cmp": pick(["in", "is_missing"]), "value": ["VIP"]},
                {"attr": "member.consent.EMAIL", "cmp": pick(["eq", "ne"]), "value": pick([True, False])},
                {"attr": "member.consent.SMS", "cmp": pick(["is_missing", "is_present"])},
                {"attr": "member.consent.OTHER", "cmp": "eq", "value": True},
                {"attr": "member.balance.STATUS", "cmp": cmp, "value": pick(["0.50", "1.25", "19.39", 1])},
                {"attr": "member.balance.POINTS", "cmp": cmp, "value": pick([0, 50, 65])},
                {"attr": "member.shoe", "cmp": cmp, "value": pick([40, "40", "large", "41.5", 42])},
                {"attr": "member.shoe", "cmp": pick(["in", "not_in"]), "value": [40, "large", True]},
                {"attr": "member.shoe", "cmp": "between", "value": pick([[38, "42"], ["a", "m"]])},
                {"attr": "member.shoe", "cmp": "starts_with", "value": pick(["4", "Tr", "la"])},
                {"attr": "member.shoe", "cmp": pick(["is_missing", "is_present"])},
                {
                    "attr": "member.tags",
                    "cmp": pick(["overlaps", "disjoint", "contains_all"]),
                    "value": pick([["a", "b"], [7]]),
                },
                {"attr": "member.tags", "cmp": pick(["eq", "ne"]), "value": pick(["a", "c", True, 7, "7"])},
                {"attr": "member.nested.deep", "cmp": pick(["eq", "ne", "gte", "is_missing"]), "value": pick(["x", 5])},
                {"attr": "member.nested.deep.deeper", "cmp": "eq", "value": "y"},
                {"attr": "member.place", "cmp": "within_km", "value": {"lat": "52.23", "lon": "21.01", "km": "40"}},
                {"attr": "member.blank", "cmp": pick(["is_missing", "eq", "ne"]), "value": "x"},
                {"attr": "member.nobody", "cmp": pick(["is_present", "ne"]), "value": "x"},
            ]
        )
        return {"op": "test", **(found if found["cmp"] not in ("is_missing", "is_present") else _valueless(found))}

    def _spec(self, number: int) -> dict[str, Any]:
        random, pick = self.random, self.random.choice
        measures = ["amount", "units", "purchases", "days", "days_since_last", "events", "points", "streak",
                    "distinct:sku", "distinct:categories", "distinct:brand", "distinct:number"]  # fmt: skip
        measure = measures[number % len(measures)]
        spec: dict[str, Any] = {"op": "history", "measure": measure}
        if measure == "streak":
            spec["window"] = {"this": pick(["day", "week", "month", "quarter", "year"])}
        elif random.random() < 0.8:
            spec["window"] = self._window()
        if measure == "events":
            return {**spec, "event": pick(["REVIEW", "SURVEY", "NONE"])}
        if measure == "points":
            spec["point_type"] = pick(["POINTS", "STATUS"])
        if random.random() < 0.5:
            spec["where"] = self._filter(of_lines=True)
        if random.random() < 0.35:
            spec["txn_where"] = self._filter(of_lines=False)
        return spec

    def _window(self) -> dict[str, Any]:
        pick = self.random.choice
        period = pick(["day", "week", "month", "quarter", "year"])
        return pick(
            [
                {"last_days": pick([1, 2, 7, 30, 90])}, {"last_months": pick([1, 3, 12])},
                {"last_hours": pick([1, 24, 50])}, {"this": period}, {"previous": period}, {"since": "2025-12-24"},
            ]
        )  # fmt: skip

    def _filter(self, *, of_lines: bool, depth: int = 2) -> dict[str, Any]:
        random = self.random
        if depth and random.random() < 0.4:
            kind = random.choice(["all", "any", "none", "at_least"])
            parts = [self._filter(of_lines=of_lines, depth=depth - 1) for _ in range(random.randrange(1, 3))]
            return {"op": kind, "of": parts, **({"n": len(parts)} if kind == "at_least" else {})}
        return self._line_test() if of_lines and random.random() < 0.75 else self._purchase_test()

    def _line_test(self) -> dict[str, Any]:
        pick = self.random.choice
        found: dict[str, Any] = pick(
            [
                {
                    "attr": "line.categories",
                    "cmp": pick(["overlaps", "disjoint"]),
                    "value": [pick(["food", "sport", "none"])],
                },
                {"attr": "line.categories", "cmp": "contains_all", "value": ["food", "food.cheese"]},
                {"attr": "line.product", "cmp": pick(["in", "not_in"]), "value": ["SKU1", "SKU2", "SKU12"]},
                {"attr": "line.product", "cmp": pick(["is_missing", "is_present"])},
                {"attr": "line.sku", "cmp": "starts_with", "value": "SKU1"},
                {"attr": "line.brand", "cmp": pick(["eq", "ne", "is_missing"]), "value": "Alpha"},
                {"attr": "line.qty", "cmp": pick(ORDER), "value": pick(["1", "1.5", 2])},
                {"attr": "line.units", "cmp": pick(ORDER), "value": 2},
                {"attr": "line.unit", "cmp": "eq", "value": "kg"},
                {"attr": "line.paid", "cmp": pick(ORDER), "value": pick(["5.00", "9.99", "12.345"])},
                {"attr": "line.unit_price", "cmp": pick(ORDER), "value": pick(["5.00", "10.00"])},
                {"attr": "line.list_amount", "cmp": "gte", "value": "10.00"},
                {"attr": "line.amount_ex_tax", "cmp": pick(ORDER), "value": pick(["8.13", "4.07"])},
                {"attr": "line.discount", "cmp": "gt", "value": "0"},
                {"attr": "line.on_sale", "cmp": "eq", "value": True},
                {"attr": "line.tax_rate", "cmp": pick(ORDER), "value": "8.5"},
                {"attr": "line.number", "cmp": "eq", "value": 1},
                {"attr": "line.color", "cmp": "ne", "value": "red"},
            ]
        )
        return {"op": "test", **(found if found["cmp"] not in ("is_missing", "is_present") else _valueless(found))}

    def _purchase_test(self) -> dict[str, Any]:
        pick = self.random.choice
        schedule = pick(
            [
                {"weekdays": [1, 5, 6]}, {"times": [["22:00", "06:00"]], "weekdays": [6, 7]}, {"times": [["09:00", "12:30"]]},
                {"month_days": [1, -1, 15]}, {"dates": ["02-28", "2026-02-14"]}, {"blackout": ["12-24"], "from": "2025-06-01"},
                {"to": "2026-02-01T12:00:00", "weekdays": [1, 2, 3, 4]},
            ]
        )  # fmt: skip
        found: dict[str, Any] = pick(
            [
                {"attr": "txn.amount", "cmp": pick(ORDER), "value": pick(["10.00", "19.99"])},
                {"attr": "txn.list_amount", "cmp": "gte", "value": "20.00"},
                {"attr": "txn.amount_ex_tax", "cmp": "lt", "value": "15.00"},
                {"attr": "txn.units", "cmp": pick(ORDER), "value": 3},
                {"attr": "txn.lines", "cmp": pick(ORDER), "value": 2},
                {"attr": "txn.channel", "cmp": pick(["in", "not_in"]), "value": ["online"]},
                {"attr": "txn.payment", "cmp": pick(["eq", "ne"]), "value": "card"},
                {"attr": "txn.store", "cmp": pick(["in", "not_in"]), "value": ["L1", "L2"]},
                {"attr": "txn.store_group", "cmp": pick(["eq", "ne"]), "value": "big"},
                {"attr": "txn.region", "cmp": pick(["eq", "is_missing"]), "value": "NORTH"},
                {"attr": "txn.partner", "cmp": "is_missing"},
                {"attr": "txn.coupons", "cmp": "disjoint", "value": ["C"]},
                {"attr": "txn.weekday", "cmp": "in", "value": [6, 7]},
                {"attr": "txn.hour", "cmp": pick(ORDER), "value": 12},
                {"attr": "txn.month", "cmp": "eq", "value": 2},
                {"attr": "txn.day", "cmp": "lte", "value": 10},
                {"attr": "txn.date", "cmp": pick(ORDER), "value": "2026-02-20"},
                {"attr": "txn.time", "cmp": "lt", "value": "12:00"},
                {"attr": "member.age", "cmp": "gte", "value": 30},
                {"attr": "member.tier", "cmp": "gte", "value": "SILVER"},
                {"attr": "member.shoe", "cmp": "eq", "value": 40},
                {"op": "in_segment", "segment": "VIP"},
                {"op": "birthday_within", "before": 20, "after": 20},
                {"op": "during", "schedule": schedule},
            ]
        )
        if "op" in found:
            return found
        return {"op": "test", **(found if found["cmp"] not in ("is_missing", "is_present") else _valueless(found))}

    def _history(self) -> dict[str, Any]:
        spec = self.random.choice(self.specs)
        values = ["5.00", "19.99", "49.995", "120.00"] if spec["measure"] == "amount" else [0, 1, 2, 4, 12]
        return {**spec, "cmp": self.random.choice(ORDER), "value": self.random.choice(values)}

    def _number(self, depth: int = 2) -> Any:
        pick = self.random.choice
        if depth and self.random.random() < 0.5:
            kind = pick(["add", "sub", "mul", "div", "min", "max"])
            return {"op": kind, "of": [self._number(depth - 1) for _ in range(pick([1, 2, 2, 3]))]}
        attribute = pick(["member.age", "member.balance.STATUS", "member.shoe", "member.city"])
        return pick([pick(["0.4", "3", 7, "-2"]), self.random.choice(self.specs), {"op": "attr", "attr": attribute}])

    def _compare(self) -> dict[str, Any]:
        return {"op": "compare", "left": self._number(), "cmp": self.random.choice(ORDER), "right": self._number()}

    def _other(self) -> dict[str, Any]:
        pick = self.random.choice
        day = {"attr": pick(["member.birthday", "member.joined", "member.since", "member.nobody"])}
        near = {"before": pick([0, 3, 60]), "after": pick([0, 3, 180])}
        schedule = pick(
            [{"weekdays": [7]}, {"weekdays": [1, 2]}, {"times": [["11:00", "12:00"]]}, {"to": "2026-01-01"}]
        )
        return pick(
            [
                {"op": "birthday_within", **near}, {"op": "anniversary_within", **day, **near},
                {"op": "anniversary_within", **day, **near}, {"op": "in_segment", "segment": pick(SEGMENTS)},
                {"op": "purchase_number", "cmp": "gte", "value": 2}, {"op": "true"},
                {"op": "streak_weeks", "cmp": pick(ORDER), "value": pick([1, 2, 3])}, {"op": "during", "schedule": schedule},
            ]
        )  # fmt: skip


def _valueless(test: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in test.items() if name != "value"}
