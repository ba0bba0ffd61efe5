"""One operation of a till, taken in once: done, refused, or kept until it can be done."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from loyalty.kernel import outbox, scope
from loyalty.kernel.api import problems
from loyalty.kernel.api.idempotency import StillRunning, alone
from loyalty.kernel.errors import IdempotencyMismatch, Malformed, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.intake import PurchaseInput
from members.till import acts, queries
from members.till.acts import Asked, Done
from members.till.budget import CannotJudge, within_budget
from members.till.models import Checkout, OperationStatus, TillOperation
from members.till.refusals import NotYet

QUOTES_KEPT_FOR = timedelta(days=7)
GAPS_TOLD_AFTER = timedelta(hours=24)
NUMBERS_MISSED = outbox.declare("till.numbers_missed")
GAP = "sequence_gap"

Documents = Callable[[Asked, Done, OperationStatus], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Result:
    """What a till is told: the status of HTTP, the document, and whether it was told before."""

    http_status: int
    document: Mapping[str, Any]
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An operation with what its kind needs: how to read its purchase (for a commit), and how to write its answer."""

    kind: str
    asked: Asked
    sequence: int | None
    read: Callable[[Asked], tuple[PurchaseInput, Checkout | None]] | None
    keep: Callable[[Asked], Mapping[str, Any]] | None
    write: Documents


def perform(order: Order) -> Result:
    """Do one operation of a till, once for its ``op_id``; a repeat gets the first answer.

    What is refused moves nothing. What cannot be judged in time is kept and done by :func:`complete_kept`: the till is
    told that it is accepted and that the points follow. What cannot be done yet is not kept as done: it is sent again.
    """
    asked = order.asked
    with alone(f"till:{scope.program_id()}:{asked.source}:{asked.op_id}"):
        found = TillOperation.objects.filter(source=asked.source, op_id=asked.op_id).first()
        if found is not None and bytes(found.body_hash) != asked.body_hash:
            return _refused(order, IdempotencyMismatch())
        if found is not None and found.status != OperationStatus.RETRY_LATER:
            return Result(found.http_status, json.loads(found.answer), is_replay=True)
        with _basket(asked):
            result, kept = _done(order)
        _store(order, result, kept, found)
        return result


def _basket(asked: Asked) -> Any:
    """Nobody else works on the same basket meanwhile."""
    name = asked.content.get("session") or asked.content.get("quote") or asked.content.get("receipt") or asked.op_id
    return alone(f"checkout:{scope.program_id()}:{asked.source}:{name}")


def _done(order: Order) -> tuple[Result, bool]:
    """The outcome, and whether the content is kept to be done later."""
    try:
        done = act(order)
    except CannotJudge as refusal:
        if order.kind != "commit":
            # Nothing but a receipt can be done later.
            return _refused(order, NotYet()), False
        flags = Done(warnings=["points_later", str(refusal.facts["missing"])])
        document = {**order.write(order.asked, flags, OperationStatus.ACCEPTED), "is_complete": False}
        return Result(202, document), True
    except Malformed:
        raise
    except Refusal as refusal:
        return _refused(order, refusal), False
    status = OperationStatus.ADJUSTED if done.flags else OperationStatus.ACCEPTED
    return Result(201, order.write(order.asked, done, status)), False


def act(order: Order) -> Done:
    """Do what the operation asks for, whatever was told before."""
    if order.kind == "commit":
        assert order.read is not None, "a commit brings a purchase"
        given, row = order.read(order.asked)
        return acts.commit(order.asked, given, row)
    acts_by_kind = {"reserve": acts.reserve, "cancel": acts.cancel, "void": acts.void, "refund": acts.refund}
    with within_budget():
        return acts_by_kind[order.kind](order.asked)


def _refused(order: Order, refusal: Refusal) -> Result:
    status, problem = problems.of_refusal(refusal)
    later = isinstance(refusal, NotYet)
    told = OperationStatus.RETRY_LATER if later else OperationStatus.REJECTED
    return Result(status, {**order.write(order.asked, Done(), told), "problem": problem})


def _store(order: Order, result: Result, is_kept: bool, found: TillOperation | None) -> None:
    asked = order.asked
    content = order.keep(asked) if is_kept and order.keep else None
    TillOperation.objects.update_or_create(
        source=asked.source,
        op_id=asked.op_id,
        defaults={
            "status": result.document["status"], "http_status": result.http_status,
            "answer": json.dumps(result.document, default=str, ensure_ascii=False),
            "content": content,
        },
        create_defaults={
            "program_id": scope.program_id(), "till": asked.till, "sequence": order.sequence, "kind": order.kind,
            "body_hash": asked.body_hash, "status": result.document["status"], "http_status": result.http_status,
            "answer": json.dumps(result.document, default=str, ensure_ascii=False),
            "content": content, "received_at": asked.received_at,
            "occurred_at": asked.received_at,
        },
    )  # fmt: skip


def complete_kept(read: Callable[[TillOperation], Order]) -> int:
    """Do what was kept because it could not be judged in time; how many are done now. Safe to run twice."""
    done = 0
    for row in TillOperation.objects.filter(content__isnull=False).order_by("pk"):
        order = read(row)
        order = replace(order, asked=replace(order.asked, is_late=True))
        try:
            with alone(f"till:{scope.program_id()}:{row.source}:{row.op_id}"):
                done += _complete(order, row)
        except StillRunning:
            continue
    return done


def _complete(order: Order, row: TillOperation) -> int:
    """Do one that was kept; nobody waits who could mend what cannot be read: it is refused for good."""
    try:
        result, is_kept = _done(order)
    except Malformed as refusal:
        result, is_kept = _refused(order, refusal), False
    if is_kept:
        return 0
    _store(order, result, False, row)
    return 1


def find_gaps(*, at: datetime) -> int:
    """Tell the world, once, of numbers that tills have left out for a day; how many gaps are new."""
    with unit_of_work():
        found = queries.gaps_before(at - GAPS_TOLD_AFTER)
        TillOperation.objects.filter(pk__in=found).update(gap_found_at=at)
        for operation_id in found:
            outbox.add(NUMBERS_MISSED, subject="till_operation", subject_id=operation_id, at=at)
    return len(found)


def forget_quotes(*, at: datetime) -> int:
    """Delete quotes that led to nothing and are old; how many."""
    old = Checkout.objects.filter(quoted_at__lt=at - QUOTES_KEPT_FOR, hold__isnull=True, purchase__isnull=True)
    with unit_of_work():
        return int(old.delete()[0])
