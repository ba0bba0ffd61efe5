"""The one door for purchases and returns. Every channel takes it, with the same points and the same explanation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from django.conf import settings
from django.db import OperationalError, transaction

from loyalty.kernel import bulk, clock, ids, scope
from loyalty.kernel.errors import IdempotencyMismatch, Malformed, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import effects, intake, occasions, operations, received
from members.activity.batch import Batch
from members.activity.decision import Decision
from members.activity.fresh import Fresh
from members.activity.intake import PurchaseInput
from members.activity.models import Purchase, Received, Return, ReturnState, Settlement
from members.ledger import operations as ledger
from members.profiles.models import AccountMember

MOST_ROUNDS = 4
WAITS_FOR_PURCHASE = timedelta(hours=72)
RETURNABLE_FOR = timedelta(days=3650)
Told = TypeVar("Told")
_TRY_AGAIN = (ledger.WalletMoved, operations.CounterMoved, operations.AlreadyReceived)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a purchase: its row, and whether it had been recorded before.

    ``fresh`` tells what was just written, so that nobody has to read it; not where a return was waiting for it.
    """

    purchase_id: int
    external_id: str
    is_replay: bool
    fresh: Fresh | None = None


Written = dict[tuple[str, str], Recorded]


@dataclass(frozen=True, slots=True)
class ReturnInput:
    """One return as a door received it: units by line of an earlier purchase of the same source.

    :param exchange: the receipt of the purchase made in exchange, for that settlement alone.
    :param is_void: a mistake of the till is undone; terms of return are for goods that come back.
    :param trace: that of its own request, where it is recorded together with others.
    """

    source: str
    purchase_external_id: str
    external_id: str
    body_hash: bytes
    at: datetime
    lines: tuple[tuple[str, Decimal], ...]
    settlement: str = Settlement.MONEY
    exchange: str = ""
    is_void: bool = False
    trace: str = ""


@dataclass(frozen=True, slots=True)
class RecordedReturn:
    """What became of a return; one that waits for its purchase has moved nothing yet."""

    return_id: int
    is_waiting: bool
    is_replay: bool


def record_purchase(given: PurchaseInput) -> Recorded:
    """Record one purchase of the program in scope: judged by the rules of its time, posted, explained.

    The same ``source`` and ``external_id`` again is the first answer. See :func:`record_purchases` for the refusals.
    """
    return record_purchases([given])[0]


def record_purchases(given: Sequence[PurchaseInput]) -> list[Recorded]:
    """Record purchases in the order of their time, all or none, in one durable transaction; answers in the order given.

    Evaluated without any lock; when a wallet or a limit moved meanwhile, everything is evaluated again, the last time
    under the lock of the wallets.

    :raises IdempotencyMismatch: a purchase was recorded before with another content.
    :raises intake.InTheFuture: dated later than the clock allows.
    :raises intake.TooLate: older than the program accepts.
    :raises Malformed: amounts, quantities or lines make no sense.
    :raises NotFound: a member is not in this program.
    """
    assert len({(one.source, one.external_id) for one in given}) == len(given), "a purchase is given twice"
    for round_number in range(1, MOST_ROUNDS + 1):
        known = _known(given)
        fresh = [one for one in given if (one.source, one.external_id) not in known]
        written: Written = {}
        try:
            if fresh:
                written = _write(fresh, under_lock=round_number == MOST_ROUNDS)
        except _TRY_AGAIN:
            continue
        except OperationalError as problem:
            if getattr(problem.__cause__, "sqlstate", "") not in {"40001", "40P01"} or round_number == MOST_ROUNDS:
                raise
            continue
        return [_answer(one, known, written) for one in given]
    raise AssertionError("a batch under the lock of its wallets moved nevertheless")


def _answer(one: PurchaseInput, known: dict[tuple[str, str], int], written: Written) -> Recorded:
    key = (one.source, one.external_id)
    return Recorded(known[key], one.external_id, is_replay=True) if key in known else written[key]


def _known(given: Sequence[PurchaseInput]) -> dict[tuple[str, str], int]:
    """Purchases that were recorded before; the same name with another content is refused."""
    found = received.purchases([(one.source, one.external_id) for one in given])
    for one in given:
        earlier = found.get((one.source, one.external_id))
        if earlier is not None and earlier[1] != one.body_hash:
            raise IdempotencyMismatch(external_id=one.external_id)
    return {name: key for name, (key, _digest) in found.items()}


