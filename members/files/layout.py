"""How a file of purchases is written: one line of text for every line of a receipt, and a last line with the totals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loyalty.kernel.errors import Refusal

END = "#END"
MANY = "|"


class FileRefused(Refusal):
    """The file as a whole cannot be trusted: nothing of it is taken in."""

    code = "files.damaged"


class UnknownColumn(FileRefused):
    """A heading that means nothing here."""

    code = "files.unknown_column"


class ColumnTwice(FileRefused):
    """The same heading two times."""

    code = "files.column_twice"


class ColumnMissing(FileRefused):
    """Without a column that every file needs."""

    code = "files.column_missing"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how long its text may be, and whether every file has it."""

    name: str
    longest: int
    is_needed: bool = False


# What is said of the whole receipt stands the same in each of its lines.
OF_PURCHASE = (
    Column("external_id", 120, is_needed=True),
    Column("member_kind", 20),
    Column("member", 200, is_needed=True),
    Column("at", 40, is_needed=True),
    Column("currency", 3),
    Column("store", 40),
    Column("till", 40),
    Column("channel", 20),
    Column("payment", 40),
    Column("basket_discount", 30),
    Column("paid_with_points", 30),
    Column("coupons", 1300),
)
OF_LINE = (
    Column("line_id", 40),
    Column("sku", 60, is_needed=True),
    Column("qty", 30),
    Column("unit", 10),
    Column("amount", 30),
    Column("unit_price", 30),
    Column("discount", 30),
    Column("promotion_discount", 30),
    Column("categories", 2500),
    Column("brand", 80),
    Column("tax_rate", 30),
)
COLUMNS: Mapping[str, Column] = {column.name: column for column in (*OF_PURCHASE, *OF_LINE)}
MONEY = ("basket_discount", "paid_with_points", "amount", "unit_price", "discount", "promotion_discount")


@dataclass(frozen=True, slots=True)
class Totals:
    """What the last line says that the file holds; the sum as it is written."""

    purchases: int
    lines: int
    amount: str


def places(heading: Sequence[str]) -> list[str]:
    """The columns in the order of the file.

    :raises FileRefused: a column is unknown, missing, or stands there twice.
    """
    names = [name.strip().lower() for name in heading]
    while names and not names[-1]:
        names.pop()
    for place, name in enumerate(names):
        if name not in COLUMNS:
            raise UnknownColumn(column=name[:60], known=", ".join(COLUMNS))
        if name in names[:place]:
            raise ColumnTwice(column=name)
    for column in COLUMNS.values():
        if column.is_needed and column.name not in names:
            raise ColumnMissing(column=column.name)
    if not {"amount", "unit_price"} & set(names):
        raise ColumnMissing(column="amount")
    return names
