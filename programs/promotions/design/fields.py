"""The kinds of fields: how each is drawn, and how what was typed becomes a value of the document."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

TEXT, LONG, WHOLE, DECIMAL, MONEY, SHARE, CHOICE, BOOLEAN, NUMBERS, CODES, WORDS, FLAG, TIME, DAY, MOMENT = (
    "text", "long", "whole", "decimal", "money", "share", "choice", "boolean", "numbers", "codes", "words", "flag",
    "time", "day", "moment",
)  # fmt: skip
_DECIMAL = re.compile(r"-?\d{1,12}([.,]\d{1,9})?", re.ASCII)
_SHARE = re.compile(r"\d{1,3}(\.\d{1,9})?", re.ASCII)
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
    :param role: what else follows from another value, see :mod:`programs.promotions.design.reading`.
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
    role: str = ""

    @property
    def name(self) -> str:
        """The name of the form control."""
        return f"f:{self.path}"

    @property
    def text(self) -> str:
        """The value as it stands in a control."""
        if self.value is None:
            return ""
        if self.kind == BOOLEAN:
            return "true" if self.value is True else "false"
        if self.kind == WORDS and isinstance(self.value, list | tuple):
            return ", ".join(str(one) for one in self.value)
        if self.kind == SHARE and _SHARE.fullmatch(str(self.value)):
            return f"{(Decimal(str(self.value)) * 100).normalize():f}"
        return str(self.value)

    @property
    def is_quiet(self) -> bool:
        """Whether beside others the value says by itself what it is; its label is read aloud only."""
        return self.kind in (CHOICE, BOOLEAN, CODES, NUMBERS) or self.path.endswith("/value")

    @property
    def offered(self) -> list[Option]:
        """What may be chosen: also what stands here already and is offered no more, so that it stays."""
        if self.text in {option.value for option in self.options}:
            return [*self.options]
        # Without an empty choice a browser would choose the first one by itself.
        return [Option(self.text, self.text or "–"), *self.options]

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


def is_same(was: Any, value: Any) -> bool:
    """Whether what was typed means what stood there: 50 is 50.00, and the order of a choice means nothing."""
    if isinstance(was, list) and isinstance(value, list):
        return sorted(map(str, was)) == sorted(map(str, value))
    if isinstance(was, bool) or isinstance(value, bool) or not isinstance(was, str | int):
        return bool(was == value)
    if str(was).strip() == str(value):
        return True
    both = [str(one) for one in (was, value)]
    return all(_DECIMAL.fullmatch(one) and "," not in one for one in both) and Decimal(both[0]) == Decimal(both[1])


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
    return text if text in {option.value for option in field.offered} else None


def _boolean(field: Field, texts: Sequence[str]) -> Any:
    return {"true": True, "false": False}.get(_first(texts) or "")


def _share(field: Field, texts: Sequence[str]) -> Any:
    """Percents are typed, the language has shares of one."""
    typed_text = _decimal(field, texts)
    if typed_text is None or not _DECIMAL.fullmatch(typed_text):
        return typed_text
    return f"{(Decimal(typed_text) / 100).normalize():f}"


def _words(field: Field, texts: Sequence[str]) -> Any:
    found = [word.strip() for text in texts for word in text.split(",")]
    return list(dict.fromkeys(word for word in found if word)) or None


def _long(field: Field, texts: Sequence[str]) -> Any:
    text = _first(texts)
    return text if text is None else text.replace("\r\n", "\n")


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
    TEXT: _text, LONG: _long, WHOLE: _whole, DECIMAL: _decimal, MONEY: _decimal, SHARE: _share, CHOICE: _choice,
    BOOLEAN: _boolean, CODES: _codes, WORDS: _words, FLAG: _flag, TIME: _text, DAY: _text, MOMENT: _moment,
    NUMBERS: _numbers,
}  # fmt: skip
