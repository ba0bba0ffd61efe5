"""The promotion language: pure Python, no clock, no input or output, deterministic."""

from programs.rules.candidates import Candidates
from programs.rules.compile import RuleSet
from programs.rules.context import (
    Context,
    Event,
    HistoryEvent,
    HistoryPurchase,
    Line,
    MemberView,
    PointTypeSettings,
    ProgramSettings,
    Purchase,
)
from programs.rules.evaluate import evaluate
from programs.rules.freeze import freeze, thaw
from programs.rules.holdout import bucket_of
from programs.rules.language import PROMO_SCHEMA, SEGMENT_SCHEMA, Problem, validate, validate_segment
from programs.rules.life import Inactivity, awaits, ends_at, inactivity, starts_at
from programs.rules.limits import limit_documents
from programs.rules.money import (
    explode,
    kept_lines,
    largest_remainder,
    spread_basket_discount,
    spread_points_payment,
)
from programs.rules.needs import LimitNeed, Needs, needs
from programs.rules.outcome import DiscountGrant, EffectGrant, FundingShare, Grant, LimitUse, LineResult, Outcome
from programs.rules.returns import ByLine, GrantKey, Reversal, granted_amounts, granted_effects, judge_return
from programs.rules.together import clashes, clashes_of
from programs.rules.trial import run_trial

__all__ = [
    "PROMO_SCHEMA",
    "SEGMENT_SCHEMA",
    "ByLine",
    "Candidates",
    "Context",
    "DiscountGrant",
    "EffectGrant",
    "Event",
    "FundingShare",
    "Grant",
    "GrantKey",
    "HistoryEvent",
    "HistoryPurchase",
    "Inactivity",
    "LimitNeed",
    "LimitUse",
    "Line",
    "LineResult",
    "MemberView",
    "Needs",
    "Outcome",
    "PointTypeSettings",
    "Problem",
    "ProgramSettings",
    "Purchase",
    "Reversal",
    "RuleSet",
    "awaits",
    "bucket_of",
    "clashes",
    "clashes_of",
    "ends_at",
    "evaluate",
    "explode",
    "freeze",
    "granted_amounts",
    "granted_effects",
    "inactivity",
    "judge_return",
    "kept_lines",
    "largest_remainder",
    "limit_documents",
    "needs",
    "run_trial",
    "spread_basket_discount",
    "spread_points_payment",
    "starts_at",
    "thaw",
    "validate",
    "validate_segment",
]
