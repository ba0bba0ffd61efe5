"""Writing judged purchases: a few statements whatever their number."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from loyalty.kernel import bulk, ids, outbox, scope, telemetry
from loyalty.kernel.models import OutboxEvent
from members.activity import effects
from members.activity.batch import Batch
from members.activity.decision import Decision, slacks_of
from members.activity.models import Evaluation, Purchase, PurchaseLine, Received
from members.activity.operations import bought, counters, paying
from members.activity.operations.tiers import begin_tiers
from members.ledger import operations as ledger

PURCHASE_RECORDED = outbox.declare("purchase.recorded")


class AlreadyReceived(Exception):
    """Another request has taken one of these purchases in meanwhile."""


def write(batch: Batch, decisions: Sequence[Decision]) -> None:
    """Write everything that judging decided, under the locks: wallets first, limit counters last.

    :raises ledger.WalletMoved: a wallet changed since it was read.
    :raises counters.CounterMoved: a limit was used by somebody else since, which changes what was decided.
    :raises AlreadyReceived: one of the purchases has been taken in meanwhile.
    """
    seen = batch.seen_versions()
    ledger.lock_wallets(seen, expected=seen)
    _receive(decisions)
    _write_purchases(decisions)
    _write_lines(decisions)
    bought.add_to_days(decisions)
    # Before anything is given: what a receipt earns does not pay for it.
    paying.take_points(decisions)
    if batch.may_keep_alive:
        ledger.keep_alive({one.account_id: one.at for one in sorted(decisions, key=lambda one: one.at)})
    ledger.post([decision.entry for decision in decisions])
    begin_tiers(decisions)
    # Before the evaluations, which are never changed, because they keep what was issued.
    effects.carry_out(decisions)
    _write_evaluations(decisions)
    _announce(decisions)
    uses = {one.evaluation_id: one.counters for one in decisions if one.counters}
    counters.take_limits(uses, batch.seen_counters, slacks_of(decisions))


def _receive(decisions: Sequence[Decision]) -> None:
    program = scope.program_id()
    rows = [
        (program, one.given.source, "purchase", one.given.external_id, one.id, one.given.body_hash) for one in decisions
    ]
    taken = bulk.insert(
        Received,
        ["program", "source", "kind", "external_id", "fact_id", "body_hash"],
        rows,
        suffix="ON CONFLICT (program_id, source, kind, external_id) DO NOTHING RETURNING fact_id",
    )
    if len(taken) != len(rows):
        raise AlreadyReceived


def _write_purchases(decisions: Sequence[Decision]) -> None:
    program = scope.program_id()
    columns = [
        "id", "program", "member", "account", "location", "partner", "source", "external_id", "channel", "till",
        "payment", "currency", "amount", "foreign_currency", "foreign_amount", "foreign_rate", "returned_amount",
        "paid_with_points", "line_count", "occurred_at", "occurred_date",
    ]  # fmt: skip
    rows = bulk.insert(
        Purchase,
        columns,
        [
            (
                one.id, program, one.member_id, one.account_id, one.location_id, one.partner_id, one.given.source,
                one.given.external_id, one.given.channel, one.given.till, one.given.payment, one.given.currency,
                one.amount, *_foreign(one), 0, one.given.paid_with_points, len(one.purchase.lines), one.purchase.at, one.day,
            )
            for one in decisions
        ],
        suffix="RETURNING id, public_id",
    )  # fmt: skip
    public_ids = dict(rows)
    for one in decisions:
        one.public_id = str(public_ids[one.id])


def _foreign(one: Decision) -> tuple[str, int | None, Decimal | None]:
    """What was paid in another currency, and its rate."""
    paid = one.given.foreign
    return ("", None, None) if paid is None else (paid.currency, paid.amount, paid.rate)


def _write_lines(decisions: Sequence[Decision]) -> None:
    program = scope.program_id()
    columns = [
        "program", "purchase", "number", "line_id", "sku", "product", "quantity", "unit", "amount", "list_amount",
        "returned_quantity", "returned_amount", "member_id", "occurred_at",
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            program, one.id, line.number, line.line_id, line.sku, one.product_ids.get(line.sku or ""), line.qty,
            line.unit, line.paid, line.list_amount, 0, 0, one.member_id, one.purchase.at,
        )
        for one in decisions
        for line in one.purchase.lines
    ]  # fmt: skip
    bulk.insert(PurchaseLine, columns, rows)


def _write_evaluations(decisions: Sequence[Decision]) -> None:
    program = scope.program_id()
    for one, key in zip(decisions, ids.take(len(decisions)), strict=True):
        one.evaluation_id = key
    bulk.insert(
        Evaluation,
        ["id", "program", "purchase", "kind", "snapshot_number", "outcome", "context"],
        [
            (one.evaluation_id, program, one.id, "purchase", one.snapshot_number, one.outcome, one.context)
            for one in decisions
        ],
    )


def _announce(decisions: Sequence[Decision]) -> None:
    program = scope.program_id()
    columns = [
        "program", "type", "version", "subject", "subject_id", "account_id", "sequence", "occurred_at", "trace_id",
        "is_pending", "attempts", "problem",
    ]  # fmt: skip
    bulk.insert(
        OutboxEvent,
        columns,
        [
            (
                program, PURCHASE_RECORDED, 1, "purchase", one.id, one.account_id, 0, one.purchase.at,
                one.given.trace or telemetry.trace_id(), True, 0, "",
            )
            for one in decisions
        ],
    )  # fmt: skip
