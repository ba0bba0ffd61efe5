"""Telling the world: a row written with the fact, delivered later, at least once, by subscribers that may repeat."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from loyalty.kernel import bulk, clock, scope, telemetry
from loyalty.kernel.models import OutboxEvent
from loyalty.kernel.telemetry import Origin

LARGEST_BATCH = 200
MOST_ATTEMPTS = 12
_COLUMNS = (
    "program", "type", "version", "subject", "subject_id", "account_id", "sequence", "occurred_at", "trace_id",
    "is_pending", "attempts", "problem",
)  # fmt: skip

Subscriber = Callable[[OutboxEvent], None]
_types: dict[str, int] = {}
_subscribers: dict[str, list[Subscriber]] = {}


def declare(event_type: str, *, version: int = 1) -> str:
    """Register an event type, ``<noun>.<past>``, with the present version of its payload."""
    assert event_type not in _types, f"{event_type} is declared twice"
    _types[event_type] = version
    return event_type


def subscribe(event_type: str, subscriber: Subscriber) -> None:
    """Call ``subscriber`` for each event of a type. It must be safe to run twice for the same event."""
    assert event_type in _types, f"{event_type} is not declared"
    _subscribers.setdefault(event_type, []).append(subscriber)


def types() -> dict[str, int]:
    """All declared event types with their versions."""
    return dict(_types)


def add(
    event_type: str, *, subject: str, subject_id: int, at: datetime, account_id: int | None = None, sequence: int = 0
) -> None:
    """Write one event of the program in scope into the running transaction."""
    add_each(event_type, subject=subject, facts=[Fact(subject_id, at, account_id, sequence)])


@dataclass(frozen=True, slots=True)
class Fact:
    """What an event is about. ``origin`` is that of its own request, where several are worked for together."""

    subject_id: int
    at: datetime
    account_id: int | None = None
    sequence: int = 0
    origin: Origin | None = None


def add_each(event_type: str, *, subject: str, facts: Iterable[Fact]) -> None:
    """Write an event of one type for each fact, of the program in scope, into the running transaction."""
    assert event_type in _types, f"{event_type} is not declared"
    program, version, here = scope.program_id(), _types[event_type], telemetry.origin()
    bulk.insert(
        OutboxEvent,
        _COLUMNS,
        [
            (
                program, event_type, version, subject, fact.subject_id, fact.account_id, fact.sequence, fact.at,
                (fact.origin or here).trace, True, 0, "",
            )
            for fact in facts
        ],
    )  # fmt: skip


def deliver_due() -> int:
    """Hand the waiting events of the program in scope to their subscribers, oldest first; the number delivered.

    Each event is taken under a lock that other workers skip; one that fails waits twice as long each time.
    """
    # Nobody listens to these: one statement, or a busy day would take hours.
    delivered = (
        OutboxEvent.objects.filter(is_pending=True).exclude(type__in=list(_subscribers)).update(is_pending=False)
    )
    for event_id in _due_ids():
        with transaction.atomic(durable=True):
            event = _take(event_id)
            if event is not None and _deliver(event):
                delivered += 1
    return delivered


def _due_ids() -> list[int]:
    due = OutboxEvent.objects.filter(is_pending=True).exclude(retry_at__gt=clock.now())
    return list(due.order_by("id").values_list("id", flat=True)[:LARGEST_BATCH])


def _take(event_id: int) -> OutboxEvent | None:
    waiting = OutboxEvent.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    return waiting.filter(pk=event_id, is_pending=True).first()


def _deliver(event: OutboxEvent) -> bool:
    row = OutboxEvent.objects.filter(pk=event.pk)
    try:
        with transaction.atomic():
            for subscriber in _subscribers.get(event.type, ()):
                subscriber(event)
    except Exception as problem:  # a subscriber's fault must not hold the queue
        telemetry.log().exception("outbox.failed", outbox_event=event.pk, type=event.type)
        wait = timedelta(seconds=5 * 2**event.attempts)
        row.update(
            attempts=F("attempts") + 1,
            retry_at=clock.now() + wait,
            problem=type(problem).__name__,
            is_pending=event.attempts + 1 < MOST_ATTEMPTS,
        )
        return False
    row.update(is_pending=False, problem="")
    return True
