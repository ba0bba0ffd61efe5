"""Holding points for a till: set aside, take, let go, and what lapses by itself."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from loyalty.kernel import audit
from loyalty.kernel.errors import NotFound
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import operations, outbox_types
from members.ledger.models import Hold, HoldState
from members.ledger.operations import Cause, NewHold

CHUNK = 500


def hold_points(wanted: NewHold, *, at: datetime) -> Hold:
    """Set points aside for a till; a repeated request key returns the first hold and sets nothing aside.

    :raises operations.InsufficientPoints: less is there, debts deducted.
    :raises operations.WalletFrozen: the self-audit holds the wallet.
    """
    with unit_of_work():
        made = operations.hold(wanted, at=at)
        outbox_types.add_hold(made, at)
        return made


def capture_hold(hold_id: int, *, amount: int | None, request_key: str, at: datetime) -> Hold:
    """Spend ``amount`` smallest units of a hold (all of it without); the rest returns to its lots.

    A repeated ``request_key`` returns the first taking.

    :raises NotFound: no such hold here.
    :raises operations.HoldEnded: taken or let go before; :class:`operations.HoldLapsed` when its time is over.
    :raises operations.BeyondHold: more than is held.
    """

    def act(row: Hold) -> None:
        cause = Cause("hold", row.pk, f"capture:{row.pk}")
        entry = operations.capture(row, amount or row.amount, cause=cause, at=at, end_key=request_key)
        outbox_types.add_posted(entry, at)

    return _end(hold_id, request_key, HoldState.CAPTURED, act)


def release_hold(hold_id: int, *, reason: str, request_key: str, at: datetime) -> Hold:
    """Let a hold go: its points return to the lots they came from. A repeated ``request_key`` returns the first end.

    :raises NotFound: no such hold here.
    :raises operations.HoldEnded: it has ended before.
    """

    def act(row: Hold) -> None:
        operations.release(row, reason=reason, at=at, end_key=request_key)
        audit.record("hold.released", row, changes={"amount": (row.amount, 0)}, reason=reason)
        outbox_types.add_hold(row, at)

    return _end(hold_id, request_key, HoldState.RELEASED, act)


def _end(hold_id: int, request_key: str, state: HoldState, act: Callable[[Hold], None]) -> Hold:
    with unit_of_work():
        row = operations.lock_hold(hold_id)
        if not (row.state == state and row.end_key and row.end_key == request_key):
            act(row)
        return row


def lapse_due(*, at: datetime, limit: int = CHUNK) -> int:
    """Let go of holds of the program in scope whose time was over by ``at``, one chunk of wallets; how many holds.

    Call again until it answers 0. Safe to run twice and beside a taking: what lapses is read under the wallet's lock.
    """
    with unit_of_work():
        wallet_ids = operations.lapsed_wallets(at=at, limit=limit)
        return operations.release_lapsed(operations.lock_wallets(wallet_ids), at=at) if wallet_ids else 0


def hold_of(public_id: UUID, *, source: str | None = None) -> Hold:
    """The hold with this public id; with ``source`` only one of its tills.

    :raises NotFound: none here.
    """
    rows = Hold.objects.filter(public_id=public_id).select_related("wallet__point_type")
    found = (rows if source is None else rows.filter(source=source)).first()
    if found is None:
        raise NotFound()
    return found
