"""A file in tables of the database session: streamed in by COPY, gone with the session that took it in.

Nothing of it is kept: whoever goes on after a worker died streams the file in again, which is a small part of the work.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import IO, Any, NamedTuple

from django.db import connection, transaction

from loyalty.kernel import money
from members.files import layout
from members.files.layout import FileRefused, Totals
from members.files.reading import Reading

_NAMES = tuple(layout.COLUMNS)
_NUMBER = "^-?[0-9]{1,16}([.][0-9]{1,12})?$"
# Of a cell so short no part can have too many digits, and counting them takes three times as long.
_SHORT, _SHORT_NUMBER = 13, "^-?[0-9]+([.][0-9]+)?$"
_INSTANT = r"^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$"
_FIGURES = (*layout.MONEY, "qty", "tax_rate")
# What a line means where it does not say, and what is asked of each receipt.
_OWN = {"member_kind": "'card'", "currency": "%(currency)s"}
_ALWAYS = frozenset({*_OWN, "store"})
LARGEST_FIGURES = 17
LINES_A_PART = 500
_ESCAPED = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}
_CURRENCY = re.compile("[A-Z]{3}")


class WrongTotal(FileRefused):
    """The last line says something else than the file holds."""

    code = "files.wrong_total"


class SumTooLarge(FileRefused):
    """More money than can be counted."""

    code = "files.sum_too_large"


class Counted(NamedTuple):
    """What a file holds; the sum of its figures in units of ``places`` decimals, ``currency`` empty where there are several."""

    purchases: int
    lines: int
    amount: int
    currency: str
    places: int


class Staged(NamedTuple):
    """A file in the session's tables: what it holds, and the columns of its lines; the others are empty in all of them."""

    counted: Counted
    columns: tuple[str, ...]


class StagedLine(NamedTuple):
    """One line of one purchase: its number in the file, and the cells of the line, those that are not empty."""

    number: int
    cells: dict[str, str]


class StagedPurchase(NamedTuple):
    """One purchase of the file; ``amount`` is what its lines cost, in minor units. Its card may name nobody any more.

    ``cells`` are those that say the same in each of its lines, as far as they are not empty.
    """

    external_id: str
    member_id: int | None
    amount: int
    cells: dict[str, str]
    lines: Sequence[StagedLine]


