"""Letters to members, called by the outbox: a code, and word of a changed contact. Called twice, each is sent once."""

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from loyalty.kernel import clock, secrecy
from loyalty.kernel.models import OutboxEvent
from members.callers import operations
from members.callers.models import CallerCheck, CheckState
from members.profiles.models import ContactChange, Member
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


def tell_change(event: OutboxEvent) -> None:
    """Tell the address known before that the contact changed, and forget that address."""
    rows = ContactChange.objects.select_for_update(no_key=True, of=("self",)).select_related("member")
    change = rows.filter(pk=event.subject_id, tell_sealed__isnull=False).first()
    if change is None:
        return
    address = secrecy.unseal(bytes(change.tell_sealed), program_id=change.program_id)
    _word_of_change(change, address).send()
    change.tell_sealed, change.told_at = None, clock.now()
    change.save(update_fields=["tell_sealed", "told_at"])


def _word_of_change(change: ContactChange, address: str) -> EmailMessage:
    with translation.override(change.member.language):
        program = str(Program.objects.get())
        subject = _("Your contact details in %(program)s have changed") % {"program": program}
        body = _(
            "The e-mail address or the phone number of your account in %(program)s was changed.\n\n"
            "If that was you, there is nothing to do.\n"
            "If it was not you, call us at once. This is the last letter to this address if the address itself was changed."
        ) % {"program": program}
        if change.held_until is not None:
            body += "\n\n" + _("Nobody can spend your points for some time, so that you can object.")
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[address])
