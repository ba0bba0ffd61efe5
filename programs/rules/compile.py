"""From documents to an immutable rule set that any number of threads may evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, TypeAlias

from programs.rules.comparison import KEYED_FIELDS
from programs.rules.compiler import Compiler, Reads
from programs.rules.conditions import Node, compile_condition, reads_history
from programs.rules.context import ProgramSettings
from programs.rules.effects import Draft, Effect, compile_effect
from programs.rules.history import HistorySpec
from programs.rules.index import Index, RuleKeys, conjuncts, rule_keys
from programs.rules.limits import Limit, compile_limits, names_in_use, point_values
from programs.rules.money import Number
from programs.rules.proposal import TALK
from programs.rules.state import State
from programs.rules.view import LineFilters, Slot, Truth

DEFAULT_PRIORITY = 100

# The reason code when a part is not true, the part, and the conditions all of which must hold: do they read history?
Check: TypeAlias = tuple[str, Node, tuple[tuple[Node, bool], ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule.

    :param is_on: closure over a view for the schedule; None when always on.
    :param holdout: salt and the bucket below which a member is in the control group (C20).
    :param has_price: takes part in the pass of discounts (C23).
    :param is_compound: runs after all other bonus rules (C05).
    :param is_base: its points are base points (C05).
    :param checks: for each part its reason code, the part, and the conditions all of which must hold.
    :param tests: what a candidate has to pass; what the index makes sure of is left out.
    :param simple: what its only effect wants, where that gives points without a condition and nobody is held out.
    :param is_plain: simple and without limits: its grant is all that it wants, and nothing cuts it.
    :param competes: is exclusive, or of a group (C10).
    :param metric: the measure whose crossing starts the rule.
    """

    id: str
    document: Mapping[str, Any]
    trigger: str
    phase: str
    priority: int
    exclusive: bool
    group: str | None
    is_on: Any
    audience: Node | None
    when: Node | None
    holdout: tuple[str, Decimal] | None
    effects: tuple[Effect, ...]
    else_effects: tuple[Effect, ...]
    limits: tuple[Limit, ...]
    has_shared_limits: bool
    funding: tuple[tuple[str, Decimal], ...]
    has_price: bool
    has_points: bool
    has_substance: bool
    is_compound: bool
    is_base: bool
    checks: tuple[Check, ...]
    tests: tuple[Truth, ...]
    simple: Draft | None
    is_plain: bool
    competes: bool
    on_return: str | None
    reads: Reads
    keys: RuleKeys
    metric: HistorySpec | None

    @property
    def order(self) -> tuple[int, str]:
        return (self.priority, self.id)


@dataclass(slots=True)
class Candidates:
    """Rules that can be true, in order of priority and id, by the pass that judges them."""

    priced: Sequence[Rule]
    base: Sequence[Rule]
    bonus: Sequence[Rule]
    has_compound: bool

    def __iter__(self) -> Iterator[Rule]:
        return chain(self.priced, self.base, self.bonus)


NO_CANDIDATES = Candidates((), (), (), False)


class Eight(dict[int, tuple[Rule, ...]]):
    """Eight rules: for a byte, the rules of its bits, remembered; by far the fastest way from bits to rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__()
        self.rules = rules

    def __missing__(self, byte: int) -> tuple[Rule, ...]:
        found = self[byte] = tuple(rule for position, rule in enumerate(self.rules) if byte >> position & 1)
        return found


class TriggerRules:
    """The rules of one trigger with their index: priced ones first, then base rules, then all others."""

    __slots__ = ("_base", "_compound", "_eights", "_priced", "index", "rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: (not rule.has_price, not rule.is_base, rule.order)))
        self.index = Index([rule.keys for rule in self.rules])
        self._eights = [Eight(self.rules[first : first + 8]) for first in range(0, len(self.rules), 8)]
        self._priced = sum(1 << position for position, rule in enumerate(self.rules) if rule.has_price)
        self._base = sum(1 << bit for bit, rule in enumerate(self.rules) if rule.is_base and not rule.has_price)
        self._compound = sum(1 << position for position, rule in enumerate(self.rules) if rule.is_compound)

    def candidates(self, state: State, only: frozenset[str] | None) -> Candidates:
        """The rules that an evaluation can apply.

        :param only: look at these alone.
        """
        found = self.index.candidates(state)
        if only is not None:
            found &= sum(1 << position for position, rule in enumerate(self.rules) if rule.id in only)
        rules: list[Rule] = []
        for eight, byte in zip(self._eights, found.to_bytes(len(self._eights), "little"), strict=True):
            if byte:
                rules += eight[byte]
        priced = (found & self._priced).bit_count()
        base = priced + (found & self._base).bit_count()
        return Candidates(rules[:priced], rules[priced:base], rules[base:], found & self._compound != 0)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of one snapshot, compiled. Immutable; the order of the documents does not matter."""

    settings: ProgramSettings
    rules: tuple[Rule, ...]
    triggers: Mapping[str, TriggerRules]
    filters: LineFilters
    point_values: Mapping[str, Number]

    @classmethod
    def build(
        cls,
        documents: Sequence[Mapping[str, Any]],
        settings: ProgramSettings,
        lists: Mapping[str, Sequence[Any]] | None = None,
        *,
        use_index: bool = True,
    ) -> RuleSet:
        """Compile valid ``promo/1`` documents; their ids are unique.

        :param lists: value lists that documents name by ``{"list": id}``.
        :param use_index: without it every rule is looked at, so that every rule gets its exact reason.
        """
        identities = [document["id"] for document in documents]
        assert len(set(identities)) == len(identities), "rule ids are unique"
        compiler = Compiler(settings, lists)
        ambiguous = names_in_use(documents)
        rules = tuple(
            sorted(
                (_compile_rule(compiler, document, ambiguous, lists or {}, use_index) for document in documents),
                key=lambda rule: rule.order,
            )
        )
        triggers: dict[str, list[Rule]] = {}
        for rule in rules:
            triggers.setdefault(rule.trigger, []).append(rule)
        ready = {name: TriggerRules(found) for name, found in triggers.items()}
        return cls(
            settings=settings,
            rules=rules,
            triggers=ready,
            filters=_line_filters(compiler.slots, [one.index for one in ready.values()]),
            point_values=point_values(settings),
        )

    def rule(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)


