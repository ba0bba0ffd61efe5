"""Columns of many rows as PostgreSQL reads arrays: written whole, where the driver would look at each value by itself."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from struct import Struct
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_NULL = b"\xff\xff\xff\xff"
_HEAD, _LENGTH = Struct(">iiIii").pack, Struct(">i").pack
_BIG, _INT, _SMALL, _BYTE = (Struct(f">i{code}").pack for code in "qihb")
_BEGINNING, _FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC), date(2000, 1, 1).toordinal()
_A_DAY, _A_SECOND = 86_400_000_000, 1_000_000


class BinaryArray(bytes):
    """An array as it travels; there is a class for each type of elements, which tells the driver."""


class _BinaryArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: BinaryArray) -> Buffer:
        return obj


def _big(value: int) -> bytes:
    return _BIG(8, value)


def _int(value: int) -> bytes:
    return _INT(4, value)


def _small(value: int) -> bytes:
    return _SMALL(2, value)


def _bool(value: bool) -> bytes:
    return _BYTE(1, value)


def _bytes(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


def _text(value: str) -> bytes:
    return _bytes(value.encode())


def _uuid(value: uuid.UUID) -> bytes:
    return _bytes(value.bytes)


def _date(value: date) -> bytes:
    return _INT(4, value.toordinal() - _FIRST_DAY)


def _instant(value: datetime) -> bytes:
    since = value - _BEGINNING
    return _BIG(8, since.days * _A_DAY + since.seconds * _A_SECOND + since.microseconds)


# How a value of a type is written, and the number by which PostgreSQL knows the type.
_TYPES: dict[str, tuple[Callable[[Any], bytes], int]] = {
    "bigint": (_big, 20),
    "integer": (_int, 23),
    "smallint": (_small, 21),
    "boolean": (_bool, 16),
    "bytea": (_bytes, 17),
    "text": (_text, 25),
    "varchar": (_text, 1043),
    "uuid": (_uuid, 2950),
    "date": (_date, 1082),
    "timestamp with time zone": (_instant, 1184),
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
    if values.count(first) == len(values):
        body = (_NULL if first is None else write(first)) * len(values)
    else:
        body = b"".join([_NULL if value is None else write(value) for value in values])
    return _ARRAYS[type_name](_HEAD(1, None in values, number, len(values), 1) + body)
