"""Columns of many rows as PostgreSQL reads arrays: written whole, where the driver would look at each value by itself."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from struct import Struct
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format
from psycopg.types.numeric import DecimalBinaryDumper

Column = Callable[[Sequence[Any]], list[bytes]]
_NULL = b"\xff\xff\xff\xff"
_HEAD, _LENGTH = Struct(">iiIii").pack, Struct(">i").pack
_BIG, _INT, _SMALL, _BYTE = (Struct(f">i{code}").pack for code in "qihb")
_BEGINNING, _FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC), date(2000, 1, 1).toordinal()
_A_DAY, _A_SECOND = 86_400_000_000, 1_000_000
_DECIMALS = DecimalBinaryDumper(Decimal)


class BinaryArray(bytes):
    """An array as it travels; there is a class for each type of elements, which tells the driver."""


class _BinaryArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: BinaryArray) -> Buffer:
        return obj


def _numbers(size: int, pack: Callable[[int, Any], bytes]) -> Column:
    def write(values: Sequence[Any]) -> list[bytes]:
        return [_NULL if value is None else pack(size, value) for value in values]

    return write


def _bytes(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


def _each_once(write: Callable[[Any], bytes]) -> Column:
    """Of values that come by again and again."""

    def written(values: Sequence[Any]) -> list[bytes]:
        known = {value: _NULL if value is None else write(value) for value in set(values)}
        return [known[value] for value in values]

    return written


def _blobs(values: Sequence[bytes | None]) -> list[bytes]:
    return [_NULL if value is None else _bytes(value) for value in values]


def _uuid(value: uuid.UUID) -> bytes:
    return _bytes(value.bytes)


def _date(value: date) -> bytes:
    return _INT(4, value.toordinal() - _FIRST_DAY)


def _instant(value: datetime) -> bytes:
    since = value - _BEGINNING
    return _BIG(8, since.days * _A_DAY + since.seconds * _A_SECOND + since.microseconds)


def _instants(values: Sequence[datetime | None]) -> list[bytes]:
    """Rows of one fact stand together and share its instant. (Equal ones need not be the same: of a doubled hour.)"""
    found, last, written = [], None, _NULL
    for value in values:
        if value is not last:
            last, written = value, _NULL if value is None else _instant(value)
        found.append(written)
    return found


@lru_cache(maxsize=4096)
def _decimal(text: str) -> bytes:
    dumped = _DECIMALS.dump(Decimal(text))
    assert dumped is not None, text
    return _bytes(bytes(dumped))


def _decimals(values: Sequence[Decimal | int | None]) -> list[bytes]:
    # By their texts: equal decimals may be written with more zeros or fewer.
    return [_NULL if value is None else _decimal(str(value)) for value in values]


_texts = _each_once(lambda value: _bytes(value.encode()))
# How values of a type are written, and the number by which PostgreSQL knows the type.
_TYPES: dict[str, tuple[Column, int]] = {
    "bigint": (_numbers(8, _BIG), 20),
    "integer": (_numbers(4, _INT), 23),
    "smallint": (_numbers(2, _SMALL), 21),
    "boolean": (_numbers(1, _BYTE), 16),
    "bytea": (_blobs, 17),
    "numeric": (_decimals, 1700),
    "text": (_texts, 25),
    "varchar": (_texts, 1043),
    "uuid": (_each_once(_uuid), 2950),
    "date": (_each_once(_date), 1082),
    "timestamp with time zone": (_instants, 1184),
}
_ARRAYS: dict[str, type[BinaryArray]] = {}


def _register(type_name: str) -> None:
    known = psycopg.adapters.types.get(type_name)
    assert known is not None, type_name
    kind = _ARRAYS[type_name] = type("BinaryArray", (BinaryArray,), {})
    dumper = type("BinaryArrayDumper", (_BinaryArrayDumper,), {"oid": known.array_oid})
    psycopg.adapters.register_dumper(kind, dumper)


for _type_name in _TYPES:
    _register(_type_name)


def column(type_name: str, values: Sequence[Any]) -> BinaryArray | list[Any]:
    """The values as an array of a type; a list, for the driver to write, where the type is a rarer one."""
    known = _TYPES.get(type_name)
    if known is None or not values:
        return list(values)
    write, number = known
    first = values[0]
    is_one = write is not _instants and values.count(first) == len(values)
    body = write([first])[0] * len(values) if is_one else b"".join(write(values))
    return _ARRAYS[type_name](_HEAD(1, None in values, number, len(values), 1) + body)


def documents(values: Sequence[bytes | None]) -> BinaryArray:
    """Texts that are encoded already, and long, as an array of texts."""
    body = b"".join(_blobs(values))
    return _ARRAYS["text"](_HEAD(1, None in values, _TYPES["text"][1], len(values), 1) + body)
