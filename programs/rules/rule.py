"""One compiled rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from programs.rules.compiler import Reads
from programs.rules.conditions import Node
from programs.rules.effects import Effect
from programs.rules.formulas import Draft
from programs.rules.history import HistorySpec
from programs.rules.index import RuleKeys
from programs.rules.limits import Limit
from programs.rules.view import Truth

if TYPE_CHECKING:
    from programs.rules.decision import Shortfall

# The reason code when a part is not true, the part, and the conditions all of which must hold: do they read history, and
# what is wrong when they are false, where that is plain?
Check: TypeAlias = "tuple[str, Node, tuple[tuple[Node, bool, Shortfall | None], ...]]"


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
    :param judge: what the rule gives of a state and a base book, None for nothing: of a rule that no limit cuts and that
        does not multiply bonuses, which most rules are.
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
    judge: Draft | None

    @property
    def only_adds(self) -> bool:
        """Whether the others give the same without it, where none of them is compound or exclusive."""
        return not (self.is_base or self.has_price or self.is_compound or self.competes or self.has_shared_limits)

    @property
    def order(self) -> tuple[int, str]:
        return (self.priority, self.id)
