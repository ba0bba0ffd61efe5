"""From documents to an immutable rule set that any number of threads may evaluate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from programs.rules.candidates import TriggerRules
from programs.rules.compiler import Compiler
from programs.rules.conditions import Node, compile_condition, reads_history
from programs.rules.context import ProgramSettings
from programs.rules.decision import Shortfall
from programs.rules.effects import Effect, compile_effect
from programs.rules.formulas import Draft
from programs.rules.held import KEYED_FIELDS, lookup
from programs.rules.history import HistorySpec
from programs.rules.index import RuleKeys, conjuncts, rule_keys
from programs.rules.limits import compile_limits, names_in_use, point_values
from programs.rules.money import Number
from programs.rules.outcome import Grant
from programs.rules.proposal import TALK, BaseBook
from programs.rules.rule import Check, Rule
from programs.rules.stacking import mode_of
from programs.rules.state import State
from programs.rules.view import LineFilters, Slot, Truth

DEFAULT_PRIORITY = 100


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
        values = point_values(settings)
        triggers: dict[str, list[Rule]] = {}
        for rule in rules:
            triggers.setdefault(rule.trigger, []).append(rule)
            for effect in rule.effects:
                effect.group, effect.mode = rule.group, mode_of(rule.group, settings)
                effect.worth = values.get(effect.point_type, 0)
        asked = _asked_values(compiler.slots)
        ready = {name: TriggerRules(found, asked) for name, found in triggers.items()}
        return cls(
            settings=settings,
            rules=rules,
            triggers=ready,
            filters=LineFilters(
                tuple(compiler.slots), {field: lookup(field, {}, slots) for field, slots in asked.items()}
            ),
            point_values=values,
        )

    def rule(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)


def _asked_values(slots: Sequence[Slot]) -> dict[str, dict[Any, list[int]]]:
    """By field and value, the numbers of the predicates that ask for it."""
    asked: dict[str, dict[Any, list[int]]] = {field: {} for field in KEYED_FIELDS}
    for number, slot in enumerate(slots):
        if slot.field is not None:
            for value in slot.keys:
                asked[slot.field].setdefault(value, []).append(number)
    return asked


def trigger_name(document: Mapping[str, Any]) -> str:
    """What starts the rule: ``purchase``, ``event:<type>``, ``schedule`` ..."""
    trigger = document.get("trigger", "purchase")
    return trigger if isinstance(trigger, str) else str(trigger["on"])


def _part(compiler: Compiler, document: Mapping[str, Any], name: str) -> Node | None:
    condition = document.get(name)
    return None if condition is None else compile_condition(compiler, condition, f"/{name}")


def _checks(audience: Node | None, when: Node | None) -> tuple[Check, ...]:
    return tuple(
        (reason, part, tuple(_asked(reason, part, node) for node in conjuncts(part)))
        for reason, part in (("audience_false", audience), ("when_false", when))
        if part is not None
    )


def _asked(reason: str, part: Node, node: Node) -> tuple[Node, bool, Shortfall | None]:
    # What is wrong when a leaf is false is the same each time.
    plain = None if node.children else Shortfall(reason, part, node, negated=False, value=False)
    return node, reads_history(node.document), plain


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


def _judge(draft: Draft, tests: Sequence[Truth]) -> Draft:
    """What a rule gives when its tests hold."""
    if not tests:
        return draft
    if len(tests) == 1:
        only = tests[0]
        return lambda state, book: draft(state, book) if only(state, None) is True else None

    def tested(state: State, book: BaseBook) -> Grant | None:
        for test in tests:
            if test(state, None) is not True:
                return None
        return draft(state, book)

    return tested


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
    tests = _tests(keys, is_on, (audience, when))
    competes, is_compound = (
        bool(document.get("exclusive") or document.get("group")),
        any(one.is_compound for one in effects),
    )
    is_bound = limits or is_compound or document.get("else")
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
        is_compound=is_compound,
        is_base=phase == "base",
        checks=_checks(audience, when),
        tests=tests,
        simple=simple,
        competes=competes,
        is_plain=simple is not None and not limits,
        on_return=document.get("on_return"),
        reads=reads,
        keys=keys,
        metric=_metric(compiler, document.get("trigger")),
        judge=None if simple is None or is_bound else _judge(simple, tests),
    )
    for effect in effects:
        effect.owner = rule
    return rule
