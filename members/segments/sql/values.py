"""Values of attributes in SQL and their comparison, as ``programs.rules.comparison`` compares them in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from members.segments.sql.parameters import UNKNOWN, Parameters, decimal_of, either
from programs.rules.attributes import TIER, Attribute
from programs.rules.comparison import as_number, compile_test
from programs.rules.money import Number, whole

NUMERIC = r"^-?[0-9]+(\.[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a value may be equal to, by kind."""

    texts: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()
    booleans: tuple[bool, ...] = ()

    @classmethod
    def of(cls, values: Sequence[Any], scale: int) -> Keys:
        """The keys of written values: a number is also its text; money is compared in minor units."""
        found = [number for number in map(as_number, values) if number is not None]
        numbers = tuple(sorted({whole(number * scale) for number in found}))
        if scale != 1:
            return cls(numbers=numbers)
        texts = {str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool)}
        return cls(tuple(sorted(texts)), numbers, tuple({value for value in values if isinstance(value, bool)}))


class Value:
    """A value in SQL, missing where ``sql`` is null. The kinds below say what it can be equal to and ordered by."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def is_present(self) -> str:
        """Whether it is there: never unknown."""
        return f"({self.sql} IS NOT NULL)"

    def among(self, parameters: Parameters, keys: Keys) -> str:
        """Whether it is one of the keys; of a value that holds several: whether one of them is."""
        return self._never()

    def text(self) -> str | None:
        """It as text, where it is text or a date."""
        return None

    def number(self) -> str | None:
        """It as a number, where it can be one."""
        return None

    def written(self) -> str | None:
        """It as it is written, for its beginning."""
        return self.text()

    def place(self) -> tuple[str, str] | None:
        """Latitude and longitude, where it is a place."""
        return None

    def date(self) -> str | None:
        """It as a day, where it can be one."""
        return None

    def _never(self) -> str:
        return f"CASE WHEN {self.sql} IS NOT NULL THEN false END"


class Missing(Value):
    """What nobody has."""

    def __init__(self) -> None:
        super().__init__("NULL::text")

    def is_present(self) -> str:
        return "false"

    def among(self, parameters: Parameters, keys: Keys) -> str:
        return UNKNOWN


class TextValue(Value):
    """Text."""

    def among(self, parameters: Parameters, keys: Keys) -> str:
        return parameters.is_one_of(self.sql, keys.texts, "text") if keys.texts else self._never()

    def text(self) -> str | None:
        return self.sql

    def number(self) -> str | None:
        return f"CASE WHEN {self.sql} ~ '{NUMERIC}' THEN ({self.sql})::numeric END"

    def date(self) -> str | None:
        return _date_of(self.sql)


class NumberValue(Value):
    """A number."""

    def among(self, parameters: Parameters, keys: Keys) -> str:
        if not keys.numbers:
            return self._never()
        numbers = [decimal_of(number) for number in keys.numbers]
        return f"(({self.sql})::numeric = ANY({parameters.add(numbers, 'numeric[]')}))"

    def number(self) -> str | None:
        return self.sql

    def written(self) -> str | None:
        return f"({self.sql})::text"


class BooleanValue(Value):
    """Yes or no."""

    def among(self, parameters: Parameters, keys: Keys) -> str:
        if not keys.booleans:
            return self._never()
        return f"({self.sql} = ANY({parameters.add(list(keys.booleans), 'boolean[]')}))"

    def written(self) -> str | None:
        return f"CASE ({self.sql}) WHEN true THEN 'True' WHEN false THEN 'False' END"


class DateValue(Value):
    """A day; it orders and compares as its ISO text."""

    def among(self, parameters: Parameters, keys: Keys) -> str:
        return TextValue(self.iso()).among(parameters, keys)

    def iso(self) -> str:
        """The day as text."""
        return f"to_char({self.sql}, 'YYYY-MM-DD')"

    def text(self) -> str | None:
        return self.iso()

    def date(self) -> str | None:
        return self.sql


class TextsValue(Value):
    """Several texts; an array, never null in itself unless nothing is known."""

    def among(self, parameters: Parameters, keys: Keys) -> str:
        return f"({self.sql} && {parameters.add(list(keys.texts), 'text[]')})"

    def written(self) -> str | None:
        return None


class JsonValue(Value):
    """What a member's declared attribute holds: any kind, found out row by row. A null in the document is a missing value;
    whatever asks for the kind first has no need to look for it."""

    def __init__(self, found: str) -> None:
        super().__init__(f"nullif({found}, 'null'::jsonb)")
        self._found, self._text = found, f"({found} #>> '{{}}')"

    def among(self, parameters: Parameters, keys: Keys) -> str:
        values = [json.dumps(value) for value in (*keys.texts, *keys.booleans)]
        values += [format(decimal_of(number), "f") for number in keys.numbers]
        # An array contains the texts and numbers in it, and a single one contains itself.
        if len(values) == 1:
            return f"({self.sql} @> {parameters.add(values[0], 'jsonb')})"
        found = parameters.add(values, "text[]")
        return f"({self.sql} @> ANY({found}::jsonb[]))" if values else self._never()

    def text(self) -> str | None:
        return f"CASE WHEN jsonb_typeof({self._found}) = 'string' THEN {self._text} END"

    def number(self) -> str | None:
        return (
            f"CASE jsonb_typeof({self._found}) WHEN 'number' THEN ({self._found})::numeric "
            f"WHEN 'string' THEN CASE WHEN {self._text} ~ '{NUMERIC}' THEN {self._text}::numeric END END"
        )

    def written(self) -> str | None:
        return (
            f"CASE jsonb_typeof({self._found}) WHEN 'string' THEN {self._text} WHEN 'number' THEN {self._text} "
            f"WHEN 'boolean' THEN initcap({self._text}) WHEN 'array' THEN '' WHEN 'object' THEN '' END"
        )

    def place(self) -> tuple[str, str] | None:
        # A value that is not a number is no latitude: unknown, as a missing one.
        def part(name: str) -> str:
            return JsonValue(f"({self._found} -> '{name}')").number() or UNKNOWN

        return part("lat"), part("lon")

    def date(self) -> str | None:
        return _date_of(self.text() or "")


class EitherValue(Value):
    """The first where it is there, else the second."""

    def __init__(self, first: Value, second: Value) -> None:
        super().__init__(f"coalesce(to_jsonb({first.sql}), to_jsonb({second.sql}))")
        self.first, self.second = first, second

    def is_present(self) -> str:
        return either(self.first.is_present(), self.second.is_present())

    def chosen(self, first: str | None, second: str | None) -> str:
        """What is said of the first where it is there, else what is said of the second."""
        return f"CASE WHEN {self.first.is_present()} THEN {first or 'NULL'} ELSE {second or 'NULL'} END"

    def among(self, parameters: Parameters, keys: Keys) -> str:
        return self.chosen(self.first.among(parameters, keys), self.second.among(parameters, keys))

    def text(self) -> str | None:
        first, second = self.first.text(), self.second.text()
        return self.chosen(first, second) if first or second else None

    def number(self) -> str | None:
        first, second = self.first.number(), self.second.number()
        return self.chosen(first, second) if first or second else None

    def written(self) -> str | None:
        return self.chosen(self.first.written(), self.second.written())

    def place(self) -> tuple[str, str] | None:
        return self.first.place() or self.second.place()

    def date(self) -> str | None:
        first, second = self.first.date(), self.second.date()
        return self.chosen(first, second) if first or second else None


class TierValue(Value):
    """A tier by its key, never missing: the few values it can have are judged by the language itself."""

    def __init__(self, sql: str, codes: Mapping[int, str], ranks: Mapping[str, int]) -> None:
        super().__init__(sql)
        self._codes, self._ranks = codes, ranks

    def test(self, parameters: Parameters, cmp: str, wanted: Any) -> str:
        """Any comparison."""
        asked = compile_test(Attribute("tier", lambda view, line: view, TIER, lambda view: self._ranks), cmp, wanted, 1)
        truths = {key: asked(code, None) for key, code in self._codes.items()}
        yes = [key for key, truth in truths.items() if truth]
        unknown = [key for key, truth in truths.items() if truth is None]
        found = parameters.is_one_of(self.sql, yes, "bigint")
        if not unknown:
            return found
        return f"CASE WHEN {self.sql} <> ALL({parameters.add(unknown, 'bigint[]')}) THEN {found} END"


def _date_of(text: str) -> str:
    """The day in an ISO text; what is no day is missing."""
    start = f"left({text}, 10)"
    is_day = f"{start} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' AND pg_input_is_valid({start}, 'date')"
    return f"CASE WHEN {is_day} THEN {start}::date END"
