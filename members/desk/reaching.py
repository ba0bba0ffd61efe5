"""Another e-mail or phone without a code to the old address needs a second supervisor: who can be reached can spend."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.kernel import proposals, secrecy
from loyalty.kernel.models import Proposal
from members.callers import services as callers
from members.profiles import contact
from members.profiles.models import Member


def ask_for_contact(member: Member, *, email: str, phone: str, note: str, at: datetime) -> Proposal:
    """Ask for another e-mail, phone or both, after making sure that they could be written now.

    :raises callers.NothingNew: both are empty.
    :raises own.OwnAccount: the user in scope takes part in the account.
    :raises members.IdentifierTaken: another member has it.
    :raises proposals.AskedBefore: a change of this member's contact waits for its decision.
    """
    callers.change_contact(member, email=email, phone=phone, at=at, preview=True)
    sealed = {"email": _seal(email, member.program_id), "phone": _seal(phone, member.program_id)}
    return proposals.propose(KIND.code, {"member": member.pk, **sealed}, note=note, at=at)


def _seal(text: str, program_id: int) -> str:
    return base64.b64encode(secrecy.seal(text, program_id=program_id)).decode() if text else ""


def _opened(arguments: Mapping[str, Any], member: Member) -> tuple[str, str]:
    """E-mail and phone in clear."""
    email, phone = (
        secrecy.unseal(base64.b64decode(arguments[part]), program_id=member.program_id) if arguments[part] else ""
        for part in ("email", "phone")
    )
    return email, phone


def _describe(arguments: Mapping[str, Any]) -> str:
    number = Member.objects.values_list("number", flat=True).get(pk=arguments["member"])
    parts = [str(name) for part, name in (("email", _("e-mail")), ("phone", _("phone"))) if arguments[part]]
    return _("%(parts)s of member %(number)s") % {"parts": ", ".join(parts), "number": number}


def _detail(arguments: Mapping[str, Any]) -> str:
    email, phone = _opened(arguments, Member.objects.get(pk=arguments["member"]))
    return "\n".join(text for text in (contact.masked_email(email), contact.masked_phone(phone)) if text)


def _about(arguments: Mapping[str, Any]) -> str:
    return reverse("desk-member", args=[Member.objects.values_list("public_id", flat=True).get(pk=arguments["member"])])


def _carry_out(arguments: Mapping[str, Any], at: datetime) -> None:
    member = Member.objects.get(pk=arguments["member"])
    email, phone = _opened(arguments, member)
    callers.change_contact(member, email=email, phone=phone, at=at, is_approved=True)


KIND = proposals.Kind(
    code="contact.change", title=gettext_lazy("Another e-mail or phone"), permission="contacts.decide",
    describe=_describe, carry_out=_carry_out, detail=_detail,
    about=_about, once="member",
)  # fmt: skip
proposals.register(KIND)