def _line_filters(slots: Sequence[Slot], indexes: Sequence[Index]) -> LineFilters:
    named: dict[str, frozenset[Any]] = {}
    for field in KEYED_FIELDS:
        in_filters = (value for slot in slots if slot.field == field for value in slot.keys)
        named[field] = frozenset(chain(in_filters, *(index.named(field) for index in indexes)))
    return LineFilters(tuple(slots), named)


def trigger_name(document: Mapping[str, Any]) -> str:
    """What starts the rule: ``purchase``, ``event:<type>``, ``schedule`` ..."""
    trigger = document.get("trigger", "purchase")
    return trigger if isinstance(trigger, str) else str(trigger["on"])


def _part(compiler: Compiler, document: Mapping[str, Any], name: str) -> Node | None:
    condition = document.get(name)
    return None if condition is None else compile_condition(compiler, condition, f"/{name}")


def _checks(audience: Node | None, when: Node | None) -> tuple[Check, ...]:
    return tuple(
        (reason, part, tuple((node, reads_history(node.document)) for node in conjuncts(part)))
        for reason, part in (("audience_false", audience), ("when_false", when))
        if part is not None
    )


def _keys(
    document: Mapping[str, Any],
    audience: Node | None,
    when: Node | None,
    compiler: Compiler,
    lists: Mapping[str, Sequence[Any]],
) -> RuleKeys:
    """The keys of a rule. What it says when its ``when`` is not true needs a look at ``when`` itself."""
    parts = [audience] if document.get("else") else [audience, when]
    return rule_keys(document.get("schedule"), parts, lists, compiler.settings)


def _tests(keys: RuleKeys, is_on: Any, parts: Sequence[Node | None]) -> tuple[Truth, ...]:
    """What is left to ask when the index has found a rule."""
    tests: list[Truth] = []
    if is_on is not None and not keys.schedule_settled:
        tests.append(lambda view, line: is_on(view))
    settled = {id(node) for node in keys.settled}
    tests += [node.fn for part in parts for node in conjuncts(part) if id(node) not in settled]
    return tuple(tests)


def _simple(effects: Sequence[Effect], document: Mapping[str, Any]) -> Draft | None:
    only = effects[0]
    plain = len(effects) == 1 and only.condition is None and not document.get("holdout")
    return only.draft if plain else None


def _metric(compiler: Compiler, trigger: Any) -> HistorySpec | None:
    if not isinstance(trigger, Mapping) or "metric" not in trigger:
        return None
    return compiler.history_spec(trigger["metric"], lambda where: compile_condition(compiler, where).fn)


def _compile_rule(
    compiler: Compiler,
    document: Mapping[str, Any],
    ambiguous: frozenset[str],
    lists: Mapping[str, Sequence[Any]],
    use_index: bool,
) -> Rule:
    reads = compiler.begin()
    schedule = document.get("schedule")
    audience, when = _part(compiler, document, "audience"), _part(compiler, document, "when")
    effects = tuple(compile_effect(compiler, effect, index) for index, effect in enumerate(document["then"]))
    holdout = document.get("holdout")
    first_type = next((effect.point_type for effect in effects if effect.kind == "earn"), None)
    limits = compile_limits(document, ambiguous, compiler.settings, first_type)
    is_on = compiler.schedule(schedule) if schedule else None
    keys = _keys(document, audience, when, compiler, lists) if use_index else RuleKeys()
    phase, simple = document.get("phase", "bonus"), _simple(effects, document)
    rule = Rule(
        id=document["id"],
        document=document,
        trigger=trigger_name(document),
        phase=phase,
        priority=int(document.get("priority", DEFAULT_PRIORITY)),
        exclusive=bool(document.get("exclusive")),
        group=document.get("group"),
        is_on=is_on,
        audience=audience,
        when=when,
        holdout=(holdout["salt"], Decimal(str(holdout["percent"])) * 100) if holdout else None,
        effects=effects,
        else_effects=tuple(compile_effect(compiler, one, index) for index, one in enumerate(document.get("else", ()))),
        limits=limits,
        has_shared_limits=any(limit.is_shared for limit in limits),
        funding=tuple((one["partner"], Decimal(str(one["share"]))) for one in document.get("funding", ())),
        has_price=any(effect.pricing is not None for effect in effects),
        has_points=any(effect.draft is not None for effect in effects),
        has_substance=any(effect.kind not in TALK for effect in effects),
        is_compound=any(effect.is_compound for effect in effects),
        is_base=phase == "base",
        checks=_checks(audience, when),
        tests=_tests(keys, is_on, (audience, when)),
        simple=simple,
        competes=bool(document.get("exclusive") or document.get("group")),
        is_plain=simple is not None and not limits,
        on_return=document.get("on_return"),
        reads=reads,
        keys=keys,
        metric=_metric(compiler, document.get("trigger")),
    )
    for effect in effects:
        effect.owner = rule
    return rule
