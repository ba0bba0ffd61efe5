"""The rule engine: promotions against a basket of eight lines, and zen-engine on the same rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from programs.rules import Context, Outcome, RuleSet, evaluate, needs
from tests.bench.promotions import SETTINGS, contexts, promotions
from tests.bench.timing import Case, Figure, machine, measure, table
from tests.bench.zen_rules import ZenRules

BASKETS = 50
PASSES = 1
ROUNDS = 40
HELD_BUT_LOST = ("best_of:", "first_of:")
TARGETS = {"100": 30, "100, trace kept": 60, "1000": 150}
RATIO = 5


def wanted(outcome: Outcome, ids: Sequence[str]) -> list[int | None]:
    """Points of every rule before limits; None where it holds and another of its group was better."""
    points = {grant.rule: grant.wanted for grant in outcome.grants}
    lost = {rule for rule, reason in outcome.not_applied.items() if reason.startswith(HELD_BUT_LOST)}
    return [None if rule in lost else points.get(rule, 0) for rule in ids]


def check(ours: Sequence[Sequence[int | None]], theirs: Sequence[Sequence[float]]) -> int:
    """The number of rules that gave points, after both gave the same answers."""
    count = 0
    for own, other in zip(ours, theirs, strict=True):
        for one, two in zip(own, other, strict=True):
            assert (two > 0) if one is None else one == two, (one, two)
            count += bool(one)
    return count


def read_all(outcome: Outcome) -> object:
    """Everything that is stored of a purchase."""
    return outcome.points, [grant.lines for grant in outcome.grants], outcome.limit_uses, outcome.explanation


def _case(name: str, deed: Callable[[Any], object], given: Sequence[Any]) -> Case:
    def run() -> None:
        for _ in range(PASSES):
            for one in given:
                deed(one)

    return Case(name, run, PASSES * len(given))


def _cases(count: int) -> tuple[list[Case], str]:
    documents = promotions(count)
    ruleset = RuleSet.build(documents, SETTINGS)
    given = contexts(ruleset, BASKETS)
    zen = ZenRules(documents, SETTINGS)
    outcomes = [evaluate(ruleset, one) for one in given]
    for_zen = [zen.given(one, outcome) for one, outcome in zip(given, outcomes, strict=True)]
    applied = check([wanted(one, zen.ids) for one in outcomes], [zen.points(one) for one in for_zen])

    def plain(context: Context) -> object:
        outcome = evaluate(ruleset, context, trace=False)
        return outcome.points, outcome.grants

    def kept(context: Context) -> object:
        outcome = evaluate(ruleset, context)
        return outcome.points, outcome.grants

    def everything(context: Context) -> object:
        return read_all(evaluate(ruleset, context))

    def wants(context: Context) -> object:
        assert context.purchase is not None
        return needs(ruleset, context.purchase, context.member)

    cases = [
        _case(f"{count}", plain, given),
        _case(f"{count}, trace kept", kept, given),
        _case(f"{count}, explained in full", everything, given),
        _case(f"{count}, what to fetch", wants, given),
        _case(f"{count}, zen-engine", zen.points, for_zen),
    ]
    return cases, f"{len(documents)} promotions, of which {applied / BASKETS:.1f} give points to a basket"


def main() -> bool:
    """Print the figures; false when one is over its target."""
    hundred, said = _cases(100)
    thousand, also_said = _cases(1000)
    print(f"Rules: 8 lines, CPU microseconds per basket, {ROUNDS} rounds in turn ({machine()}).\n{said}; {also_said}.")
    figures = measure([*hundred, *thousand], rounds=ROUNDS)
    peers = {figure.name.split(",")[0]: figure for figure in figures if figure.name.endswith("zen-engine")}
    rows = [_row(figure, peers[figure.name.split(",")[0]]) for figure in figures]
    print(table(("promotions", "best", "median", "target", "zen-engine takes"), rows))
    is_fast = all(figure.best <= TARGETS.get(figure.name, figure.best) for figure in figures)
    return is_fast and all(peers[figure.name].best >= RATIO * figure.best for figure in figures if figure.name in peers)


def _row(figure: Figure, peer: Figure) -> tuple[str, ...]:
    target = TARGETS.get(figure.name)
    times = "" if figure is peer else f"{peer.best / figure.best:.1f} times"
    return figure.name, f"{figure.best:.1f}", f"{figure.middle:.1f}", "" if target is None else str(target), times
