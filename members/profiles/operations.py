"""Writing members and their personal data, within the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from loyalty.kernel import bulk, ids, outbox, scope, secrecy
from loyalty.kernel.errors import NotFound
from members.profiles import contact
from members.profiles.models import Account, AccountMember, ContactChange, Identifier, Member, PersonalData
from programs.setup import terms
from programs.setup.models import Program

CONTACT_CHANGED = outbox.declare("member.contact_changed")
PARTS = ("email", "phone")


@dataclass(frozen=True, slots=True)
class NewMember:
    """What is known of somebody who joins."""

    number: str
    enrolled_at: datetime
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    birthday: date | None = None
    city: str = ""
    language: str = "en"
    cards: tuple[str, ...] = ()
    attributes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The keys of a new member."""

    member_id: int
    account_id: int


def add_members(members: Sequence[NewMember]) -> list[Enrolled]:
    """Write members, each with an individual account of their own; one statement a table."""
    program = scope.program_id()
    keys = ids.take(2 * len(members))
    enrolled = [Enrolled(member_id=keys[2 * n], account_id=keys[2 * n + 1]) for n in range(len(members))]
    pairs = list(zip(enrolled, members, strict=True))
    bulk.insert(
        Member,
        ["id", "program", "number", "status", "language", "attributes", "enrolled_at"],
        [
            (key.member_id, program, new.number, "active", new.language, new.attributes, new.enrolled_at)
            for key, new in pairs
        ],
    )
    bulk.insert(Account, ["id", "program", "kind"], [(key.account_id, program, "individual") for key in enrolled])
    bulk.insert(
        AccountMember,
        ["program", "account", "member", "role", "may_spend", "is_primary"],
        [(program, key.account_id, key.member_id, "owner", True, True) for key in enrolled],
    )
    bulk.insert(
        Identifier,
        ["program", "member", "kind", "value", "state"],
        [
            (program, key.member_id, "card", contact.card_form(card), "active")
            for key, new in pairs
            for card in new.cards
        ],
    )
    _add_personal(program, pairs)
    return enrolled


def _add_personal(program: int, pairs: Sequence[tuple[Enrolled, NewMember]]) -> None:
    columns = [
        "program", "member", "first_name", "last_name", "name_search", "email_sealed", "email_index", "phone_sealed",
        "phone_index", "birthday", "city",
    ]  # fmt: skip
    bulk.insert(
        PersonalData,
        columns,
        [
            (
                program, key.member_id, new.first_name, new.last_name,
                contact.search_form(f"{new.first_name} {new.last_name}"),
                *sealed_email(new.email, program), *sealed_phone(new.phone, program), new.birthday, new.city,
            )
            for key, new in pairs
        ],
    )  # fmt: skip


def sealed_email(email: str, program: int) -> tuple[bytes | None, bytes | None]:
    """The two columns of an e-mail: sealed and indexed."""
    plain = contact.email_form(email)
    return _sealed(plain, program, "email")


def sealed_phone(phone: str, program: int) -> tuple[bytes | None, bytes | None]:
    """The two columns of a phone: sealed and indexed."""
    plain = contact.phone_form(phone)
    return _sealed(plain, program, "phone")


def _sealed(plain: str, program: int, kind: str) -> tuple[bytes | None, bytes | None]:
    if not plain:
        return None, None
    index = secrecy.blind_index(plain, program_id=program, kind=kind)
    return secrecy.seal(plain, program_id=program), index


def lock_person(member_id: int) -> PersonalData:
    """The personal data of a member of the program in scope, locked.

    :raises NotFound: no such member here, or erased.
    """
    rows = PersonalData.objects.select_for_update(no_key=True, of=("self",)).select_related("member")
    found: PersonalData | None = rows.filter(member_id=member_id).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a person's e-mail and phone, as it is stored."""

    email_sealed: bytes | None
    indexes: tuple[bytes | None, ...]

    @classmethod
    def of(cls, person: PersonalData) -> "Contact":
        """The contact of the row as it stands."""
        found = (getattr(person, f"{part}_index") for part in PARTS)
        indexes = tuple(None if index is None else bytes(index) for index in found)
        return cls(None if person.email_sealed is None else bytes(person.email_sealed), indexes)


def note_contact_change(person: PersonalData, before: Contact, *, at: datetime) -> ContactChange | None:
    """Hold the spending of whoever's e-mail or phone is another than ``before``, and have the old address told.

    Nothing where neither changed. The person is locked and saved by the caller.
    """
    pairs = zip(PARTS, before.indexes, Contact.of(person).indexes, strict=True)
    parts = [part for part, old, new in pairs if old != new]
    if not parts:
        return None
    hours = int(terms.nearest(terms.CONTACT_HOLD_HOURS, Program.objects.get()))
    actor = scope.actor()
    change: ContactChange = ContactChange.objects.create(
        member_id=person.member_id, parts=parts, changed_at=at, tell_sealed=before.email_sealed,
        held_until=at + timedelta(hours=hours) if hours else None,
        actor_kind=actor.kind, actor_id=actor.id, actor_label=actor.label,
    )  # fmt: skip
    outbox.add(CONTACT_CHANGED, subject="contact_change", subject_id=change.pk, at=at)
    return change


def lock_identifier(kind: str, value: str) -> Identifier | None:
    """The identifier of the program in scope, locked; nothing when nobody has it. ``value`` as it is stored."""
    rows = Identifier.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(kind=kind, value=value).first()