def _write(fresh: Sequence[PurchaseInput], *, under_lock: bool) -> Written:
    now = clock.now()
    if under_lock:
        with unit_of_work():
            accounts = AccountMember.objects.filter(
                member_id__in=[one.member_id for one in fresh], is_primary=True
            ).values_list("account_id", flat=True)
            ledger.lock_wallets(wallet.id for wallet in ledger.wallets_of(list(accounts)).values())
            return _judge_under_locks(fresh, now)
    batch = Batch(fresh, now=now)
    decisions = batch.judge()
    if _must_take_turns(decisions):
        return _write(fresh, under_lock=True)
    with unit_of_work():
        return _write_decided(batch, decisions)


def _judge_under_locks(fresh: Sequence[PurchaseInput], now: datetime) -> Written:
    """Judge a batch whose wallets are locked. Limits that others use at the same time are locked as they become known."""
    while True:
        try:
            with transaction.atomic():
                return _judge_in_turns(fresh, now)
        except operations.CounterMoved as moved:
            # Once they are held none of them moves; the batch can ask for others only so often as it has any.
            operations.hold_counters(moved.keys)


def _judge_in_turns(fresh: Sequence[PurchaseInput], now: datetime) -> Written:
    """Judge a batch under the lock, purchase by purchase where one changes what the next of its member is judged by."""
    batch = Batch(fresh, now=now)
    decisions = batch.judge()
    if not _must_take_turns(decisions):
        return _write_decided(batch, decisions)
    written: Written = {}
    for one in sorted(fresh, key=lambda given: given.at):
        turn = Batch([one], now=now)
        written |= _write_decided(turn, turn.judge())
    return written


def _must_take_turns(decisions: Sequence[Decision]) -> bool:
    """Whether a purchase of the batch changes what a later one of it is judged by."""
    if len(decisions) > 1 and any(one.given.points for one in decisions):
        return True
    return effects.changes_members(decisions) or occasions.may_change_members(
        [(one.account_id, one.at) for one in decisions]
    )


def _write_decided(batch: Batch, decisions: Sequence[Decision]) -> Written:
    operations.write(batch, decisions)
    occasions.after_purchases([(one.id, one.member_id, one.at) for one in decisions], batch.frozen)
    returned = _apply_waiting(batch.given)
    return {
        (one.given.source, one.given.external_id): Recorded(
            one.id, one.given.external_id, is_replay=False, fresh=None if one.id in returned else Fresh(batch, one)
        )
        for one in decisions
    }


def _apply_waiting(fresh: Sequence[PurchaseInput]) -> set[int]:
    """Apply the returns that waited for purchases; the keys of the purchases that had any."""
    keys = received.waiting_returns([(one.source, one.external_id) for one in fresh])
    found: set[int] = set()
    for row in Return.objects.filter(pk__any=keys).order_by("pk") if keys else ():
        purchase = _purchases_of([row])[row.source, row.purchase_external_id]
        _apply_or_review(row, purchase)
        found.add(purchase.pk)
    return found


def _apply_or_review(row: Return, purchase: Purchase) -> None:
    """Apply a return that waited. One that makes no sense goes before a person: it must not keep its purchase out."""
    try:
        with transaction.atomic():
            _apply([(row, purchase)])
    except Refusal:
        Return.objects.filter(pk=row.pk).update(state=ReturnState.REVIEW)
        operations.tell_of_review(row, purchase)


def _apply(found: Sequence[tuple[Return, Purchase]]) -> None:
    operations.apply_returns(found)
    occasions.after_returns(found)


def record_return(given: ReturnInput) -> RecordedReturn:
    """Record one return of the program in scope. See :func:`record_returns`."""
    return record_returns([given])[0]


def record_returns(given: Sequence[ReturnInput]) -> list[RecordedReturn]:
    """Record returns, all or none, each of another purchase: the kept units are judged again by the rules of that day.

    A return that arrives before its purchase is stored and moves nothing until then. The same ``external_id`` again is
    the first answer.

    :raises IdempotencyMismatch: recorded before with another content.
    :raises Malformed: no lines, or a quantity that is not positive; an exchange that names no other receipt.
    :raises operations.returning.ReturnBeyondPurchase: more than was bought and not yet returned.
    :raises operations.settling.ReturnWindowOver: later than the terms of the purchase allow.
    :raises operations.settling.NoMoneyBack: these goods are not taken back for money.
    :raises operations.settling.NoBonusOffered: no bonus is offered for them.
    :raises operations.settling.NothingForBonus: no money would be given back, so nothing becomes points.
    """
    _refuse_malformed(given)
    with unit_of_work():
        return _record_returns(given, clock.now())


def preview_return(given: ReturnInput, tell: Callable[[RecordedReturn], Told]) -> Told:
    """What ``tell`` says of a return that was recorded and rolled back: nothing moves. Refused as the return would be."""
    _refuse_malformed([given])
    with unit_of_work(preview=True):
        return tell(_record_returns([given], clock.now())[0])


