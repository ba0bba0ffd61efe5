"""The constants of a statement. SQL text never holds a value that somebody wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from programs.rules.compiler import decimal_text
from programs.rules.money import Number

UNKNOWN = "NULL::boolean"
# So many comparisons take less time than looking into an array once.
FEW = 3


class Parameters:
    """Constants by name, equal ones under one name, so that a piece of text may stand in several places.

    :param prefix: of the names; statements that become one have different ones.
    """

    def __init__(self, prefix: str = "p") -> None:
        self._prefix = prefix
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, Any] = {}

    @property
    def values(self) -> Mapping[str, Any]:
        """All constants by name, as the driver takes them."""
        return self._values

    def add(self, value: Any, cast: str) -> str:
        """The place of a constant of an SQL type."""
        key = (cast, repr(value))
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"{self._prefix}{len(self._names)}"
            self._values[name] = value
        return f"%({name})s::{cast}"

    def is_one_of(self, sql: str, values: Sequence[Any], cast: str) -> str:
        """Whether a value of an SQL type is one of these."""
        if 0 < len(values) <= FEW:
            return either(*[f"{sql} = {self.add(value, cast)}" for value in values])
        return f"({sql} = ANY({self.add(list(values), f'{cast}[]')}))"

    def number(self, value: Number) -> str:
        """The place of an exact number; whole ones stay whole, on which everything is faster."""
        if type(value) is int and abs(value) < 2**62:
            return self.add(value, "bigint")
        return self.add(decimal_of(value), "numeric")


def decimal_of(value: Number) -> Decimal:
    """A number that was written as a decimal, as such."""
    return Decimal(decimal_text(value))


def both(*parts: str) -> str:
    """All of the parts, in three-valued logic; those that are always true are left out."""
    kept = [part for part in parts if part != "true"]
    return f"({' AND '.join(kept)})" if kept else "true"


def either(*parts: str) -> str:
    """Any of the parts, in three-valued logic."""
    kept = [part for part in parts if part != "false"]
    return f"({' OR '.join(kept)})" if kept else "false"
