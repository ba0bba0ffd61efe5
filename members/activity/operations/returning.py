"""Applying returns: the kept units are judged again by the rules and the context of the purchase's day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from loyalty.kernel import bulk, ids, outbox, scope, telemetry
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import OutboxEvent
from members.activity import effects
from members.activity.lines import StoredLine, stored_lines
from members.activity.models import Evaluation, Purchase, Return
from members.activity.operations import bought, paying, return_notices, reversing, settling
from members.activity.operations.tiers import judge_tiers_again
from members.ledger import operations as ledger
from members.ledger.models import Wallet
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.returns.terms import Terms
from programs.rules import Reversal, judge_return, thaw
from programs.rules.returns import DISCOUNT, EffectKey, GrantKey

PURCHASE_RETURNED = outbox.declare("purchase.returned")


class ReturnBeyondPurchase(Refusal):
    """More is returned than was bought and not yet returned."""

    code = "activity.return_beyond_purchase"


class UnknownLine(Refusal):
    """The purchase has no such line."""

    code = "activity.unknown_line"


class NoLongerExplained(Refusal):
    """The context of the purchase was erased: it cannot be judged again."""

    code = "activity.context_erased"


@dataclass(slots=True)
class JudgedReturn:
    """A return and what it takes back, before anything is written."""

    row: Return
    purchase: Purchase
    original: Evaluation
    frozen: FrozenProgram
    lines: Mapping[str, StoredLine]
    returned: Mapping[str, Decimal]
    reversal: Reversal
    withdrawn_before: frozenset[EffectKey]
    paid_back: int = 0
    payback: dict[str, Any] | None = None
    evaluation_id: int = 0
    terms: Mapping[str, Terms] = field(default_factory=dict)
    bonus: dict[str, Any] | None = None


def apply_returns(pairs: Sequence[tuple[Return, Purchase]]) -> None:
    """Take back what the returned units earned; each purchase once at most.

    The wallets are locked first: two returns of one purchase take turns, and each reads what the other left.

    :raises UnknownLine: a line that the purchase does not have.
    :raises ReturnBeyondPurchase: more units than are left.
    :raises NoLongerExplained: the purchase's context was erased.
    :raises settling.ReturnWindowOver: later than the terms of the purchase allow; see :mod:`settling` for the others.
    """
    assert len({purchase.pk for _row, purchase in pairs}) == len(pairs), "a purchase twice in one batch"
    accounts = {purchase.account_id for _row, purchase in pairs}
    locked = ledger.lock_wallets(Wallet.objects.filter(account_id__any=accounts).values_list("pk", flat=True))
    judged = _judge(pairs)
    # First, and before the keys of the evaluations: what was paid comes back before what was earned is taken back.
    paying.give_back_points(judged)
    settling.plan_bonuses(judged)
    for one, key in zip(judged, ids.take(len(judged)), strict=True):
        one.evaluation_id = key
    _note_on_lines(judged)
    _write_evaluations(judged)
    effects.take_back(judged, is_before_points=True)
    reversing.reverse_points(judged, locked)
    effects.take_back(judged, is_before_points=False)
    # Last of all that moves points: a debt that the return left is repaid first.
    settling.give_bonuses(judged)
    reversing.give_back_limits(judged)
    _finish(judged)
    bought.reckon_days((one.purchase.member_id, one.purchase.occurred_date) for one in judged)
    judge_tiers_again([(one.purchase, one.frozen, one.row.occurred_at) for one in judged if _may_cost_a_tier(one)])
    return_notices.tell_of_returns(judged)


def _may_cost_a_tier(one: JudgedReturn) -> bool:
    return bool(one.reversal.amounts) or any(scheme.measure != "points" for scheme in one.frozen.schemes)


def _judge(pairs: Sequence[tuple[Return, Purchase]]) -> list[JudgedReturn]:
    purchase_ids = [purchase.pk for _row, purchase in pairs]
    lines = {
        purchase_id: {line.line_id: line for line in found} for purchase_id, found in stored_lines(purchase_ids).items()
    }
    originals, earlier, withdrawn, paid_back = _evaluations(purchase_ids)
    judged = []
    for row, purchase in pairs:
        original = originals[purchase.pk]
        if original.context is None:
            raise NoLongerExplained()
        returned = _returned_so_far(lines[purchase.pk], row.lines)
        frozen = snapshots.of_number(original.snapshot_number)
        terms = settling.terms_of(original.outcome, frozen, is_void=row.is_void)
        settling.refuse_by_terms(row, purchase, frozen, terms)
        ruleset, _rules = frozen.at(purchase.occurred_at)
        reversal = judge_return(
            ruleset,
            thaw(original.context),
            _granted(original.outcome),
            {line_id: quantity for line_id, quantity in returned.items() if quantity},
            by_line=settling.by_line(terms, original.outcome),
            already_reversed=earlier.get(purchase.pk, {}),
            effects=_effects(original.outcome),
        )
        before = withdrawn.get(purchase.pk, frozenset())
        judged.append(
            JudgedReturn(
                row, purchase, original, frozen, lines[purchase.pk], returned, reversal, before,
                paid_back.get(purchase.pk, 0), terms=terms,
            )
        )  # fmt: skip
    return judged


def _evaluations(
    purchase_ids: Sequence[int],
) -> tuple[dict[int, Evaluation], dict[int, dict[GrantKey, int]], dict[int, frozenset[EffectKey]], dict[int, int]]:
    """The decision about each purchase, and what its returns did so far: what they took back, which effects they undid,
    how many of the points that paid for it they gave back."""
    originals: dict[int, Evaluation] = {}
    earlier: dict[int, dict[GrantKey, int]] = {}
    withdrawn: dict[int, frozenset[EffectKey]] = {}
    paid_back: dict[int, int] = {}
    for row in Evaluation.objects.filter(purchase_id__in=purchase_ids).order_by("pk"):
        if row.kind == "purchase":
            originals[row.purchase_id] = row
        elif row.kind == "return":
            earlier[row.purchase_id] = {
                (rule, effect, kind): amount for rule, effect, kind, amount in row.outcome["so_far"]
            }
            undone = {(rule, effect) for rule, effect in row.outcome.get("withdrawn", ())}
            withdrawn[row.purchase_id] = withdrawn.get(row.purchase_id, frozenset()) | undone
            if row.outcome.get(paying.BACK):
                paid_back[row.purchase_id] = row.outcome[paying.BACK]["so_far"]
    return originals, earlier, withdrawn, paid_back


def _returned_so_far(lines: Mapping[str, StoredLine], wanted: Sequence[Mapping[str, str]]) -> dict[str, Decimal]:
    returned = {line_id: line.returned_quantity for line_id, line in lines.items()}
    for part in wanted:
        line = lines.get(part["line_id"])
        if line is None:
            raise UnknownLine(line=part["line_id"])
        returned[line.line_id] += Decimal(part["qty"])
        if returned[line.line_id] > line.quantity:
            left = line.quantity - line.returned_quantity
            raise ReturnBeyondPurchase(line=line.line_id, left=f"{left.normalize():f}")
    return returned


def _granted(outcome: Mapping[str, Any]) -> dict[GrantKey, int]:
    found: dict[GrantKey, int] = {}
    for grant in outcome["grants"]:
        key = (grant["rule"], grant["effect"], grant["type"])
        found[key] = found.get(key, 0) + grant["amount"]
    for discount in outcome.get("discounts", ()):
        key = (discount["rule"], discount["effect"], DISCOUNT)
        found[key] = found.get(key, 0) + discount["amount"]
    return found


def _effects(outcome: Mapping[str, Any]) -> list[EffectKey]:
    """What was granted beside points and money off, and may be undone; what was said without a condition stays said."""
    return [(one["rule"], one["effect"]) for one in outcome.get("effects", ()) if one["branch"] == "then"]


def _note_on_lines(judged: Sequence[JudgedReturn]) -> None:
    """Note on the lines what was returned of them: quantities, and amounts as the rules see the kept part."""
    keys: list[int] = []
    quantities: list[Decimal] = []
    kept_amounts: list[int] = []
    for one in judged:
        kept = {line.line_id: line.paid for line in one.reversal.kept}
        for line_id, line in one.lines.items():
            if one.returned[line_id] != line.returned_quantity:
                keys.append(line.id)
                quantities.append(one.returned[line_id])
                kept_amounts.append(kept.get(line_id, 0))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE members_purchase_line l SET returned_quantity = r.quantity, returned_amount = l.amount - r.kept
            FROM unnest(%s::bigint[], %s::numeric[], %s::bigint[]) AS r(id, quantity, kept) WHERE l.id = r.id
            """,
            [keys, quantities, kept_amounts],
        )


