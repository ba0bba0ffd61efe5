"""Recording declared events of members: checked against the declaration, taken in once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from loyalty.kernel import bulk, ids, outbox, scope
from loyalty.kernel.errors import IdempotencyMismatch, Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import occasions
from members.activity.batch import MemberBlocked
from members.activity.models import Event, Purchase, Received
from members.ledger import operations as ledger
from members.ledger import outbox_types
from members.profiles import queries as profiles
from members.profiles.models import Member
from programs.setup import events as declared
from programs.setup.models import EventKind, Program

EVENT_RECORDED = outbox.declare("event.recorded")
KIND = "event"
# An event with this attribute is about one receipt.
RECEIPT = "receipt"


class UnknownEvent(Refusal):
    """The program declares no event of this kind."""

    code = "activity.unknown_event"
    field = "kind"


class EventInTheFuture(Refusal):
    """The event is dated later than the clock allows."""

    code = "activity.event_in_the_future"
    field = "at"


class EventTooLate(Refusal):
    """The event is older than the program accepts."""

    code = "activity.event_too_late"
    field = "at"


@dataclass(frozen=True, slots=True)
class EventInput:
    """One event as a door received it. ``name`` is what it is known by at ``source``: its external id or request key."""

    source: str
    name: str
    body_hash: bytes
    member_id: int
    kind: str
    at: datetime
    attributes: Mapping[str, Any]
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """The event, and whether it had been recorded before."""

    event: Event
    is_replay: bool


def record_event(given: EventInput, *, now: datetime) -> RecordedEvent:
    """Record one event of the program in scope. The same ``source`` and ``name`` again is the first one.

    :raises UnknownEvent: no such kind is declared.
    :raises Malformed: the attributes are not those that the kind declares.
    :raises EventInTheFuture: dated later than the clock allows.
    :raises EventTooLate: older than the program accepts.
    :raises NotFound: the member is not in this program.
    :raises MemberBlocked: the member takes no part.
    :raises IdempotencyMismatch: recorded before with another content.
    """
    if earlier := _earlier(given):
        return earlier
    kind = _kind_of(given)
    at = _occurred_at(given.at, now)
    with unit_of_work():
        member = Member.objects.filter(pk=given.member_id).first()
        if member is None:
            raise NotFound()
        if not member.is_active:
            raise MemberBlocked()
        key = ids.take(1)[0]
        taken = bulk.insert(
            Received,
            ["program", "source", "kind", "external_id", "fact_id", "body_hash"],
            [(scope.program_id(), given.source, KIND, given.name, key, given.body_hash)],
            suffix="ON CONFLICT (program_id, source, kind, external_id) DO NOTHING RETURNING fact_id",
        )
        if taken:
            event = Event.objects.create(
                id=key, program_id=member.program_id, kind=kind, member=member, source=given.source,
                external_id=given.external_id, attributes=dict(given.attributes), occurred_at=at,
            )  # fmt: skip
            outbox.add(EVENT_RECORDED, subject="event", subject_id=key, at=at)
            _activate(event)
            occasions.start([occasions.of_event(event)])
    if taken:
        return RecordedEvent(Event.objects.select_related("kind").get(pk=key), is_replay=False)
    # Another request with the same name was quicker; it has committed, or the insert would still wait for it.
    found = _earlier(given)
    assert found is not None
    return found


def _activate(event: Event) -> None:
    """Make points usable that await this event: those of the receipt that it names, or all that its member has."""
    receipt = event.attributes.get(RECEIPT)
    found = None
    if receipt is not None:
        rows = Purchase.objects.filter(member_id=event.member_id, external_id=str(receipt))
        found = list(rows.values_list("pk", flat=True))
    account_id = profiles.primary_account(event.member_id)
    entries = ledger.activate_awaited(account_id, event.kind.code, event.pk, at=event.occurred_at, purchase_ids=found)
    for entry in entries:
        outbox_types.add_posted(entry, event.occurred_at)


def _earlier(given: EventInput) -> RecordedEvent | None:
    fact = Received.objects.filter(source=given.source, kind=KIND, external_id=given.name).first()
    if fact is None:
        return None
    if bytes(fact.body_hash) != given.body_hash:
        raise IdempotencyMismatch(external_id=given.external_id)
    return RecordedEvent(Event.objects.select_related("kind").get(pk=fact.fact_id), is_replay=True)


def _kind_of(given: EventInput) -> EventKind:
    kinds = {one.code: one for one in EventKind.objects.filter(archived_at__isnull=True)}
    kind = kinds.get(given.kind)
    if kind is None:
        raise UnknownEvent(kind=given.kind, known=", ".join(sorted(kinds)) or "-")
    wrong = declared.faults(kind.attributes, given.attributes)
    if wrong:
        raise Malformed(errors=[(f"attributes.{name}", code) for name, code in wrong])
    return kind


def _occurred_at(at: datetime, now: datetime) -> datetime:
    days = Program.objects.get().lateness_days
    if at > now + settings.CLOCK_SKEW_ACCEPTED:
        raise EventInTheFuture(at=at.isoformat())
    if at < now - timedelta(days=days):
        raise EventTooLate(at=at.isoformat(), days=days)
    return min(at, now)


def events_of(member_id: int) -> QuerySet[Event]:
    """A member's events, the newest first."""
    return Event.objects.filter(member_id=member_id).select_related("kind").order_by("-occurred_at", "-pk")
