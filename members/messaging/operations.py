"""Writing messages within the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.kernel import bulk, ids, outbox, scope, telemetry
from loyalty.kernel.models import OutboxEvent
from loyalty.kernel.text import Texts
from members.messaging import placeholders, queries
from members.messaging.models import Category, Channel, Message, MessageState, MessageTemplate
from members.messaging.queries import Reader
from programs.setup.models import Program

QUEUED = outbox.declare("message.queued")
NO_CONSENT, NO_ADDRESS, INACTIVE, RETURNED, REFUSED = (
    "no_consent", "no_address", "member_inactive", "returned", "address_refused",
)  # fmt: skip
LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message to be written: by a template, or a text of the promotion's own, which only the member's list takes.

    :param facts: values for placeholders.
    """

    member_id: int
    template: MessageTemplate | None
    text: Mapping[str, str]
    facts: Mapping[str, str]
    cause_kind: str
    cause_id: int
    rule: str
    request_key: str
    at: datetime

    @property
    def channel(self) -> str:
        return self.template.channel if self.template else Channel.IN_APP


def write(wanted: Sequence[Wanted]) -> list[Message]:
    """Write messages in the readers' languages; a few statements whatever their number.

    Who may not be told gets a message that says so and is never sent. One by e-mail waits for the outbox; one for the
    member's own list is there at once.
    """
    readers = queries.readers(one.member_id for one in wanted)
    given = queries.consents(
        (one.member_id, one.template.purpose_id)
        for one in wanted
        if one.template is not None and one.template.purpose_id is not None
    )
    name = Program.objects.get().name
    rows = []
    for one, key in zip(wanted, ids.take(len(wanted)), strict=True):
        reader = readers[one.member_id]
        values = {**dict.fromkeys(placeholders.FACTS, ""), **one.facts}
        values["program"] = Texts(name).in_language(reader.language)
        reason = _why_not(one, reader, given)
        is_there = not reason and one.channel == Channel.IN_APP
        subject = Texts(one.template.subject).in_language(reader.language) if one.template else ""
        body = Texts(one.template.body if one.template else one.text).in_language(reader.language)
        state = MessageState.SUPPRESSED if reason else MessageState.SENT if is_there else MessageState.QUEUED
        rows.append(
            Message(
                id=key, program_id=scope.program_id(), member_id=one.member_id, template=one.template,
                channel=one.channel, language=reader.language,
                subject=placeholders.filled(subject, values)[:LONGEST_SUBJECT],
                body=placeholders.filled(body, values), state=state, reason=reason, cause_kind=one.cause_kind,
                cause_id=one.cause_id, rule=one.rule, request_key=one.request_key, made_at=one.at,
                sent_at=one.at if is_there else None,
            )
        )  # fmt: skip
    Message.objects.bulk_create(rows)
    _queue([row for row in rows if row.state == MessageState.QUEUED])
    return rows


def _why_not(one: Wanted, reader: Reader, given: set[tuple[int, int]]) -> str:
    """Why the member is not told, as a code; empty when nothing stands against it."""
    template = one.template
    if not reader.is_active:
        return INACTIVE
    is_marketing = template is not None and template.category == Category.MARKETING
    if template is not None and is_marketing and (one.member_id, template.purpose_id) not in given:
        return NO_CONSENT
    if one.channel == Channel.EMAIL and not reader.has_email:
        return NO_ADDRESS
    return ""


def _queue(rows: Sequence[Message]) -> None:
    columns = [
        "program", "type", "version", "subject", "subject_id", "account_id", "sequence", "occurred_at", "trace_id",
        "is_pending", "attempts", "problem",
    ]  # fmt: skip
    bulk.insert(
        OutboxEvent,
        columns,
        [
            (row.program_id, QUEUED, 1, "message", row.pk, None, 0, row.made_at, telemetry.trace_id(), True, 0, "")
            for row in rows
        ],
    )  # fmt: skip


def withhold(message_ids: Sequence[int]) -> int:
    """Keep messages back that were not sent yet; how many. What is sent is sent."""
    waiting = Message.objects.filter(pk__in=list(message_ids), state=MessageState.QUEUED)
    return waiting.update(state=MessageState.SUPPRESSED, reason=RETURNED)