def _write_evaluations(judged: Sequence[JudgedReturn]) -> None:
    program = scope.program_id()
    bulk.insert(
        Evaluation,
        ["id", "program", "purchase", "returned", "kind", "snapshot_number", "outcome"],
        [
            (
                one.evaluation_id, program, one.purchase.pk, one.row.pk, "return", one.original.snapshot_number,
                _return_document(one),
            )
            for one in judged
        ],
    )  # fmt: skip


def _return_document(one: JudgedReturn) -> dict[str, Any]:
    document: dict[str, Any] = {
        "reversed": [[*key, amount] for key, amount in one.reversal.amounts.items()],
        "so_far": [[*key, amount] for key, amount in one.reversal.so_far.items()],
    }
    if one.payback is not None:
        document[paying.BACK] = one.payback
    held = {part["line_id"]: one.terms[part["line_id"]].id for part in one.row.lines if part["line_id"] in one.terms}
    if held:
        document["terms"] = held
    if one.bonus is not None:
        document[settling.BONUS] = one.bonus
    undone = effects.withdrawn_now(one)
    if undone:
        document["withdrawn"] = [list(key) for key in undone]
    return document


def _finish(judged: Sequence[JudgedReturn]) -> None:
    """Bring purchases up to their lines, returns to their end, and tell the world."""
    program = scope.program_id()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH changed AS (
              UPDATE members_purchase p SET returned_amount = s.amount, is_returned = s.is_whole
              FROM (SELECT purchase_id, sum(returned_amount) AS amount, bool_and(returned_quantity >= quantity) AS is_whole
                    FROM members_purchase_line
                    WHERE purchase_id = ANY(%s) GROUP BY purchase_id) s
              WHERE p.id = s.purchase_id
              RETURNING p.id, p.member_id, p.occurred_date, NEW.returned_amount - OLD.returned_amount AS amount
            ), held AS MATERIALIZED (
              -- Before they are reckoned anew: what another account of the member adds meanwhile is seen, or waits.
              SELECT d.id FROM members_bought_day d JOIN changed c ON c.member_id = d.member_id AND c.occurred_date = d.day
              ORDER BY d.member_id, d.day FOR NO KEY UPDATE OF d
            )
            UPDATE members_return r SET purchase_id = c.id, state = 'applied', applied_at = now(),
                   amount = c.amount
            FROM unnest(%s::bigint[], %s::bigint[]) AS k(return_id, purchase_id)
            JOIN changed c ON c.id = k.purchase_id
            WHERE r.id = k.return_id AND (SELECT count(*) FROM held) >= 0
            """,
            [
                [one.purchase.pk for one in judged],
                [one.row.pk for one in judged],
                [one.purchase.pk for one in judged],
            ],
        )
    bulk.insert(
        OutboxEvent,
        [
            "program", "type", "version", "subject", "subject_id", "account_id", "sequence", "occurred_at", "trace_id",
            "is_pending", "attempts", "problem",
        ],
        [
            (
                program, PURCHASE_RETURNED, 1, "return", one.row.pk, one.purchase.account_id, 0, one.row.occurred_at,
                one.row.trace or telemetry.trace_id(), True, 0, "",
            )
            for one in judged
        ],
    )  # fmt: skip
