"""Finding members: exactly by what identifies them, or by a part of the name. Always within the programs in scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from loyalty.kernel import scope, secrecy
from loyalty.kernel.errors import NotFound
from loyalty.kernel.registries import Attribute
from members.profiles import contact
from members.profiles.models import (
    AccountMember,
    AttributeKind,
    ContactChange,
    Identifier,
    IdentifierState,
    Member,
    MemberAttribute,
    MemberStatus,
    PersonalData,
)

MOST_FOUND = 20
CARDS = ("card", "virtual_card", "external")
KINDS = (*CARDS, "phone", "email", "member", "id")
# Each is looked up by itself: of many rows beneath the walls the planner would rather read small tables whole.
_BY_CARD = """
SELECT c.number, i.member_id, a.account_id, m.status
FROM (SELECT * FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY LIMIT %s) AS c(kind, value, number)
CROSS JOIN LATERAL (
  SELECT i.member_id FROM members_identifier i
  WHERE i.program_id = ANY(%s::bigint[]) AND i.kind = c.kind AND i.value = c.value AND i.state = %s ORDER BY i.id LIMIT 1
) i
CROSS JOIN LATERAL (
  SELECT a.account_id FROM members_account_member a WHERE a.member_id = i.member_id AND a.is_primary LIMIT 1
) a
CROSS JOIN LATERAL (SELECT m.status FROM members_member m WHERE m.id = i.member_id LIMIT 1) m
"""
_HELD = """
SELECT member_id, max(held_until) FROM members_contact_change
WHERE member_id = ANY(%s) AND held_until > %s AND lifted_at IS NULL GROUP BY member_id
"""


class UnknownMember(NotFound):
    """Nobody here is named like that, or what names them is blocked: the answers are the same."""

    code = "members.unknown"


@dataclass(frozen=True, slots=True)
class Identified:
    """A member, the account that their purchases earn on, and whether they are neither blocked nor erased."""

    member_id: int
    account_id: int
    is_active: bool


def identify(kind: str, value: str) -> Member:
    """The member that an identifier names.

    :raises UnknownMember: nobody here has it, or it is blocked: the two answers are the same.
    """
    found = _by_identifier(kind, value) if kind in KINDS else None
    if found is None:
        raise unknown_member()
    return found


def unknown_member() -> UnknownMember:
    """The refusal, with the kinds of identifiers that there are."""
    return UnknownMember(known=", ".join(KINDS))


def _by_identifier(kind: str, value: str) -> Member | None:
    if kind == "member":
        return Member.objects.filter(number=value).first()
    if kind == "id":
        return Member.objects.filter(public_id=value).first() if _is_uuid(value) else None
    if kind in {"phone", "email"}:
        return _by_contact(kind, value)
    row = Identifier.objects.filter(kind=kind, value=contact.card_form(value), state=IdentifierState.ACTIVE)
    identifier = row.select_related("member").first()
    return identifier.member if identifier else None


def identify_each(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, bool]]:
    """The member whom each (kind, value) names, as :func:`identify` finds them, and whether they are active.

    One query a kind, however many there are. Who is not found is left out.
    """
    by_kind: dict[str, dict[str, list[str]]] = {}
    for kind, value in set(pairs):
        by_kind.setdefault(kind, {}).setdefault(_compared(kind, value), []).append(value)
    found: dict[tuple[str, str], int] = {}
    for kind, values in by_kind.items():
        for form, member_id in _ids_of(kind, list(values)).items():
            found |= {(kind, value): member_id for value in values[form]}
    states = dict(Member.objects.filter(pk__any=list(set(found.values()))).values_list("pk", "status"))
    return {pair: (member_id, states[member_id] == MemberStatus.ACTIVE) for pair, member_id in found.items()}


def _compared(kind: str, value: str) -> str:
    """A value of a kind in the one form in which it is looked up."""
    if kind == "member":
        return value
    if kind == "id":
        return value.lower()
    if kind == "phone":
        return contact.phone_form(value)
    return contact.email_form(value) if kind == "email" else contact.card_form(value)


def _ids_of(kind: str, forms: Sequence[str]) -> dict[str, int]:
    if kind not in KINDS:
        return {}
    if kind == "member":
        return dict(Member.objects.filter(number__any=forms).values_list("number", "pk"))
    if kind == "id":
        rows = Member.objects.filter(public_id__in=[form for form in forms if _is_uuid(form)])
        return {str(public_id): key for public_id, key in rows.values_list("public_id", "pk")}
    if kind not in {"phone", "email"}:
        cards = Identifier.objects.filter(kind=kind, value__any=forms, state=IdentifierState.ACTIVE)
        return dict(cards.values_list("value", "member_id"))
    indexes = {_index(kind, form): form for form in forms}
    contacts = PersonalData.objects.filter(**{f"{kind}_index__in": list(indexes)})
    named: dict[bytes, list[int]] = {}
    for index, member_id in contacts.values_list(f"{kind}_index", "member_id"):
        named.setdefault(bytes(index), []).append(member_id)
    return {indexes[index]: members[0] for index, members in named.items() if len(members) == 1}


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.replace("-", "").isalnum() and all(c in "0123456789abcdef-" for c in text.lower())


def _by_contact(kind: str, value: str) -> Member | None:
    plain = contact.email_form(value) if kind == "email" else contact.phone_form(value)
    index = secrecy.blind_index(plain, program_id=scope.program_id(), kind=kind)
    matches = list(PersonalData.objects.filter(**{f"{kind}_index": index}).select_related("member")[:2])
    # A phone that two members share names nobody at a till.
    return matches[0].member if len(matches) == 1 else None


def identified(kind: str, value: str) -> Identified:
    """The member that an identifier names, with the primary account; a card in one statement, for tills name cards.

    :raises UnknownMember: as :func:`identify` does.
    """
    found = identified_each([(kind, value)])[0]
    if found is None:
        raise unknown_member()
    return found


def identified_each(pairs: Sequence[tuple[str, str]]) -> list[Identified | None]:
    """The members whom (kind, value) name, as :func:`identified` finds them; None where it refuses. Cards in one statement."""
    found: list[Identified | None] = [None] * len(pairs)
    cards = [(place, kind, contact.card_form(value)) for place, (kind, value) in enumerate(pairs) if kind in CARDS]
    for place, (kind, value) in enumerate(pairs):
        member = _by_identifier(kind, value) if kind in KINDS and kind not in CARDS else None
        if member is not None:
            found[place] = Identified(member.pk, primary_account(member.pk), member.is_active)
    if cards:
        places, kinds, values = zip(*cards, strict=True)
        with connection.cursor() as cursor:
            programs = list(scope.current().programs)
            cursor.execute(_BY_CARD, [list(kinds), list(values), len(cards), programs, IdentifierState.ACTIVE.value])
            for number, member_id, account_id, status in cursor.fetchall():
                found[places[number - 1]] = Identified(member_id, account_id, status == MemberStatus.ACTIVE)
    return found


def primary_account(member_id: int) -> int:
    """The account that a member's purchases earn on."""
    return int(AccountMember.objects.values_list("account_id", flat=True).get(member_id=member_id, is_primary=True))


