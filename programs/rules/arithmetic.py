"""Numbers of rules: constants, attributes, history and + - x / min max over them; a missing part makes None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from programs.rules.attributes import MONEY, attribute
from programs.rules.comparison import as_number
from programs.rules.compiler import Compiler
from programs.rules.money import Number
from programs.rules.view import Truth

NumberOf: TypeAlias = Callable[[Any], Number | None]


def compile_number(compiler: Compiler, document: Any, condition: Callable[[Mapping[str, Any]], Truth]) -> NumberOf:
    """A closure over a view giving an exact number in the unit a person writes (currency, whole points)."""
    if not isinstance(document, Mapping):
        number = as_number(document)
        assert number is not None, document
        return lambda view: number
    kind = document["op"]
    if kind == "history":
        spec = compiler.history_spec(document, condition)
        return spec.value
    if kind == "attr":
        return _attribute_number(compiler, document["attr"])
    return _operation(kind, [compile_number(compiler, part, condition) for part in document["of"]])


def _attribute_number(compiler: Compiler, path: str) -> NumberOf:
    compiler.reads(path)
    found = attribute(path)
    scale = compiler.settings.money_scale if found.kind == MONEY else 1

    def number(view: Any) -> Number | None:
        value = as_number(found.get(view, None))
        return value if value is None or scale == 1 else Fraction(value) / scale

    return number


def _operation(kind: str, parts: list[NumberOf]) -> NumberOf:
    combine = OPERATIONS[kind]

    def number(view: Any) -> Number | None:
        values: list[Number] = []
        for part in parts:
            value = part(view)
            if value is None:
                return None
            values.append(value)
        result = values[0] if len(values) > 1 or kind != "sub" else -values[0]
        for value in values[1:]:
            combined = combine(result, value)
            if combined is None:
                return None
            result = combined
        return result

    return number


OPERATIONS: dict[str, Callable[[Number, Number], Number | None]] = {
    "add": lambda first, second: first + second,
    "sub": lambda first, second: first - second,
    "mul": lambda first, second: first * second,
    "div": lambda first, second: Fraction(first) / Fraction(second) if second else None,
    "min": lambda first, second: min(first, second),
    "max": lambda first, second: max(first, second),
}
