"""Judging one purchase: state and purchase in, everything that will be written out. Reads nothing, writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from members.activity import explanations, periods
from members.activity.explanations import Explanation
from members.activity.held import Held
from members.activity.intake import PurchaseInput
from members.activity.state import MemberState, TierSpan
from members.ledger import plans
from members.ledger.models import EntryKind
from members.ledger.plans import Credit, EntryPlan, WalletView
from programs.promotions.snapshots import FrozenProgram, FrozenRule
from programs.rules import Candidates, Context, EffectGrant, Grant, Outcome, Purchase, RuleSet, evaluate, freeze
from programs.rules.dates import local
from programs.rules.life import Inactivity, awaits, ends_at, inactivity, starts_at
from programs.tiers import arithmetic
from programs.tiers.arithmetic import SchemeTerms, TierTerms


@dataclass(frozen=True, slots=True)
class TierChange:
    """A member reaches another tier by this purchase."""

    scheme_id: int
    tier_id: int
    at: datetime
    valid_until: date


class Decided(Protocol):
    """What was decided about a purchase or another occasion."""

    id: int
    member_id: int
    account_id: int
    day: date
    effects: tuple[EffectGrant, ...]
    outcome: dict[str, Any]
    counters: dict[periods.CounterKey, int]
    slacks: dict[periods.CounterKey, int | None]
    tier_changes: list[TierChange]

    @property
    def at(self) -> datetime:
        """When it was."""

    @property
    def cause_kind(self) -> str:
        """What effects are told about it: ``purchase`` or ``occasion``."""


@dataclass(slots=True)
class Decision:
    """One judged purchase, ready to be written."""

    id: int
    given: PurchaseInput
    purchase: Purchase
    member_id: int
    account_id: int
    location_id: int | None
    partner_id: int | None
    product_ids: Mapping[str, int]
    day: date
    snapshot_number: int
    outcome: dict[str, Any]
    context: dict[str, Any]
    entry: EntryPlan
    points: Mapping[str, int]
    counters: dict[periods.CounterKey, int] = field(default_factory=dict)
    slacks: dict[periods.CounterKey, int | None] = field(default_factory=dict)
    tier_changes: list[TierChange] = field(default_factory=list)
    effects: tuple[EffectGrant, ...] = ()
    # What wallets hold then, by point type.
    held: dict[str, Held] = field(default_factory=dict)
    # Given by the writing of it.
    public_id: str = ""
    evaluation_id: int = 0

    @property
    def at(self) -> datetime:
        """When the purchase was made."""
        return self.purchase.at

    @property
    def cause_kind(self) -> str:
        """What effects are told about it."""
        return "purchase"

    @property
    def amount(self) -> int:
        """What was paid for the whole purchase, minor units."""
        return sum(line.paid for line in self.purchase.lines)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What judging needs beside the member: the rules of the day, who pays, and what limits have left."""

    frozen: FrozenProgram
    partner_ids: Mapping[str, int]
    payers: frozenset[int]
    used: dict[periods.CounterKey, int]
    debt_share: int


def used_limits(
    needs_limits: Any, day: date, state: MemberState, used: Mapping[periods.CounterKey, int]
) -> dict[str, int]:
    """How much of each limit is used, by its counter's name, as the rules ask for it."""
    ids = {"member_id": state.member_id, "account_id": state.account_id}
    return {
        need.counter: sum(used.get(key, 0) for key in periods.read_counters(need, day, **ids)) for need in needs_limits
    }


