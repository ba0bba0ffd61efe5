"""Sending a code, called by the outbox. It may be called twice for one code and sends it once."""

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from loyalty.kernel import clock
from loyalty.kernel.models import OutboxEvent
from members.callers import operations
from members.callers.models import CallerCheck, CheckState
from members.profiles.models import Member
from programs.setup.models import Program


def send(event: OutboxEvent) -> None:
    """Send one code to the member's address, in their language; one that is over or taken is not sent any more."""
    rows = CallerCheck.objects.select_for_update(no_key=True, of=("self",)).select_related("member")
    check = rows.filter(pk=event.subject_id, state=CheckState.WAITING, sent_at__isnull=True).first()
    if check is None or check.expires_at <= clock.now():
        return
    address = operations.email_of(check.member)
    if not address:
        return
    _letter(check.member, operations.code_of(check), address).send()
    check.sent_at = clock.now()
    check.save(update_fields=["sent_at"])


def _letter(member: Member, code: str, address: str) -> EmailMessage:
    with translation.override(member.language):
        program = str(Program.objects.get())
        subject = _("%(code)s is your code for %(program)s") % {"code": code, "program": program}
        body = _(
            "Somebody is talking to our staff about your account in %(program)s.\n\n"
            "Your code: %(code)s\n\n"
            "If that is you, tell it to the person you are talking to. It is good for ten minutes.\n"
            "If it is not you, tell it to nobody: nothing happens without it."
        ) % {"code": code, "program": program}
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[address])
