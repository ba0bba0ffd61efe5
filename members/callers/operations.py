"""What a check of a caller stands on, within the caller's transaction: codes, facts, locks."""

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import outbox, secrecy
from members.callers.models import CallerCheck
from members.profiles import contact
from members.profiles.models import Identifier, IdentifierState, Member, PersonalData

CODE_ASKED = outbox.declare("caller_code.requested")
DIGITS = 6
PURPOSE = "caller-code"
PHONE_COMPARED = 9


def code_of(check: CallerCheck) -> str:
    """The code of a check: made from the platform's key each time, so that no table and no backup holds it."""
    digest = secrecy.keyed_hash(f"{check.program_id}:{check.pk}:{check.public_id}".encode(), PURPOSE)
    return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}d}"


def is_code_of(check: CallerCheck, typed: str) -> bool:
    """Whether the code that the caller told fits."""
    digits = "".join(typed.split())
    return digits.isascii() and hmac.compare_digest(digits, code_of(check))


def lock_check(public_id: Any) -> CallerCheck | None:
    """A check of the program in scope, locked."""
    rows = CallerCheck.objects.select_for_update(no_key=True, of=("self",)).select_related("member")
    found: CallerCheck | None = rows.filter(public_id=public_id).first()
    return found


def lock_member(member_id: int) -> None:
    """Let tries about one member wait for each other: forty at once are not forty tries."""
    Member.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=member_id)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the member knows and that the desk does not show: ``known`` tells what is right for a member.

    :param is_shown: whether a user who was shown the contact in clear knows it as well.
    """

    code: str
    label: Any
    known: Callable[[Member], frozenset[str]]
    form: Callable[[str], str]
    is_shown: bool = True


_facts: dict[str, Fact] = {}


def register_fact(fact: Fact) -> None:
    """Offer one more fact to ask a caller for."""
    assert fact.code not in _facts, f"fact {fact.code} is registered twice"
    _facts[fact.code] = fact


def fact(code: str) -> Fact | None:
    """A registered fact."""
    return _facts.get(code)


def facts_of(member: Member, *, was_shown: bool) -> Iterator[Fact]:
    """The facts that a member can be asked for by a user who ``was_shown`` the contact or was not."""
    for one in _facts.values():
        if not (was_shown and one.is_shown) and one.known(member):
            yield one


def fits(member: Member, answers: Mapping[str, str]) -> bool:
    """Whether all answers are right. Each is compared, so that the time taken tells nothing."""
    right = [_facts[code].form(typed) in _facts[code].known(member) for code, typed in answers.items()]
    return bool(right) and all(right)


def _personal(member: Member) -> PersonalData | None:
    return PersonalData.objects.filter(member=member).first()


def _unsealed(member: Member, column: str) -> str:
    personal = _personal(member)
    sealed = getattr(personal, column) if personal is not None else None
    return secrecy.unseal(bytes(sealed), program_id=member.program_id) if sealed else ""


def email_of(member: Member) -> str:
    """The e-mail that the program knows; empty when it knows none."""
    return _unsealed(member, "email_sealed")


def _emails(member: Member) -> frozenset[str]:
    return frozenset({email_of(member)} - {""})


def _phone_digits(text: str) -> str:
    """The end of a phone number: callers say it with and without the code of the country."""
    return "".join(sign for sign in contact.phone_form(text) if sign.isdigit())[-PHONE_COMPARED:]


def _phones(member: Member) -> frozenset[str]:
    digits = _phone_digits(_unsealed(member, "phone_sealed"))
    return frozenset({digits} if len(digits) == PHONE_COMPARED else ())


def _cards(member: Member) -> frozenset[str]:
    rows = Identifier.objects.filter(member=member).exclude(state=IdentifierState.REPLACED)
    return frozenset(rows.values_list("value", flat=True))


register_fact(Fact("phone", _("Phone number, whole"), _phones, _phone_digits))
register_fact(Fact("email", _("E-mail address, whole"), _emails, contact.email_form))
register_fact(Fact("card", _("Card number, whole"), _cards, contact.card_form))
