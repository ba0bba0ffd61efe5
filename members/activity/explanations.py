"""The explanation of a decision as it is kept: JSON that is packed, for most of it is the same in every purchase of a day.

Unpacked, it would be nine tenths of what the books write about a purchase.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, overload

import msgspec
from django.db import models
from isal import isal_zlib

from programs.rules import explain
from programs.rules.decision import Shortfall
from programs.rules.rule import Rule
from programs.rules.state import State

KEY = "explanation"
# The next level takes as long and saves nothing, the one after it three times as long.
_QUICKLY = 1
_MOST_REMEMBERED = 1000
_BARE = "bare"
_ABOUT_DAYS = frozenset({"anniversary_within", "birthday_within"})
_APART = msgspec.json.Decoder(list[msgspec.Raw])
_NOT_PERSONAL = frozenset({"tier", "segments"})


class Explanation(Sequence[dict[str, Any]]):
    """The entries of all rules that were looked at, without identity; made into objects only when somebody reads them."""

    __slots__ = ("_entries", "_text")

    def __init__(self, entries: Iterable[Mapping[str, Any] | msgspec.Raw]) -> None:
        # What is raw was said without identity before.
        self._text = msgspec.json.encode(
            [one if type(one) is msgspec.Raw else without_identity(one) for one in entries]
        )
        self._entries: list[dict[str, Any]] | None = None

    @classmethod
    def unpacked(cls, packed: str) -> "Explanation":
        """What was kept."""
        found = cls(())
        found._text = zlib.decompress(b64decode(packed))
        return found

    def texts(self) -> list[bytes]:
        """The entries as they are written: what is the same in two purchases is the same text."""
        return [bytes(one) for one in _APART.decode(self._text)]

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Explanation({list(self)!r})"

    def _read(self) -> list[dict[str, Any]]:
        if self._entries is None:
            self._entries = msgspec.json.decode(self._text)
        return self._entries

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return self._read()[place]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    @property
    def packed(self) -> str:
        """As it is kept."""
        return b64encode(isal_zlib.compress(self._text, _QUICKLY)).decode()


def explanation_of(outcome: Mapping[str, Any]) -> Explanation:
    """The explanation of a decision, however it is kept."""
    kept = outcome[KEY]
    return kept if isinstance(kept, Explanation) else Explanation(kept)


class OutcomeField(models.JSONField):
    """The outcome of a decision. Its explanation is packed where it is written and a sequence of entries where it is read."""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """To the database it is JSON like any other."""
        name, _path, positional, named = super().deconstruct()
        return name, "django.db.models.JSONField", positional, named

    def to_json(self, value: Any) -> bytes:
        """The document as it is written."""
        return msgspec.json.encode(value, enc_hook=_packed)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, Mapping) and isinstance(value.get(KEY), Explanation):
            value = {**value, KEY: value[KEY].packed}
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        value = super().from_db_value(value, expression, connection)
        if isinstance(value, dict) and isinstance(value.get(KEY), str):
            value[KEY] = Explanation.unpacked(value[KEY])
        return value


def _packed(value: Any) -> str:
    assert isinstance(value, Explanation), value
    return value.packed


def tell(rule: Rule, found: Shortfall, state: State) -> msgspec.Raw:
    """The entry of a rule that does not hold, as it is kept: without identity, and said once for all who meet the same."""
    leaf = found.leaf
    if leaf is None:
        return _outside(rule.id, rule.phase, found.reason, explain.local_time(state))
    if found.is_bare:
        known = leaf.said.get(_BARE)
        if known is None:
            known = leaf.said[_BARE] = _said(rule, found, state)
        return known
    actual = leaf.actual(state) if leaf.actual is not None else None
    if actual.__hash__ is None:
        return _said(rule, found, state)
    key = (found.reason, found.negated, found.value, type(actual), actual)
    known = leaf.said.get(key)
    if known is None:
        if len(leaf.said) >= _MOST_REMEMBERED:
            leaf.said.clear()
        known = leaf.said[key] = _said(rule, found, state)
    return known


@lru_cache(maxsize=_MOST_REMEMBERED)
def _outside(rule_id: str, phase: str, reason: str, told_time: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(explain.outside(rule_id, phase, reason, told_time)))


def _said(rule: Rule, found: Shortfall, state: State) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(without_identity(explain.not_applied(rule, found, state))))


def without_identity(entry: Mapping[str, Any] | msgspec.Raw) -> Mapping[str, Any] | msgspec.Raw:
    """An explanation that outlives erasure: what a member's own data were is left out, what was asked for stays."""
    leaf = None if isinstance(entry, msgspec.Raw) else entry.get("leaf")
    if not leaf:
        return entry
    assert not isinstance(entry, msgspec.Raw)
    condition = leaf.get("condition", {})
    attribute = str(condition.get("attr", ""))
    is_left_out = condition.get("op") in _ABOUT_DAYS or is_personal(attribute)
    return {**entry, "leaf": {**leaf, "actual": None}} if is_left_out else entry


def is_personal(attribute: str) -> bool:
    """Whether the value of an attribute says something of the person: it is not kept in explanations."""
    return attribute.startswith("member.") and attribute.split(".")[1] not in _NOT_PERSONAL