def fill(content: IO[bytes], *, currency: str, exponent: int) -> Staged:
    """Stream a file into the session's tables, and see that it is whole.

    :raises FileRefused: it cannot be read, is cut off, or its totals are wrong.
    """
    # One transaction: a file that is refused leaves nothing behind in the session.
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("intake_raw", "intake_line", "intake_purchase", "intake_reject", "intake_member"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        every = ", ".join(f"{name} text NOT NULL DEFAULT ''" for name in _NAMES)
        cursor.execute(f"CREATE TEMPORARY TABLE intake_raw (line bigint NOT NULL, {every})")
        reading = Reading(content)
        totals = _copy(cursor, reading)
        places = _places(cursor, currency)
        columns = tuple(name for name in _NAMES if name in reading.names or name in _ALWAYS)
        cursor.execute(_lines_statement(places, columns), {"currency": currency, "exponent": exponent})
        cursor.execute("DROP TABLE pg_temp.intake_raw")
        cursor.execute(_PURCHASES)
        cursor.execute("SELECT count(*), coalesce(sum(lines), 0), coalesce(sum(paid), 0) FROM pg_temp.intake_purchase")
        purchases, lines, amount = cursor.fetchone()
        _compare(totals, purchases, lines, amount)
        cursor.execute("CREATE INDEX ON pg_temp.intake_line (external_id)")
        cursor.execute("CREATE INDEX ON pg_temp.intake_purchase (ordinal)")
        cursor.execute("CREATE INDEX ON pg_temp.intake_purchase (external_id)")
        # Nobody else does it for tables of a session.
        cursor.execute("ANALYZE pg_temp.intake_line (external_id, line)")
        cursor.execute("ANALYZE pg_temp.intake_purchase")
    most = max(places.values(), default=exponent)
    units = int(Decimal(amount).scaleb(most))
    if abs(units) > money.LARGEST:
        raise SumTooLarge()
    only = "" if len(places) > 1 else next(iter(places), currency)
    return Staged(Counted(purchases, lines, units, only, most), columns)


def _places(cursor: Any, currency: str) -> dict[str, int]:
    """The decimals of every currency in the file; what is none is told of with its receipt."""
    cursor.execute("SELECT DISTINCT coalesce(nullif(currency, ''), %s) FROM pg_temp.intake_raw ORDER BY 1", [currency])
    return {code: money.exponent(code) for (code,) in cursor.fetchall() if _CURRENCY.fullmatch(code)}


def _copy(cursor: Any, reading: Reading) -> Totals:
    rows = reading.rows()
    first = next(rows, None)
    if first is not None:
        names = ", ".join(reading.names)
        with cursor.cursor.copy(f"COPY pg_temp.intake_raw (line, {names}) FROM STDIN") as copy:
            found = chain([first], rows)
            while lines := [_written(number, cells) for number, cells in islice(found, LINES_A_PART)]:
                copy.write("".join(lines))
    assert reading.totals is not None, "a reading that ends without totals refuses the file"
    return reading.totals


def _written(number: int, cells: Sequence[str]) -> str:
    """A line as COPY reads it. Hardly any cell holds a character that it would take for its own."""
    text = "\t".join(cells)
    if text.count("\t") >= len(cells) or "\\" in text or "\n" in text or "\r" in text:
        text = "\t".join([cell.translate(_ESCAPED) for cell in cells])
    return f"{number}\t{text}\n"


def _compare(totals: Totals, purchases: int, lines: int, amount: Decimal) -> None:
    """Refuse a file that holds something else than its last line says."""
    figures = (("purchases", str(totals.purchases), purchases), ("lines", str(totals.lines), lines))
    for what, said, found in figures:
        if said != str(found):
            raise WrongTotal(column=what, said=said, found=str(found))
    said = totals.amount
    whole, _point, part = said.removeprefix("-").partition(".")
    is_number = said.isascii() and (whole + part).isdigit() and len(whole) <= LARGEST_FIGURES
    if not is_number or Decimal(said) != amount:
        raise WrongTotal(column="amount", said=said[:40], found=f"{amount:f}")


def _lines_statement(places: Mapping[str, int], columns: Collection[str]) -> str:
    """What the cells of these columns mean, as far as they mean anything: a figure or an instant that is none stays empty.

    Many lines are of one instant, which is read once. Without OFFSET the planner would read it in each line, and figures twice.
    """
    figures = ", ".join(
        f"CASE WHEN CASE WHEN octet_length({name}) <= {_SHORT} THEN {name} ~ '{_SHORT_NUMBER}' ELSE {name} ~ '{_NUMBER}' END "
        f"THEN {name}::numeric END AS {name}_n" if name in columns
        else f"NULL::numeric AS {name}_n"
        for name in _FIGURES
    )  # fmt: skip
    cells = ", ".join(
        f"coalesce(nullif({name}, ''), {_OWN[name]}) AS {name}" if name in _OWN else name for name in columns
    )
    # Only letters: see _CURRENCY.
    decimals = " ".join(f"WHEN '{code}' THEN {number}" for code, number in places.items())
    return f"""
    CREATE TEMPORARY TABLE intake_line AS
    SELECT *, coalesce(
        amount_n, round(coalesce(nullif(qty_n, 0), 1) * unit_price_n, places) - coalesce(discount_n, 0)
      ) AS paid
    FROM (SELECT *, {f"CASE currency {decimals} ELSE %(exponent)s END" if decimals else "%(exponent)s"} AS places FROM (
      SELECT line, {cells}, {figures}, instant
      FROM pg_temp.intake_raw JOIN (
        SELECT at,
               CASE WHEN at ~ '{_INSTANT}' AND pg_input_is_valid(at, 'timestamptz') THEN at::timestamptz END AS instant
        FROM (SELECT DISTINCT at FROM pg_temp.intake_raw) said OFFSET 0
      ) read USING (at) OFFSET 0
    ) cells) read
    """


# The order of time, of the file where two are of the same instant: it depends on nothing but the file, so that whoever goes
# on after another finds the same chunks.
_PURCHASES = """
CREATE TEMPORARY TABLE intake_purchase AS
SELECT first.external_id, first.line AS first_line, first.member_kind, first.member, first.instant, first.currency,
       first.store, count.paid, count.lines,
       row_number() OVER (ORDER BY first.instant, first.line) - 1 AS ordinal,
       NULL::bigint AS member_id, false AS is_known, false AS is_rejected
FROM (
  SELECT min(line) AS line, sum(paid) AS paid, count(*) AS lines FROM pg_temp.intake_line GROUP BY external_id
) count JOIN pg_temp.intake_line first USING (line)
"""


class Chunks:
    """The chunks of the file, of which one can be read ahead."""

    def __init__(self, size: int, exponent: int, columns: Sequence[str]) -> None:
        self._size, self._exponent, self._columns = size, exponent, columns
        self._ahead: dict[int, list[StagedPurchase]] = {}

    def of(self, number: int) -> list[StagedPurchase]:
        """The purchases of a chunk that were not rejected."""
        self.read(number)
        return self._ahead.pop(number)

    def read(self, number: int) -> list[StagedPurchase]:
        """A chunk that will be asked for; one behind the last is empty."""
        if number not in self._ahead:
            self._ahead[number] = chunk(number * self._size, self._size, exponent=self._exponent, columns=self._columns)
        return self._ahead[number]


def chunk(first: int, size: int, *, exponent: int, columns: Sequence[str]) -> list[StagedPurchase]:
    """The purchases of a chunk that were not rejected."""
    of_purchase, of_line = _columns_of(layout.OF_PURCHASE, columns), _columns_of(layout.OF_LINE, columns)
    chosen = "p.ordinal >= %s AND p.ordinal < %s AND NOT p.is_rejected"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.ordinal, l.line, {", ".join(f"l.{name}" for name in of_line)}
            FROM pg_temp.intake_purchase p JOIN pg_temp.intake_line l USING (external_id)
            WHERE {chosen} ORDER BY p.ordinal, l.line""",
            [first, first + size],
        )
        lines = {
            ordinal: [StagedLine(row[1], _written_cells(of_line, row[2:])) for row in rows]
            for ordinal, rows in groupby(cursor.fetchall(), itemgetter(0))
        }
        cursor.execute(
            f"""SELECT p.ordinal, p.member_id, p.paid, {", ".join(f"l.{name}" for name in of_purchase)}
            FROM pg_temp.intake_purchase p
            JOIN pg_temp.intake_line l ON l.external_id = p.external_id AND l.line = p.first_line
            WHERE {chosen} ORDER BY p.ordinal""",
            [first, first + size],
        )
        found = []
        for ordinal, member_id, paid, *cells in cursor.fetchall():
            said = _written_cells(of_purchase, cells)
            found.append(
                StagedPurchase(said["external_id"], member_id, money.to_units(paid, exponent), said, lines[ordinal])
            )
    return found


def _columns_of(group: Sequence[layout.Column], columns: Collection[str]) -> list[str]:
    return [column.name for column in group if column.name in columns]


def _written_cells(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells by column, those that are not empty: of most lines all of them."""
    found = dict(zip(columns, cells, strict=True))
    return {name: cell for name, cell in found.items() if cell} if "" in cells else found


def drop() -> None:
    """Free the session of the tables."""
    with connection.cursor() as cursor:
        for table in ("intake_line", "intake_purchase", "intake_reject", "intake_member"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
