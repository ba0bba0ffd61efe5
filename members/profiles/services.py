"""Joining the program and care of a member."""

from dataclasses import dataclass, fields, replace
from datetime import date

from django.db import IntegrityError, connection

from loyalty.kernel import audit, clock, outbox, registries, scope
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.profiles import contact, details, operations, queries
from members.profiles.details import MemberDetails
from members.profiles.models import Identifier, IdentifierKind, IdentifierState, Member, PersonalData
from members.profiles.operations import NewMember
from programs.setup import terms
from programs.setup.models import Program

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


def _check_card(number: str) -> None:
    """Refuse a mistyped card by the program's kind of check digit (setting ``card_check``: luhn, ean13 or none)."""
    kind = terms.nearest(terms.CARD_CHECK, Program.objects.get())
    if not contact.CARD_CHECKS[kind](number):
        raise CheckDigitWrong(card=number)


def _take_turns(*values: str) -> None:
    """Let two who join with the same e-mail or phone at once wait for each other, until the transaction ends."""
    with connection.cursor() as cursor:
        for value in sorted(value for value in values if value):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [value, scope.program_id()])


def enroll_member(new: NewMember) -> Member:
    """Take somebody into the program in scope; a missing number is given.

    :raises IdentifierTaken: a card, the phone or the e-mail is another member's.
    :raises CheckDigitWrong: a card number is mistyped.
    """
    with unit_of_work():
        _take_turns(contact.email_form(new.email), contact.phone_form(new.phone))
        for card in new.cards:
            _check_card(contact.card_form(card))
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
        registries.enrolled(member)
    return member


@dataclass(frozen=True, slots=True)
class PersonChanges:
    """What changes of a member's own data; what is None stays. ``forgets_birthday`` empties the birthday."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    birthday: date | None = None
    forgets_birthday: bool = False
    city: str | None = None
    language: str | None = None

    def names(self) -> list[str]:
        """The fields that change, for the audit trail, which holds no personal data."""
        given = [field.name for field in fields(self) if getattr(self, field.name) not in (None, False)]
        return sorted("birthday" if name == "forgets_birthday" else name for name in given)


def read_member(kind: str, value: str, *, in_clear: bool) -> MemberDetails:
    """Look a member up by an identifier; that personal data were read is recorded.

    :raises NotFound: nobody here has it.
    """
    with unit_of_work():
        member = queries.identify(kind, value)
        audit.record("member.read", member)
        return details.details(member.pk, in_clear=in_clear)


def change_member(member_id: int, changes: PersonChanges, *, preview: bool = False) -> None:
    """Change a member's name, contact, birthday, city or language.

    Another e-mail or phone holds spending for the program's ``contact_hold_hours``, and the old address is told.

    :raises NotFound: no such member here.
    :raises IdentifierTaken: the e-mail or phone is another member's.
    """
    with unit_of_work(preview=preview):
        person = operations.lock_person(member_id)
        before = operations.Contact.of(person)
        for name in ("first_name", "last_name", "city", "birthday"):
            if getattr(changes, name) is not None:
                setattr(person, name, getattr(changes, name))
        if changes.forgets_birthday:
            person.birthday = None
        if changes.email is not None:
            person.email_sealed, person.email_index = operations.sealed_email(changes.email, person.program_id)
            _refuse_taken("email", person)
        if changes.phone is not None:
            person.phone_sealed, person.phone_index = operations.sealed_phone(changes.phone, person.program_id)
            _refuse_taken("phone", person)
        person.name_search = contact.search_form(person.full_name)
        person.save(
            update_fields=[
                "first_name", "last_name", "name_search", "email_sealed", "email_index", "phone_sealed", "phone_index",
                "birthday", "city",
            ]
        )  # fmt: skip
        if changes.language is not None:
            Member.objects.filter(pk=member_id).update(language=changes.language)
        operations.note_contact_change(person, before, at=clock.now())
        audit.record("member.changed", person.member, changes={"fields": (None, ", ".join(changes.names()))})


def _refuse_taken(kind: str, person: PersonalData) -> None:
    index = getattr(person, f"{kind}_index")
    others = PersonalData.objects.exclude(pk=person.pk)
    if index is not None and others.filter(**{f"{kind}_index": index}).exists():
        raise IdentifierTaken(kind=kind)


def add_identifier(member_id: int, *, kind: str, value: str) -> Identifier:
    """Give a member one more card or number; one of their own that was blocked opens again.

    :raises NotFound: no such member here.
    :raises CheckDigitWrong: a card number is mistyped.
    :raises IdentifierTaken: another member has it.
    """
    number = contact.card_form(value)
    if kind == IdentifierKind.CARD:
        _check_card(number)
    with unit_of_work():
        person = operations.lock_person(member_id)
        found = operations.lock_identifier(kind, number)
        if found is not None and found.member_id != member_id:
            raise IdentifierTaken(kind=kind)
        before = found.state if found else None
        try:
            row = found or Identifier.objects.create(member_id=member_id, kind=kind, value=number)
        except IntegrityError as problem:
            raise IdentifierTaken(kind=kind) from problem
        row.state, row.blocked_at = IdentifierState.ACTIVE, None
        row.save(update_fields=["state", "blocked_at"])
        audit.record("member.identifier_added", person.member, changes={kind: (before, row.state)})
    return row


def block_identifier(member_id: int, *, kind: str, value: str) -> Identifier:
    """Block a member's own card or number: from now on it names nobody.

    :raises NotFound: the member does not have it.
    """
    with unit_of_work():
        person = operations.lock_person(member_id)
        row = operations.lock_identifier(kind, contact.card_form(value))
        if row is None or row.member_id != member_id:
            raise NotFound()
        before, row.state, row.blocked_at = row.state, IdentifierState.BLOCKED, clock.now()
        row.save(update_fields=["state", "blocked_at"])
        audit.record("member.identifier_blocked", person.member, changes={kind: (before, row.state)})
    return row
