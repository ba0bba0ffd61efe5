"""One member with everything that a person or system who may see them is shown."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from loyalty.kernel import secrecy
from loyalty.kernel.errors import NotFound
from members.profiles import contact
from members.profiles.models import Identifier, Member, MemberTier, PersonalData


@dataclass(frozen=True, slots=True)
class IdentifierDetails:
    """What a till reads, and whether it still opens anything."""

    kind: str
    value: str
    state: str


@dataclass(frozen=True, slots=True)
class TierDetails:
    """The present tier in one scheme, by codes."""

    scheme: str
    tier: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class MemberDetails:
    """A member with personal data; e-mail and phone are in clear only where the caller asked for it."""

    id: UUID
    number: str
    status: str
    language: str
    enrolled_at: datetime
    first_name: str
    last_name: str
    email: str
    phone: str
    birthday: date | None
    city: str
    identifiers: tuple[IdentifierDetails, ...]
    tiers: tuple[TierDetails, ...]


def details(member_id: int, *, in_clear: bool) -> MemberDetails:
    """A member of the program in scope.

    :param in_clear: e-mail and phone as they are; masked otherwise.
    :raises NotFound: no such member here.
    """
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise NotFound()
    personal = PersonalData.objects.filter(member_id=member_id).first() or PersonalData(program_id=member.program_id)
    email = _opened(personal.email_sealed, member.program_id)
    phone = _opened(personal.phone_sealed, member.program_id)
    tiers = MemberTier.objects.filter(member_id=member_id, ended_at__isnull=True).select_related("scheme", "tier")
    return MemberDetails(
        id=member.public_id,
        number=member.number,
        status=member.status,
        language=member.language,
        enrolled_at=member.enrolled_at,
        first_name=personal.first_name,
        last_name=personal.last_name,
        email=email if in_clear else contact.masked_email(email),
        phone=phone if in_clear else contact.masked_phone(phone),
        birthday=personal.birthday,
        city=personal.city,
        identifiers=tuple(
            IdentifierDetails(row.kind, row.value, row.state)
            for row in Identifier.objects.filter(member_id=member_id).order_by("pk")
        ),
        tiers=tuple(TierDetails(row.scheme.code, row.tier.code, row.valid_until) for row in tiers.order_by("pk")),
    )


def _opened(sealed: bytes | memoryview | None, program_id: int) -> str:
    return secrecy.unseal(bytes(sealed), program_id=program_id) if sealed else ""
