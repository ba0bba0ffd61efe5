"""An explanation read for people. Most of what rules did not give is the same in every purchase of a day, and is said once."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from loyalty.kernel.phrases import language
from loyalty.kernel.text import Texts
from members.activity.explained import MissedRule
from members.activity.explanations import explanation_of
from members.activity.why import figures, missed
from programs.promotions import naming
from programs.promotions.naming import Code, Names
from programs.promotions.sentence.subjects import BALANCE
from programs.promotions.snapshots import FrozenProgram, FrozenRule

# Of one snapshot: the values that were found in purchases differ without end.
_MOST_KEPT = 5000
# Of one entry: languages, and names that were changed.
_MOST_SAID = 20
Rules = Mapping[str, FrozenRule]


@dataclass(frozen=True, slots=True, eq=False)
class Missed:
    """The entry of a rule that was not applied, what its sentence calls by name, and the sentences that were made of it.

    ``is_shared``: a sentence depends on nothing else.
    """

    entry: Mapping[str, Any]
    codes: tuple[Code, ...]
    is_shared: bool
    said: dict[Hashable, MissedRule] = field(default_factory=dict)

    def tell(self, rules: Rules, frozen: FrozenProgram, names: Names) -> MissedRule:
        """The rule and why it was not applied, in the active language and with names that were read ahead."""
        if not self.is_shared:
            return _told(self.entry, rules, frozen)
        # Rules of a snapshot stay as long as it does: their place in memory is theirs alone.
        key = (language(), id(rules), names.known_as(self.codes))
        known = self.said.get(key)
        if known is None:
            if len(self.said) >= _MOST_SAID:
                self.said.clear()
            known = self.said[key] = _told(self.entry, rules, frozen)
        return known


@dataclass(frozen=True, slots=True)
class Explained:
    """The entries of a decision by the codes of their rules."""

    applied: Mapping[str, Mapping[str, Any]]
    missed: Mapping[str, Missed]


def read(outcome: Mapping[str, Any], frozen: FrozenProgram) -> Explained:
    """The explanation of an outcome that was decided under a snapshot."""
    applied: dict[str, Mapping[str, Any]] = {}
    found: dict[str, Missed] = {}
    kept: dict[bytes, Missed] = frozen.kept.setdefault(__name__, {})
    for text in explanation_of(outcome).texts():
        one = kept.get(text)
        if one is None:
            entry = msgspec.json.decode(text)
            if entry["status"] == "applied":
                applied[entry["rule"]] = entry
            if entry["status"] != "not_applied":
                continue
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            codes = _codes(entry)
            one = kept[text] = Missed(entry, codes, not _speaks_of_points(entry, codes))
        found[one.entry["rule"]] = one
    return Explained(applied, found)


def _codes(entry: Mapping[str, Any]) -> tuple[Code, ...]:
    parts = missed.spoken_of(entry)
    return tuple(dict.fromkeys(code for part in parts for code in naming.codes_in(part, figures.MOST_NAMED)))


def _speaks_of_points(entry: Mapping[str, Any], codes: tuple[Code, ...]) -> bool:
    """Whether types of points are named, which are not among the codes: what a limit has left, what a member has."""
    return entry["reason"].startswith("limit:") or any(code.startswith(BALANCE) for _kind, code in codes)


def _told(entry: Mapping[str, Any], rules: Rules, frozen: FrozenProgram) -> MissedRule:
    code = entry["rule"]
    why = missed.not_applied(entry, rules, frozen.settings)
    return MissedRule(code, str(Texts(rules[code].name)), entry["reason"], why)
