"""From recorded requests to a script of pgbench that sends the same statements for other members.

Several requests that differ only in their inputs tell where each parameter comes from: one that is always the same is
sent as it was; one that follows an input or an earlier answer is taken from there; a key that nobody could foresee is
random of the same length; a moment and a document stay as they were.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.paths.recording import Recorded, Statement

_TOKENS = re.compile(r"\d+|\D+")
_PLACE = re.compile(r"\$(\d+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CELL = re.compile(r"\x01(\d+),(\d+),(\d+)\x01")
_INTEGERS = {"smallint", "integer", "bigint"}
_AS_THEY_WERE = {"jsonb", "json", "bytea", "date", "timestamp with time zone", "interval"}
_HUGE = 1 << 40
_LARGEST = (1 << 62) - 1
SHORTEST_KEY = 8
_TEXTS = {"", "text", "character varying"}


class Unlike(AssertionError):
    """Requests of one kind did not say the same statements often enough to tell what they say."""


@dataclass
class Script:
    """A script for pgbench, and the constants that it is given by ``-D``."""

    text: str
    constants: dict[str, str] = field(default_factory=dict)
    statements: int = 0
    guessed: list[str] = field(default_factory=list)
    """Parameters that differed and were left as in the first request."""


def usual(found: Sequence[Recorded]) -> list[Recorded]:
    """The requests that said the most usual sequence of statements.

    :raises Unlike: it was not said twice.
    """
    shapes = [tuple(one.sql for one in recorded.statements) for recorded in found]
    shape, count = Counter(shapes).most_common(1)[0]
    if count < 2:
        raise Unlike(f"{len(found)} requests, no two alike: {[len(one) for one in shapes]} statements")
    return [recorded for recorded, one in zip(found, shapes, strict=True) if one == shape]


def script_of(found: Sequence[Recorded], settings: Mapping[str, str], *, prefix: str, is_whole: bool = True) -> Script:
    """A script from requests alike. ``settings`` are pgbench expressions for the inputs; constants begin with ``prefix``.

    Unless it ``is_whole`` it has only the transactions that write, with the questions whose answers these need.
    """
    return _Writer(usual(found), settings, prefix).written(is_whole=is_whole)


def _cells(body: str) -> set[tuple[int, ...]]:
    """The answers (statement, row, column) that a statement takes a parameter from."""
    return {tuple(map(int, cell)) for cell in _CELL.findall(body)}


def _common(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    return texts[0][: next((place for place, signs in enumerate(zip(*texts, strict=False)) if len(set(signs)) > 1),
                           min(map(len, texts)))]  # fmt: skip


class _Writer:
    def __init__(self, runs: Sequence[Recorded], settings: Mapping[str, str], prefix: str) -> None:
        self.runs = runs
        self.settings = settings
        self.prefix = prefix
        self.script = Script("")
        # What differs between the requests, by its texts in all of them: an input, a cell of an answer, a random key.
        self.known: dict[tuple[str, ...], str] = {}
        self.random: list[str] = []
        self._names: dict[str, str] = {}
        for name in settings:
            if name in runs[0].inputs:
                self.known[tuple(run.inputs[name] for run in runs)] = f":{name}"

    def written(self, *, is_whole: bool) -> Script:
        bodies = []
        for place in range(len(self.runs[0].statements)):
            same = [run.statements[place] for run in self.runs]
            bodies.append(self._statement(same))
            self._learn(place, same)
        kept = set(range(len(bodies))) if is_whole else self._needed(bodies)
        used = {cell for place in kept for cell in _cells(bodies[place])}
        lines = [f"\\set {name} {expression}" for name, expression in self.settings.items()]
        lines += [f"\\set {name} random(1000000000000000000, {_LARGEST})" for name in self.random]
        names: dict[tuple[int, ...], str] = {}
        for place in sorted(kept):
            body = bodies[place]
            cells = sorted(cell[1:] for cell in used if cell[0] == place)
            text = _CELL.sub(lambda found: f":{names[tuple(map(int, found.groups()))]}", body)
            lines += self._taking(place, text, cells, names)
        self.script.text = "\n".join(lines) + "\n"
        self.script.statements = len(kept)
        return self.script

    def _needed(self, bodies: Sequence[str]) -> set[int]:
        """The statements of transactions, whose data may be touched, and the questions that either takes from."""
        kept, is_open = set(), False
        for place, statement in enumerate(self.runs[0].statements):
            word = statement.sql.split(maxsplit=1)[0].upper()
            is_open = is_open or word == "BEGIN"
            is_writing = statement.tag.startswith(("INSERT", "UPDATE", "DELETE"))
            if is_open or is_writing or "set_config" in statement.sql:
                kept.add(place)
            is_open = is_open and word not in {"COMMIT", "ROLLBACK"}
        waiting = list(kept)
        while waiting:
            fresh = {cell[0] for cell in _cells(bodies[waiting.pop()])} - kept
            kept |= fresh
            waiting += fresh
        return kept

    def _taking(
        self, place: int, text: str, cells: Sequence[tuple[int, ...]], names: dict[tuple[int, ...], str]
    ) -> list[str]:
        """A statement, and its answer kept where later ones need it."""
        if not cells:
            return [f"{text};"]
        first = self.runs[0].statements[place]
        is_plain = all(len(run.statements[place].rows) == 1 for run in self.runs) and all(
            _NAME.fullmatch(first.columns[column]) and first.columns.count(first.columns[column]) == 1
            for _row, column in cells
        )
        for row, column in cells:
            own = first.columns[column] if is_plain else f"x{row}_{column}"
            names[place, row, column] = f"g{place}_{own}"
        if is_plain:
            return [text, f"\\gset g{place}_"]
        every = ", ".join(f"c{column}" for column in range(len(first.columns)))
        picked = ", ".join(f"(array_agg(c{column}))[{row + 1}] AS x{row}_{column}" for row, column in cells)
        return [f"WITH q({every}) AS ({text}) SELECT {picked} FROM q", f"\\gset g{place}_"]

    def _learn(self, place: int, same: Sequence[Statement]) -> None:
        rows = min(len(one.rows) for one in same)
        for row in range(rows):
            for column in range(len(same[0].columns)):
                texts = tuple(one.rows[row][column] for one in same)
                whole = tuple(text for text in texts if text is not None)
                if len(whole) == len(texts) and len(set(whole)) > 1:
                    self.known.setdefault(whole, f"\x01{place},{row},{column}\x01")

    def _statement(self, same: Sequence[Statement]) -> str:
        parameters = [
            self._parameter(tuple(one.values[number] for one in same), same[0].types[number])
            for number in range(len(same[0].types))
        ]
        text = same[0].sql.strip().rstrip(";")
        return _PLACE.sub(lambda found: parameters[int(found[1]) - 1], text)

    def _parameter(self, texts: tuple[str | None, ...], kind: str) -> str:
        base = kind.removesuffix("[]")
        if None in texts:
            return f"NULL::{kind}" if kind else "NULL"
        whole = tuple(text for text in texts if text is not None)
        if len(set(whole)) == 1 or base in _AS_THEY_WERE or whole[0][:2] in ("[{", '{"'):
            return self._cast(self._constant(whole[0]), kind)
        wide = kind.replace(base, "bigint") if base in _INTEGERS else kind
        if not kind and whole[0].startswith("{"):
            # A list of texts whose type the server found out; put together here it needs one.
            wide = "text[]"
        expression = self.known.get(whole) or self._pieces(whole) or self._unforeseen(whole, kind)
        if expression is None:
            self.script.guessed.append(f"{kind} {whole}")
            return self._cast(self._constant(whole[0]), kind)
        return self._cast(expression, wide)

    def _pieces(self, texts: tuple[str, ...]) -> str | None:
        """A text put together from parts that are known and parts that stay."""
        split = [_TOKENS.findall(text) for text in texts]
        if len({len(tokens) for tokens in split}) > 1:
            return None
        pieces = []
        for same in zip(*split, strict=True):
            found = f"'{same[0]}'" if len(set(same)) == 1 and ":" not in same[0] else None
            found = found or (self._constant(same[0]) if len(set(same)) == 1 else self.known.get(same))
            if found is None:
                return None
            pieces.append(f"{found}::text")
        return f"({' || '.join(pieces)})"

    def _unforeseen(self, texts: tuple[str, ...], kind: str) -> str | None:
        """Something that is new in each request: a random key of the same kind."""
        if kind.endswith("[]") and all(text.startswith("{") and text.endswith("}") for text in texts):
            # A list of one.
            inner = self._unforeseen(tuple(text[1:-1] for text in texts), kind.removesuffix("[]"))
            return None if inner is None else f"('{{' || {inner}::text || '}}')"
        is_number = all(text.removeprefix("-").isdigit() for text in texts)
        if is_number and kind in (_INTEGERS | {""}) and all(abs(int(text)) > _HUGE for text in texts):
            return self._new_random(texts)
        if is_number or kind.removesuffix("[]") not in _TEXTS:
            return None
        before = _common(texts)
        after = _common([text[len(before) :][::-1] for text in texts])[::-1]
        middle = tuple(text[len(before) : len(text) - len(after)] for text in texts)
        length = len(middle[0])
        if length < SHORTEST_KEY or any(len(part) != length or "," in part for part in middle):
            return None
        parts = [f"{self._constant(part)}::text" for part in (before, after) if part]
        parts.insert(bool(before), f"right(repeat('a', {length}) || {self._new_random(middle)}::text, {length})")
        self.known[texts] = f"({' || '.join(parts)})"
        return self.known[texts]

    def _new_random(self, texts: tuple[str, ...]) -> str:
        name = f"u{len(self.random)}"
        self.random.append(name)
        self.known[texts] = f":{name}"
        return f":{name}"

    def _constant(self, text: str) -> str:
        if not text:
            return "''"
        name = self._names.setdefault(text, f"{self.prefix}{len(self._names)}")
        self.script.constants[name] = text
        return f":{name}"

    @staticmethod
    def _cast(expression: str, kind: str) -> str:
        return f"({expression}::{kind})" if kind else expression