def judge(
    *,
    purchase_id: int,
    given: PurchaseInput,
    purchase: Purchase,
    context: Context,
    ruleset: RuleSet,
    candidates: Candidates | None,
    rules: Mapping[str, FrozenRule],
    state: MemberState,
    around: Surroundings,
    location_id: int | None,
    location_partner_id: int | None,
    product_ids: Mapping[str, int],
) -> Decision:
    """Evaluate a purchase and plan what it writes; moves ``state`` and ``around.used`` along."""
    frozen = around.frozen
    outcome = evaluate(ruleset, context, tell=explanations.tell, candidates=candidates)
    day = local(purchase.at, frozen.zone).date()
    entry = EntryPlan(
        account_id=state.account_id, kind=EntryKind.EARN, cause_kind="purchase", cause_id=purchase_id,
        request_key=f"purchase:{purchase_id}", occurred_at=purchase.at, effective_at=purchase.at,
    )  # fmt: skip
    default_payer = location_partner_id if location_partner_id in around.payers else None
    plan_points(entry, outcome, state, around, rules, default_payer)
    decision = Decision(
        id=purchase_id,
        given=given,
        purchase=purchase,
        member_id=state.member_id,
        account_id=state.account_id,
        location_id=location_id,
        partner_id=location_partner_id,
        product_ids=product_ids,
        day=day,
        snapshot_number=frozen.number,
        outcome={},
        context=freeze(ruleset, context, outcome),
        entry=entry,
        points=outcome.points,
        effects=outcome.effects,
        held={code: _held(state.wallets[int(terms["id"])]) for code, terms in frozen.point_types.items()},
    )
    use_limits(decision, outcome, state, around)
    decision.outcome = outcome_document(outcome, decision.counters, rules)
    if frozen.returns:
        decision.outcome["terms"] = _terms(purchase, context, day, frozen)
    for scheme in frozen.schemes:
        raise_tier(decision, scheme, _gained(scheme, decision, outcome), state, frozen)
    return decision


def _terms(purchase: Purchase, context: Context, day: date, frozen: FrozenProgram) -> dict[str, int]:
    """Which terms of return hold for which line: those of the day of the purchase, and of the tier before it."""
    categories = {line.line_id: line.categories for line in purchase.lines}
    return frozen.returns.of_lines(categories, day=day, tiers=context.member.tiers, channel=purchase.channel or "")


def _held(wallet: WalletView) -> Held:
    return Held(wallet.active, wallet.pending, wallet.reserved, wallet.debt)


def plan_points(
    entry: EntryPlan,
    outcome: Outcome,
    state: MemberState,
    around: Surroundings,
    rules: Mapping[str, FrozenRule],
    default_payer: int | None,
) -> None:
    """Plan the credits of what was granted, each with its payer, activation and expiry."""
    zone, at = around.frozen.settings.timezone, entry.occurred_at
    # Most grants of a purchase live by the same terms.
    lives: dict[tuple[int, int], tuple[datetime | None, datetime | None, str, Inactivity | None]] = {}
    for grant in outcome.grants:
        terms = around.frozen.point_types[grant.point_type]
        wallet = state.wallets[int(terms["id"])]
        activation, expiry = grant.activation or terms["activation"], grant.expiry or terms["expiry"]
        key = (id(activation), id(expiry))
        if key not in lives:
            begins_at = starts_at(activation, at, zone)
            lives[key] = begins_at, ends_at(expiry, begins_at or at, zone), awaits(activation), inactivity(expiry)
        activates_at, expires_at, awaited, idle = lives[key]
        credits = [
            Credit(
                amount=amount,
                rule=grant.rule,
                version_id=rules[grant.rule].version_id,
                partner_id=partner_id,
                activates_at=activates_at,
                expires_at=expires_at,
                awaits=awaited,
                idle=idle,
            )
            for partner_id, amount in _payers(grant, around.partner_ids, default_payer)
        ]
        plans.credit(entry, wallet, credits, at=at, source="issued", debt_share=around.debt_share)


def _payers(grant: Grant, partner_ids: Mapping[str, int], default: int | None) -> list[tuple[int | None, int]]:
    """Who pays how much of a grant: the rule's funding, else the default."""
    if not grant.funding:
        return [(default, grant.amount)]
    return [(partner_ids.get(share.partner), share.amount) for share in grant.funding if share.amount]


