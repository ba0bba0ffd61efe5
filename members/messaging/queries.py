"""Reads for messages: who may be told what, in which language, and by which address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loyalty.kernel import secrecy
from members.consents.models import Consent
from members.messaging.models import MessageTemplate
from members.profiles.models import Member, PersonalData


@dataclass(frozen=True, slots=True)
class Reader:
    """A member as the one who reads: ``has_email`` tells of an address without opening it."""

    member_id: int
    language: str
    is_active: bool
    has_email: bool


def readers(member_ids: Iterable[int]) -> dict[int, Reader]:
    """Members by key as readers."""
    wanted = sorted(set(member_ids))
    reachable = set(
        PersonalData.objects.filter(member_id__in=wanted, email_sealed__isnull=False).values_list(
            "member_id", flat=True
        )
    )
    return {
        member.pk: Reader(member.pk, member.language, member.is_active, member.pk in reachable)
        for member in Member.objects.filter(pk__in=wanted)
    }


def consents(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those pairs of member and purpose for which the newest decision gives the consent."""
    wanted = set(pairs)
    rows = Consent.objects.filter(
        member_id__in={member for member, _purpose in wanted}, purpose_id__in={purpose for _member, purpose in wanted}
    ).order_by("member_id", "purpose_id", "-pk")
    newest = rows.distinct("member_id", "purpose_id")
    return {(row.member_id, row.purpose_id) for row in newest if row.is_given} & wanted


def templates(codes: Iterable[str]) -> dict[str, MessageTemplate]:
    """Templates by code; those archived since still serve the promotions that name them."""
    return {row.code: row for row in MessageTemplate.objects.filter(code__in=set(codes))}


def email_of(member_id: int) -> str:
    """A member's e-mail in clear; empty when there is none."""
    row = PersonalData.objects.filter(member_id=member_id).only("email_sealed", "program_id").first()
    if row is None or not row.email_sealed:
        return ""
    return secrecy.unseal(bytes(row.email_sealed), program_id=row.program_id)


def first_names(member_ids: Iterable[int]) -> Mapping[int, str]:
    """First names by member."""
    return dict(PersonalData.objects.filter(member_id__in=set(member_ids)).values_list("member_id", "first_name"))
