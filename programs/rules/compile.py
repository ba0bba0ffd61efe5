"""From documents to an immutable rule set that any number of threads may evaluate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from programs.rules.compiler import Compiler, Reads
from programs.rules.conditions import Node, compile_condition
from programs.rules.context import MemberView, ProgramSettings, Purchase
from programs.rules.effects import Effect, compile_effect
from programs.rules.index import Index, best_key, necessary_keys
from programs.rules.limits import Limit, compile_limits, names_in_use, point_values
from programs.rules.money import Number
from programs.rules.proposal import TALK
from programs.rules.view import Truth

DEFAULT_PRIORITY = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule.

    :param is_on: closure over a view for the schedule; None when always on.
    :param holdout: salt and the bucket below which a member is in the control group (C20).
    :param has_price: takes part in the pass of discounts (C23).
    :param is_compound: runs after all other bonus rules (C05).
    :param missed_part: ``audience`` or ``when``: where the key of the index comes from.
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
    on_return: str | None
    reads: Reads
    audience_reads_history: bool
    when_reads_history: bool
    missed_part: str | None

    @property
    def order(self) -> tuple[int, str]:
        return (self.priority, self.id)


@dataclass(frozen=True, slots=True)
class TriggerRules:
    """The rules of one trigger in order of priority and id, with their index."""

    rules: tuple[Rule, ...]
    index: Index

    def candidates(self, purchase: Purchase | None, member: MemberView) -> list[Rule]:
        return [self.rules[position] for position in self.index.candidates(purchase, member)]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of one snapshot, compiled. Immutable; the order of the documents does not matter."""

    settings: ProgramSettings
    rules: tuple[Rule, ...]
    triggers: Mapping[str, TriggerRules]
    predicates: tuple[Truth, ...]
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
                (_compile_rule(compiler, document, ambiguous, lists or {}) for document in documents),
                key=lambda rule: rule.order,
            )
        )
        triggers: dict[str, list[Rule]] = {}
        for rule in rules:
            triggers.setdefault(rule.trigger, []).append(rule)
        return cls(
            settings=settings,
            rules=rules,
            triggers={name: _with_index(found, lists or {}, use_index) for name, found in triggers.items()},
            predicates=tuple(compiler.predicates),
            point_values=point_values(settings),
        )

    def rule(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)


def _with_index(rules: list[Rule], lists: Mapping[str, Sequence[Any]], use_index: bool) -> TriggerRules:
    keys = [
        best_key(necessary_keys([rule.document.get("audience"), rule.document.get("when")], lists))
        if use_index
        else None
        for rule in rules
    ]
    return TriggerRules(tuple(rules), Index(keys))


def trigger_name(document: Mapping[str, Any]) -> str:
    """What starts the rule: ``purchase``, ``event:<type>``, ``schedule`` ..."""
    trigger = document.get("trigger", "purchase")
    return trigger if isinstance(trigger, str) else str(trigger["on"])


def _part(
    compiler: Compiler, document: Mapping[str, Any], name: str, lists: Mapping[str, Sequence[Any]]
) -> tuple[Node | None, bool, bool]:
    """The condition of a part of the rule, whether it reads history, and whether it brings the key of the index."""
    condition = document.get(name)
    if condition is None:
        return None, False, False
    whole = compiler.current
    part = compiler.begin()
    node = compile_condition(compiler, condition, f"/{name}")
    reads_history = part.purchase_count or bool(part.history)
    whole.merge(part)
    compiler.current = whole
    return node, reads_history, bool(necessary_keys([condition], lists))


def _compile_rule(
    compiler: Compiler, document: Mapping[str, Any], ambiguous: frozenset[str], lists: Mapping[str, Sequence[Any]]
) -> Rule:
    reads = compiler.begin()
    schedule = document.get("schedule")
    audience, audience_history, audience_key = _part(compiler, document, "audience", lists)
    when, when_history, when_key = _part(compiler, document, "when", lists)
    effects = tuple(compile_effect(compiler, effect, index) for index, effect in enumerate(document["then"]))
    holdout = document.get("holdout")
    first_type = next((effect.point_type for effect in effects if effect.kind == "earn"), None)
    limits = compile_limits(document, ambiguous, compiler.settings, first_type)
    return Rule(
        id=document["id"],
        document=document,
        trigger=trigger_name(document),
        phase=document.get("phase", "bonus"),
        priority=int(document.get("priority", DEFAULT_PRIORITY)),
        exclusive=bool(document.get("exclusive")),
        group=document.get("group"),
        is_on=compiler.schedule(schedule) if schedule else None,
        audience=audience,
        when=when,
        holdout=(holdout["salt"], Decimal(str(holdout["percent"])) * 100) if holdout else None,
        effects=effects,
        else_effects=tuple(compile_effect(compiler, one, index) for index, one in enumerate(document.get("else", ()))),
        limits=limits,
        has_shared_limits=any(limit.is_shared for limit in limits),
        funding=tuple((one["partner"], Decimal(str(one["share"]))) for one in document.get("funding", ())),
        has_price=any(effect.pricing is not None for effect in effects),
        has_points=any(effect.formula is not None for effect in effects),
        has_substance=any(effect.kind not in TALK for effect in effects),
        is_compound=any(effect.is_compound for effect in effects),
        on_return=document.get("on_return"),
        reads=reads,
        audience_reads_history=audience_history,
        when_reads_history=when_history,
        missed_part="audience" if audience_key else ("when" if when_key else None),
    )
