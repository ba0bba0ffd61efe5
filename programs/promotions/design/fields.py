"""The kinds of fields: how each is drawn, and how what was typed becomes a value of the document."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

TEXT, LONG, WHOLE, DECIMAL, MONEY, CHOICE, NUMBERS, CODES, FLAG, TIME, MOMENT = (
    "text", "long", "whole", "decimal", "money", "choice", "numbers", "codes", "flag", "time", "moment",
)  # fmt: skip
_DECIMAL = re.compile(r"-?\d{1,12}([.,]\d{1,9})?", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0\u202f]")
MOST_CODES = 2000


@dataclass(frozen=True, slots=True)
class Option:
    """A value that may be chosen; options of one ``group`` stand together."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the document with its place, its words and how it is typed.

    :param picker: for ``codes``: the kind of things to pick from.
    :param suffix: words after the field, such as a currency.
    """

    path: str
    label: str
    kind: str
    value: Any = None
    options: Sequence[Option] = ()
    is_optional: bool = False
    picker: str = ""
    suffix: str = ""
    problem: str = ""
    shown: Sequence[tuple[str, str]] = ()

    @property
    def name(self) -> str:
        """The name of the form control."""
        return f"f:{self.path}"

    @property
    def text(self) -> str:
        """The value as it stands in a control."""
        return "" if self.value is None else str(self.value)

    @property
    def values(self) -> list[str]:
        """The values of a control that holds several, as text."""
        return [str(one) for one in self.value] if isinstance(self.value, list | tuple) else []

    def with_problem(self, problem: str) -> "Field":
        """The field with what is wrong with it."""
        return replace(self, problem=problem)


def typed(field: Field, data: Mapping[str, list[str]]) -> Any:
    """The value of a field in what was sent; nothing for an empty one. What cannot be read is kept as it was typed.

    A wrong number stays in the draft as text, so that nothing typed is lost; the language's own check says at the field
    what is wrong with it.
    """
    return _READ[field.kind](field, [text.strip() for text in data.get(field.name, [])])


def is_sent(field: Field, data: Mapping[str, list[str]]) -> bool:
    """Whether the form held the field at all; a box or a list that is empty sends nothing but its mark."""
    return field.name in data or f"{field.name}:there" in data


def _first(texts: Sequence[str]) -> str | None:
    return texts[0] if texts and texts[0] != "" else None


def _whole(field: Field, texts: Sequence[str]) -> Any:
    text = _first(texts)
    if text is None:
        return None
    plain = _SPACES.sub("", text)
    return int(plain) if re.fullmatch(r"-?\d{1,9}", plain, re.ASCII) else text


def _decimal(field: Field, texts: Sequence[str]) -> Any:
    text = _first(texts)
    if text is None:
        return None
    plain = _SPACES.sub("", text)
    return plain.replace(",", ".") if _DECIMAL.fullmatch(plain) else text


def _choice(field: Field, texts: Sequence[str]) -> Any:
    text = _first(texts)
    return text if text in {option.value for option in field.options} else None


def _codes(field: Field, texts: Sequence[str]) -> Any:
    return list(dict.fromkeys(text for text in texts if text))[:MOST_CODES] or None


def _numbers(field: Field, texts: Sequence[str]) -> Any:
    known = {option.value for option in field.options}
    return sorted(int(text) for text in set(texts) & known) or None


def _flag(field: Field, texts: Sequence[str]) -> Any:
    return True if "on" in texts else None


def _moment(field: Field, texts: Sequence[str]) -> Any:
    text = _first(texts)
    if text is None:
        return None
    return f"{text}T00:00:00" if len(text) == len("2026-01-31") else f"{text}:00" if text.count(":") == 1 else text


def _text(field: Field, texts: Sequence[str]) -> Any:
    return _first(texts)


_READ: Mapping[str, Callable[[Field, Sequence[str]], Any]] = {
    TEXT: _text, LONG: _text, WHOLE: _whole, DECIMAL: _decimal, MONEY: _decimal, CHOICE: _choice, CODES: _codes,
    FLAG: _flag, TIME: _text, MOMENT: _moment, NUMBERS: _numbers,
}  # fmt: skip