def _refuse_malformed(given: Sequence[ReturnInput]) -> None:
    for one in given:
        if not one.lines or any(not quantity.is_finite() or quantity <= 0 for _line, quantity in one.lines):
            raise Malformed(errors=[("lines", "out_of_range" if one.lines else "required")])
        if (one.settlement == Settlement.EXCHANGE) != bool(one.exchange):
            raise Malformed(errors=[("exchange", "out_of_range" if one.exchange else "required")])
        if one.exchange and one.exchange == one.purchase_external_id:
            raise Malformed(errors=[("exchange", "out_of_range")])


def _record_returns(given: Sequence[ReturnInput], now: datetime) -> list[RecordedReturn]:
    rows = [_return_row(one, key, now) for one, key in zip(given, ids.take(len(given)), strict=True)]
    taken = bulk.insert(
        Received,
        ["program", "source", "kind", "external_id", "fact_id", "body_hash"],
        [
            (row.program_id, row.source, "return", row.external_id, row.pk, one.body_hash)
            for row, one in zip(rows, given, strict=True)
        ],
        suffix="ON CONFLICT (program_id, source, kind, external_id) DO NOTHING RETURNING fact_id",
    )
    fresh = {fact_id for (fact_id,) in taken}
    columns = [
        "id",
        "program",
        "source",
        "purchase_external_id",
        "external_id",
        "lines",
        "amount",
        "state",
        "occurred_at",
        "settlement",
        "exchange_external_id",
        "is_void",
    ]
    new = [row for row in rows if row.pk in fresh]
    bulk.insert(
        Return,
        columns,
        [
            (row.pk, row.program_id, row.source, row.purchase_external_id, row.external_id, row.lines, 0, row.state,
             row.occurred_at, row.settlement, row.exchange_external_id, row.is_void)
            for row in new
        ],
    )  # fmt: skip
    purchases = _purchases_of(new)
    found = [(row, purchases[row.source, row.purchase_external_id]) for row in new if _key(row) in purchases]
    if found:
        _apply(found)
    return [
        RecordedReturn(row.pk, is_waiting=_key(row) not in purchases, is_replay=False)
        if row.pk in fresh
        else _replayed(one)
        for row, one in zip(rows, given, strict=True)
    ]


def _key(row: Return) -> tuple[str, str]:
    return row.source, row.purchase_external_id


def _return_row(given: ReturnInput, key: int, now: datetime) -> Return:
    at = intake.occurred_at(given.at, now, skew=settings.CLOCK_SKEW_ACCEPTED, lateness=RETURNABLE_FOR)
    row = Return(
        id=key,
        program_id=scope.program_id(),
        source=given.source,
        purchase_external_id=given.purchase_external_id,
        external_id=given.external_id,
        lines=[{"line_id": line_id, "qty": str(quantity)} for line_id, quantity in given.lines],
        state=ReturnState.WAITING,
        occurred_at=at,
        settlement=given.settlement,
        exchange_external_id=given.exchange,
        is_void=given.is_void,
    )
    row.trace = given.trace
    return row


def _purchases_of(rows: Sequence[Return]) -> dict[tuple[str, str], Purchase]:
    """The purchases that returns name, by source and external id; those not yet received are left out."""
    facts = Received.objects.filter(
        kind="purchase",
        source__any={row.source for row in rows},
        external_id__any=[r.purchase_external_id for r in rows],
    )
    keys = {fact_id: (source, name) for fact_id, source, name in facts.values_list("fact_id", "source", "external_id")}
    return {keys[purchase.pk]: purchase for purchase in Purchase.objects.filter(pk__any=keys)}


def _replayed(given: ReturnInput) -> RecordedReturn:
    fact = Received.objects.get(source=given.source, kind="return", external_id=given.external_id)
    if bytes(fact.body_hash) != given.body_hash:
        raise IdempotencyMismatch(external_id=given.external_id)
    row = Return.objects.get(pk=fact.fact_id)
    return RecordedReturn(row.pk, is_waiting=row.state == ReturnState.WAITING, is_replay=True)


def settle_waiting_returns(*, now: datetime) -> int:
    """Apply returns whose purchase has come since, and put those that wait for three days before a person; how many."""
    settled = 0
    for row in Return.objects.filter(state=ReturnState.WAITING).order_by("pk"):
        with unit_of_work():
            locked = Return.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
            if locked.state != ReturnState.WAITING:
                continue
            purchases = _purchases_of([locked])
            if purchases:
                _apply_or_review(locked, purchases[_key(locked)])
                settled += 1
            elif locked.recorded_at < now - WAITS_FOR_PURCHASE:
                Return.objects.filter(pk=locked.pk).update(state=ReturnState.REVIEW)
                settled += 1
    return settled