def spending_held(member_id: int, at: datetime) -> ContactChange | None:
    """The change of contact that holds a member's spending longest at ``at``; none when points can be spent."""
    rows = ContactChange.objects.filter(member_id=member_id, held_until__gt=at, lifted_at__isnull=True)
    return rows.order_by("-held_until").first()


def spending_holds(member_ids: Sequence[int], at: datetime) -> dict[int, datetime]:
    """Of members those whose spending is held at ``at``, and until when."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [list(member_ids), at])
        return dict(cursor.fetchall())


def search(text: str, *, most: int = MOST_FOUND) -> QuerySet[Member]:
    """Members by whatever the caller gave: e-mail, phone, card, member number, or a part of the name."""
    text = text.strip()
    members = Member.objects.select_related("personal")
    if not text:
        return members.none()
    if contact.looks_like_email(text):
        return members.filter(personal__email_index=_index("email", contact.email_form(text)))[:most]
    if contact.looks_like_number(text):
        return members.filter(pk__in=_ids_by_number(text))[:most]
    by_number = members.filter(number=text.upper())
    if by_number.exists():
        return by_number
    words = contact.search_form(text).split()
    for word in words:
        members = members.filter(personal__name_search__contains=word)
    return members.order_by("personal__name_search", "pk")[:most] if words else members.none()


def _index(kind: str, plain: str) -> bytes:
    return secrecy.blind_index(plain, program_id=scope.program_id(), kind=kind)


def _ids_by_number(text: str) -> Sequence[int]:
    card = contact.card_form(text)
    found = list(Identifier.objects.filter(value=card).values_list("member_id", flat=True))
    found += Member.objects.filter(number=card).values_list("pk", flat=True)
    phones = {contact.phone_form(text), f"+{contact.phone_form(text).lstrip('+')}"}
    indexes = [_index("phone", phone) for phone in phones]
    found += PersonalData.objects.filter(phone_index__in=indexes).values_list("member_id", flat=True)
    return found


def is_card(number: str) -> bool:
    """Whether somebody of the program in scope has a card or number like this."""
    return Identifier.objects.filter(value=number).exists()


_EQUALITY, _ORDER, _PRESENCE = ("eq", "ne"), ("gte", "gt", "lte", "lt", "eq", "ne"), ("is_present", "is_missing")
_OPERATORS = {
    AttributeKind.TEXT: (*_EQUALITY, "in", "not_in", "starts_with", *_PRESENCE),
    AttributeKind.WHOLE: (*_ORDER, *_PRESENCE),
    AttributeKind.NUMBER: (*_ORDER, *_PRESENCE),
    AttributeKind.YES_NO: ("eq", *_PRESENCE),
    AttributeKind.DATE: (*_ORDER, *_PRESENCE),
}


def declared_attributes() -> list[Attribute]:
    """The properties of members that the program in scope declares, as conditions read them."""
    rows = MemberAttribute.objects.filter(archived_at__isnull=True).order_by("code")
    return [
        Attribute(f"member.{row.code}", row.kind, str(row.name), _OPERATORS[AttributeKind(row.kind)]) for row in rows
    ]
