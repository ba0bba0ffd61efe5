"""Promotions of a grocery chain and baskets for them: the same ones every time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from programs.rules import Context, Line, MemberView, ProgramSettings, Purchase, RuleSet, needs

SEED = 20261204
DEPARTMENTS = 12
CATEGORIES = 72
PRODUCTS = 2400
TIERS = ("basic", "silver", "gold", "platinum")
RANKS = {tier: rank for rank, tier in enumerate(TIERS)}
CHANNELS = ("shop", "web", "app")
STORES = 40
SEGMENTS = 24
SETTINGS = ProgramSettings(groups={"thresholds": "best", "hours": "best", "welcome": "first"})

Document = dict[str, Any]


def test(attr: str, cmp: str, value: Any) -> Document:
    return {"op": "test", "attr": attr, "cmp": cmp, "value": value}


def earn(formula: Document, where: Document | None = None) -> Document:
    return {"effect": "earn", "formula": formula, **({} if where is None else {"where": where})}


def category(code: int) -> str:
    return f"d{code % DEPARTMENTS}.c{code}"


def in_category(code: int) -> Document:
    return test("line.categories", "overlaps", [category(code)])


def rate(points: str, per: str) -> Document:
    return {"kind": "rate", "points": points, "per": per}


def fixed(points: str) -> Document:
    return {"kind": "fixed", "points": points}


def times(factor: str) -> Document:
    return {"kind": "multiply", "factor": factor}


def _has_line(where: Document) -> Document:
    return {"op": "lines", "where": where, "measure": "lines", "cmp": "gte", "value": 1}


def _base(random: Random) -> Document:
    return {"phase": "base", "then": [earn(rate("1", "10.00"))]}


def _category_points(random: Random) -> Document:
    where = in_category(random.randrange(CATEGORIES))
    return {"when": _has_line(where), "then": [earn(rate("2", "5.00"), where)]}


def _category_multiplier(random: Random) -> Document:
    where = in_category(random.randrange(CATEGORIES))
    return {"when": _has_line(where), "then": [earn(times(random.choice(["2", "3"])), where)]}


def _happy_hours(random: Random) -> Document:
    start = random.randrange(7, 20)
    schedule = {"weekdays": random.sample(range(1, 8), 2), "times": [[f"{start:02d}:00", f"{start + 2:02d}:00"]]}
    return {"schedule": schedule, "then": [earn(times("2"))], "group": "hours"}


def _segment(random: Random) -> Document:
    audience = {"op": "in_segment", "segment": f"s{random.randrange(SEGMENTS)}"}
    return {"audience": audience, "then": [earn(fixed("15"))], "when": test("txn.amount", "gte", "40.00")}


def _tier(random: Random) -> Document:
    audience = test("member.tier", "gte", random.choice(TIERS[1:]))
    where = in_category(random.randrange(CATEGORIES))
    return {"audience": audience, "when": _has_line(where), "then": [earn(rate("1", "2.00"), where)]}


def _welcome(random: Random) -> Document:
    number = random.choice([{"cmp": "eq", "value": 1}, {"every": 10}, {"cmp": "lte", "value": 3}])
    return {"when": {"op": "purchase_number", **number}, "then": [earn(fixed("100"))], "group": "welcome"}


def _loyal_to_category(random: Random) -> Document:
    code = random.randrange(CATEGORIES)
    where = in_category(code)
    audience = {
        "op": "history",
        "measure": random.choice(["amount", "purchases", "units"]),
        "where": in_category((code + 5) % CATEGORIES),
        "window": {"last_days": random.choice([30, 60, 90])},
        "cmp": "gte",
        "value": 2,
    }
    return {
        "audience": audience,
        "when": _has_line(where),
        "then": [earn(rate("3", "10.00"), where)],
        "limits": [{"id": "month", "scope": "member", "period": "month", "measure": "points", "max": "100000"}],
    }


def _product_list(random: Random) -> Document:
    where = test("line.sku", "in", [f"p{number}" for number in random.sample(range(PRODUCTS), 20)])
    return {"when": _has_line(where), "then": [earn({"kind": "per_unit", "points": "5"}, where)]}


def _threshold(random: Random) -> Document:
    amount = test("txn.amount", "gte", f"{random.randrange(20, 300)}.00")
    when = {"op": "all", "of": [amount, test("txn.channel", "in", [random.choice(CHANNELS)])]}
    return {"when": when, "then": [earn(fixed("25"))], "group": "thresholds"}


def _store(random: Random) -> Document:
    stores = [f"shop-{number}" for number in random.sample(range(STORES), 5)]
    return {"when": test("txn.store", "in", stores), "then": [earn(rate("1", "20.00"))]}


# How many of each kind a hundred promotions hold.
KINDS = (
    (_base, 1),
    (_category_points, 22),
    (_category_multiplier, 10),
    (_happy_hours, 10),
    (_segment, 8),
    (_tier, 8),
    (_welcome, 3),
    (_loyal_to_category, 8),
    (_product_list, 20),
    (_threshold, 6),
    (_store, 4),
)


def promotions(count: int) -> list[Document]:
    """``count`` promotions in the proportions above; there is always one base rule."""
    random = Random(SEED)
    found: list[Document] = []
    for make, share in KINDS:
        for _ in range(1 if make is _base else share * count // 100):
            rule_id = f"R{len(found):04d}"
            found.append({"schema": "promo/1", "id": rule_id, "priority": random.randrange(1, 9), **make(random)})
    return found


def _line(random: Random, number: int) -> Line:
    product = random.randrange(PRODUCTS)
    code = product % CATEGORIES
    qty = random.choice([1, 1, 1, 2, 3])
    paid = random.randrange(90, 3000) * qty
    return Line(
        str(number), number, sku=f"p{product}", categories=("all", f"d{code % DEPARTMENTS}", category(code)),
        brand=f"b{product % 60}", qty=Decimal(qty), paid=paid, list_amount=paid,
    )  # fmt: skip


def context(ruleset: RuleSet, random: Random, lines: int) -> Context:
    """A purchase with all that its candidate rules read; values of the history are known, as in a stored context."""
    at = datetime(2026, 12, 4, 6, tzinfo=UTC) + timedelta(minutes=random.randrange(7 * 24 * 60))
    purchase = Purchase(
        at=at,
        lines=tuple(_line(random, number) for number in range(1, lines + 1)),
        channel=random.choice(CHANNELS),
        store=f"shop-{random.randrange(STORES)}",
        payment="card",
        currency="PLN",
    )
    member = MemberView(
        id=f"m{random.randrange(10_000)}",
        tier=random.choice(TIERS),
        tier_ranks=RANKS,
        segments=frozenset(f"s{number}" for number in random.sample(range(SEGMENTS), 3)),
        birthday=date(1990, 5, 1),
    )
    wanted = needs(ruleset, purchase, member)
    specs = {spec.key: spec for rule in ruleset.rules for spec in rule.reads.history.values()}
    return Context(
        member=member,
        purchase=purchase,
        purchases_before=random.choice([0, 4, 9, 30]),
        used_limits={need.counter: random.randrange(90) for need in wanted.limits},
        history_values={key: random.choice([0, 1, 3, 5000]) for key in specs},
    )


def contexts(ruleset: RuleSet, count: int, *, lines: int = 8) -> list[Context]:
    """The same purchases every time."""
    random = Random(SEED + 1)
    return [context(ruleset, random, lines) for _ in range(count)]
