"""The rules of one trigger, and those of them that a purchase can make true: found by bits, eight at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import msgspec

from programs.rules.decision import OUTSIDE_SCHEDULE, Shortfall, lacking
from programs.rules.formulas import Draft
from programs.rules.index import Index
from programs.rules.rule import Rule
from programs.rules.stacking import BEST, FIRST
from programs.rules.state import State

_T = TypeVar("_T")
# Makes the entry of a rule that does not hold.
Tell: TypeAlias = Callable[[Rule, Shortfall, State], Any]


class Candidates(msgspec.Struct, eq=False):
    """Rules that can be true, in order of priority and id, by the way they are judged.

    :param bonus: bonus rules that have to be looked at one by one.
    :param rivals: the judges of other bonus rules that compete (see ``Rule.judge``), ``free`` those of the rest; the rules
        themselves by ``judged``.
    """

    rules: TriggerRules
    bits: int
    priced: Sequence[Rule]
    base: Sequence[Rule]
    bonus: Sequence[Rule]
    rivals: Sequence[Draft]
    free: Sequence[Draft]

    @property
    def judged(self) -> list[Rule]:
        return self.rules.judged(self.bits)

    @property
    def that_ask(self) -> list[Rule]:
        """Those that ask for more than the purchase and the member: for history, or what limits have left."""
        return self.rules.chosen(self.bits & self.rules.asking)

    def __iter__(self) -> Iterator[Rule]:
        return chain(self.priced, self.base, self.bonus, self.judged)


class Eight(dict[int, tuple[_T, ...]]):
    """Eight things: for a byte, those of its bits, remembered; by far the fastest way from bits to things."""

    def __init__(self, things: Sequence[_T]) -> None:
        super().__init__()
        self.things = things

    def __missing__(self, byte: int) -> tuple[_T, ...]:
        found = self[byte] = tuple(thing for position, thing in enumerate(self.things) if byte >> position & 1)
        return found


class TriggerRules:
    """The rules of one trigger with their index: those with a judge stand last, and of them those that compete first."""

    __slots__ = (
        "_all",
        "_all_bare",
        "_bare",
        "_bare_of",
        "_bare_reasons",
        "_by_the_hour",
        "_judged",
        "_judges",
        "_no_judge",
        "_others",
        "_said",
        "asking",
        "base",
        "compound",
        "exclusive",
        "first_judge",
        "index",
        "one_stays",
        "only_type",
        "priced",
        "rivals",
        "rules",
    )

    def __init__(self, rules: Iterable[Rule], asked: Mapping[str, Mapping[Any, Sequence[int]]]) -> None:
        ordered = sorted(rules, key=_place)
        self.rules = tuple(ordered)
        self.index = Index([rule.keys for rule in ordered], asked)
        self._all = _eights(ordered)
        lacked = [lacking(rule) for rule in ordered]
        shortfalls = [OUTSIDE_SCHEDULE if found is None else found[1] for found in lacked]
        self._bare = _eights(list(zip(ordered, shortfalls, strict=True)))
        self._bare_reasons = _eights([(rule.id, found.reason) for rule, found in zip(ordered, shortfalls, strict=True)])
        self._bare_of: dict[int | str, int] = {}
        for place, found in enumerate(lacked):
            if found is not None:
                self._bare_of[found[0]] = self._bare_of.get(found[0], 0) | 1 << place
        self._all_bare = sum(self._bare_of.values())
        # Not those that ask for a time in their conditions as well: that is another reason.
        self._by_the_hour = self._bits(lambda rule: rule.keys.schedule_settled and len(rule.keys.validity) == 1)
        self._said: dict[Tell, list[dict[int, list[tuple[str, Any]]]]] = {}
        self.first_judge = sum(not _is_judged_alone(rule) for rule in ordered)
        self._no_judge = (1 << self.first_judge) - 1
        self._others = _eights([rule for rule in ordered if not _is_judged_alone(rule)])
        self._judges = _eights([rule.judge for rule in ordered if rule.judge is not None and _is_judged_alone(rule)])
        self._judged = _eights([rule for rule in ordered if _is_judged_alone(rule)])
        self.priced = self._bits(lambda rule: rule.has_price)
        self.base = self._bits(lambda rule: rule.is_base and not rule.has_price)
        self.compound = self._bits(lambda rule: rule.is_compound)
        self.exclusive = self._bits(lambda rule: rule.exclusive)
        self.asking = self._bits(_asks)
        self.rivals = self._bits(lambda rule: _is_judged_alone(rule) and rule.competes)
        gifts = [rule.effects[0] for rule in ordered if _is_judged_alone(rule)]
        # What nearly all programs have: points of one type, groups of which one rule stays.
        types = {gift.point_type for gift in gifts}
        self.only_type = types.pop() if len(types) == 1 else None
        self.one_stays = all(gift.mode in (BEST, FIRST) for gift in gifts if gift.owner.competes)

    def _bits(self, holds: Callable[[Rule], bool]) -> int:
        return sum(1 << position for position, rule in enumerate(self.rules) if holds(rule))

    def candidates(self, state: State, only: frozenset[str] | None) -> Candidates:
        """The rules that an evaluation can apply.

        :param only: look at these alone.
        """
        bits = self.index.candidates(state)
        if only is not None:
            bits &= self.named(only)
        first = self.first_judge
        others = _chosen(self._others, bits & self._no_judge)
        judges = _chosen(self._judges, bits >> first)
        priced = (bits & self.priced).bit_count() if self.priced else 0
        base = priced + (bits & self.base).bit_count()
        rivals = (bits & self.rivals).bit_count()
        return Candidates(
            self,
            bits,
            others[:priced] if priced else (),
            others[priced:base],
            others[base:],
            judges[:rivals],
            judges[rivals:],
        )

    def named(self, ids: frozenset[str]) -> int:
        """The bits of the rules of these ids."""
        return self._bits(lambda rule: rule.id in ids)

    def judged(self, bits: int) -> list[Rule]:
        """The rules of the bits that are told by their judges alone."""
        return _chosen(self._judged, bits >> self.first_judge)

    def chosen(self, bits: int) -> list[Rule]:
        """The rules of the bits."""
        return _chosen(self._all, bits)

    def bare(self, state: State, bits: int) -> int:
        """Those of the bits whose rules plainly lack lines or a segment: nothing else has to be asked to know why."""
        found, bare_of = bits & self._all_bare, self._bare_of
        if found:
            for there in chain(state.keyed_slots(), state.context.member.segments):
                if there in bare_of:
                    found &= ~bare_of[there]
        return found

    def outside(self, state: State, bits: int) -> int:
        """Those of the bits that are plainly not on at this hour."""
        return bits & self._by_the_hour & ~self.index.on_at(state)

    def bare_reasons(self, bits: int) -> dict[str, str]:
        """By rule the reason code of those of the bits, all of which are bare."""
        return dict(_chosen(self._bare_reasons, bits))

    def bare_entries(self, bits: int, state: State, tell: Tell) -> dict[str, Any]:
        """By rule what ``tell`` says of those of the bits, all of which are bare.

        That is the same each time: what is said in a form that nobody changes is said once for those that come together.
        """
        known = self._said.setdefault(tell, [{} for _ in self._bare])
        entries: dict[str, Any] = {}
        for place, byte in enumerate(bits.to_bytes(len(self._bare), "little")):
            if byte:
                said = known[place].get(byte)
                if said is None:
                    said = [(rule.id, tell(rule, found, state)) for rule, found in self._bare[place][byte]]
                    if all(type(entry) is msgspec.Raw for _, entry in said):
                        known[place][byte] = said
                entries.update(said)
        return entries


def _chosen(eights: Sequence[Eight[_T]], bits: int) -> list[_T]:
    found: list[_T] = []
    # Byte by byte: a thousand rules are a hundred bytes. Both are as long, and to ask zip for it takes as long as the rest.
    for eight, byte in zip(eights, bits.to_bytes(len(eights), "little")):  # noqa: B905
        if byte:
            found += eight[byte]
    return found


def _is_judged_alone(rule: Rule) -> bool:
    """Is it a bonus that is told by its judge alone?"""
    return rule.judge is not None and not rule.is_base


def _asks(rule: Rule) -> bool:
    return bool(rule.reads.history or rule.reads.purchase_count or rule.limits)


def _place(rule: Rule) -> tuple[Any, ...]:
    is_judged = _is_judged_alone(rule)
    return is_judged, is_judged and not rule.competes, not rule.has_price, not rule.is_base, rule.order


def _eights(things: Sequence[_T]) -> list[Eight[_T]]:
    return [Eight(things[first : first + 8]) for first in range(0, len(things), 8)]
