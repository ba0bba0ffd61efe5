"""Sending what waits, called by the outbox. It may be called twice for one message and sends it once."""

from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage

from loyalty.kernel import clock
from loyalty.kernel.models import OutboxEvent
from loyalty.kernel.outbox import MOST_ATTEMPTS
from members.messaging import operations, placeholders, queries
from members.messaging.models import Category, Message, MessageState


def send(event: OutboxEvent) -> None:
    """Send one message by e-mail; a consent that was withdrawn meanwhile stops it.

    A server that does not answer is asked again by the outbox; after the last time the message has failed.
    """
    rows = Message.objects.select_for_update(no_key=True, of=("self",)).select_related("template", "member")
    message = rows.filter(pk=event.subject_id, state=MessageState.QUEUED).first()
    if message is None:
        return
    address = queries.email_of(message.member_id)
    reason = _stopped_by(message, address)
    if reason:
        _end(message, MessageState.SUPPRESSED, reason)
        return
    try:
        _post(message, address)
    except SMTPRecipientsRefused:
        _end(message, MessageState.FAILED, operations.REFUSED)
        return
    except OSError as problem:
        if event.attempts + 1 < MOST_ATTEMPTS:
            raise
        _end(message, MessageState.FAILED, type(problem).__name__[:40])
        return
    message.sent_at = clock.now()
    _end(message, MessageState.SENT, "")


def _stopped_by(message: Message, address: str) -> str:
    template = message.template
    if not message.member.is_active:
        return operations.INACTIVE
    purpose_id = template.purpose_id if template is not None and template.category == Category.MARKETING else None
    if purpose_id is not None and not queries.consents([(message.member_id, purpose_id)]):
        return operations.NO_CONSENT
    return "" if address else operations.NO_ADDRESS


def _post(message: Message, address: str) -> None:
    names = {"first_name": queries.first_names([message.member_id]).get(message.member_id, "")}
    # A line break in a subject would begin another header.
    subject = " ".join(placeholders.filled(message.subject, names).split())
    EmailMessage(subject=subject, body=placeholders.filled(message.body, names), to=[address]).send()


def _end(message: Message, state: MessageState, reason: str) -> None:
    message.state, message.reason = state, reason
    message.save(update_fields=["state", "reason", "sent_at"])
