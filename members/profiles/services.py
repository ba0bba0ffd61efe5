"""Joining the program and care of a member."""

from dataclasses import replace

from django.db import IntegrityError, connection

from loyalty.kernel import audit, clock, outbox
from loyalty.kernel.errors import Malformed, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.profiles import contact, operations, queries
from members.profiles.models import Identifier, Member
from members.profiles.operations import NewMember

ENROLLED = outbox.declare("member.enrolled")


class IdentifierTaken(Refusal):
    """The card, phone or e-mail belongs to a member already."""

    code = "members.identifier_taken"
    status = 409


class CheckDigitWrong(Refusal):
    """A card number whose check digit does not fit: mistyped or misread."""

    code = "members.check_digit"


def next_number() -> str:
    """A fresh member number with a Luhn check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('loyalty_member_number')")
        stem = f"{cursor.fetchone()[0]:09d}"
    check = next(digit for digit in "0123456789" if contact.luhn_is_valid(stem + digit))
    return f"M{stem}{check}"


def enroll_member(new: NewMember) -> Member:
    """Take somebody into the program in scope; a missing number is given.

    :raises IdentifierTaken: a card, the phone or the e-mail is another member's.
    :raises CheckDigitWrong: a card number is mistyped.
    """
    with unit_of_work():
        for card in new.cards:
            if not contact.luhn_is_valid(contact.card_form(card)):
                raise CheckDigitWrong(card=card)
        for kind in ("phone", "email"):
            value = getattr(new, kind)
            if value and queries.search(value, most=1).exists():
                raise IdentifierTaken(kind=kind)
        if Identifier.objects.filter(value__in=[contact.card_form(card) for card in new.cards]).exists():
            raise IdentifierTaken(kind="card")
        if not (new.email or new.phone or new.cards):
            raise Malformed(errors=[("identifiers", "required")])
        try:
            enrolled = operations.add_members([replace(new, number=new.number or next_number())])[0]
        except IntegrityError as problem:
            raise IdentifierTaken(kind="number") from problem
        member = Member.objects.get(pk=enrolled.member_id)
        audit.record("member.enrolled", member)
        outbox.add(ENROLLED, subject="member", subject_id=member.pk, at=clock.now(), account_id=enrolled.account_id)
    return member