def tightest(first: int | None, second: int | None) -> int | None:
    """The smaller of two slacks (see ``LimitUse``); none at all where one is cut."""
    return None if first is None or second is None else min(first, second)


def slacks_of(decided: Iterable[Decided]) -> dict[periods.CounterKey, int | None]:
    """The tightest slack of each counter over several decisions."""
    found: dict[periods.CounterKey, int | None] = {}
    for one in decided:
        for key, slack in one.slacks.items():
            found[key] = tightest(found.get(key, slack), slack)
    return found


def use_limits(decided: Decided, outcome: Outcome, state: MemberState, around: Surroundings) -> None:
    """Note what was taken of limits, on the decision and on what the next one sees."""
    for use in outcome.limit_uses:
        if use.scope == "transaction" or not use.amount:
            continue
        key = periods.written_counter(use, decided.day, member_id=state.member_id, account_id=state.account_id)
        decided.counters[key] = decided.counters.get(key, 0) + use.amount
        decided.slacks[key] = tightest(decided.slacks.get(key, use.slack), use.slack)
        around.used[key] = around.used.get(key, 0) + use.amount


def raise_tier(decided: Decided, scheme: SchemeTerms, gained: int, state: MemberState, frozen: FrozenProgram) -> None:
    """Reaching a higher tier counts at once, this purchase included; it never changes this purchase's own points."""
    at = decided.at
    if gained:
        earned = state.earned.setdefault(scheme.id, {})
        earned[decided.day] = earned.get(decided.day, 0) + gained
    reached = arithmetic.earned_tier(state.in_window(scheme, decided.day, frozen.zone), scheme.tiers)
    span = state.present_span(scheme)
    present: TierTerms = scheme.by_id(span.tier_id) if span else scheme.tiers[0]
    if reached.rank <= present.rank or (span is not None and at < span.since_at):
        return
    if span is not None:
        span.ended_at = at
    state.tiers.append(TierSpan(scheme.id, reached.id, at, None))
    enrolled = arithmetic.local_day(state.enrolled_at, frozen.zone)
    valid_until = arithmetic.valid_until(decided.day, scheme, enrolled)
    decided.tier_changes.append(TierChange(scheme.id, reached.id, at, valid_until))


def _gained(scheme: SchemeTerms, decision: Decision, outcome: Outcome) -> int:
    """What this purchase adds to what the scheme counts."""
    if scheme.measure == "points":
        return outcome.points.get(scheme.point_type or "", 0)
    return decision.amount if scheme.measure == "amount" else 1


def outcome_document(
    outcome: Outcome, counters: Mapping[periods.CounterKey, int], rules: Mapping[str, FrozenRule]
) -> dict[str, Any]:
    """The outcome as it is stored: what was granted and why, what was not and why not, which the explanation says. No identity.

    ``discounts`` and ``effects`` are there where something of the kind was granted; each effect gets what its handler
    ``issued`` when it is carried out.
    """
    document: dict[str, Any] = {
        "points": dict(outcome.points),
        "grants": [
            {
                "rule": grant.rule,
                "version": rules[grant.rule].version_id,
                "effect": grant.effect_index,
                "type": grant.point_type,
                "amount": grant.amount,
                "wanted": grant.wanted,
                "lines": grant.lines,
            }
            for grant in outcome.grants
        ],
        explanations.KEY: Explanation(outcome.explanation),
        "counters": [[*key, amount] for key, amount in counters.items()],
    }
    if outcome.discounts:
        document["discounts"] = [
            {
                "rule": one.rule,
                "version": rules[one.rule].version_id,
                "effect": one.effect_index,
                "amount": one.amount,
                "wanted": one.wanted,
                "lines": one.lines,
            }
            for one in outcome.discounts
        ]
    if outcome.effects:
        document["effects"] = [
            {
                "rule": one.rule,
                "version": rules[one.rule].version_id,
                "effect": one.effect_index,
                "kind": one.effect,
                "branch": one.branch,
                "facts": dict(one.facts),
            }
            for one in outcome.effects
        ]
    return document
