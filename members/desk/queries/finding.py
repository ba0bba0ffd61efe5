"""Who is calling: members by whatever the caller gives, each with what tells them apart, nothing in clear."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from loyalty.kernel import secrecy
from members.activity.models import Purchase
from members.callers import queries as callers
from members.desk.queries.overview import Amount
from members.ledger.models import Wallet
from members.profiles import contact, queries
from members.profiles.models import AccountMember, Identifier, IdentifierKind, IdentifierState, Member, MemberTier

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A member who may be meant: everything personal is masked, until ``is_open`` the name, too.

    ``receipt`` is the one that led here.
    """

    member: Member
    name: str
    city: str
    card: str
    phone: str
    email: str
    tier: str
    balances: tuple[Amount, ...]
    receipt: str
    is_open: bool


def find(text: str) -> list[Found]:
    """Members by name, card, phone, e-mail, member number or receipt number; at most twenty, exact hits first."""
    text = text.strip()
    receipts = _by_receipt(text)
    members = {member.pk: member for member in receipts}
    for member in queries.search(text, most=MOST_FOUND):
        members.setdefault(member.pk, member)
    found = list(members.values())[:MOST_FOUND]
    return _described(found, dict.fromkeys((member.pk for member in receipts), text))


def _by_receipt(text: str) -> list[Member]:
    if contact.looks_like_email(text) or not any(sign.isdigit() for sign in text):
        return []
    purchases = Purchase.objects.filter(external_id=text).select_related("member__personal")
    return [purchase.member for purchase in purchases[:MOST_FOUND]]


def _described(members: Sequence[Member], receipts: Mapping[int, str]) -> list[Found]:
    keys = [member.pk for member in members]
    cards, tiers, balances, opened = _cards(keys), _tiers(keys), _balances(keys), callers.open_among(keys)
    return [
        Found(
            member=member,
            name=name_of(member) if member.pk in opened else callers.masked_name(member),
            city=getattr(getattr(member, "personal", None), "city", ""),
            card=cards.get(member.pk, ""),
            phone=_masked(member, "phone_sealed", contact.masked_phone),
            email=_masked(member, "email_sealed", contact.masked_email),
            tier=tiers.get(member.pk, ""),
            balances=tuple(balances.get(member.pk, ())),
            receipt=receipts.get(member.pk, ""),
            is_open=member.pk in opened,
        )
        for member in members
    ]


def name_of(member: Member) -> str:
    """The member's name; the number where nothing personal is kept."""
    personal = getattr(member, "personal", None)
    return (personal.full_name if personal else "") or member.number


def _masked(member: Member, column: str, mask: Callable[[str], str]) -> str:
    sealed = getattr(getattr(member, "personal", None), column, None)
    return mask(secrecy.unseal(sealed, program_id=member.program_id)) if sealed else ""


def _cards(member_ids: Iterable[int]) -> dict[int, str]:
    rows = Identifier.objects.filter(
        member_id__in=member_ids, kind=IdentifierKind.CARD, state=IdentifierState.ACTIVE
    ).order_by("pk")
    return {row.member_id: contact.masked_card(row.value) for row in rows}


def _tiers(member_ids: Iterable[int]) -> dict[int, str]:
    rows = MemberTier.objects.filter(member_id__in=member_ids, ended_at__isnull=True).select_related("tier")
    return {row.member_id: str(row.tier) for row in rows.order_by("-scheme__code")}


def _balances(member_ids: Iterable[int]) -> dict[int, list[Amount]]:
    pairs = AccountMember.objects.filter(member_id__in=member_ids, is_primary=True)
    members = dict(pairs.values_list("account_id", "member_id"))
    wallets = Wallet.objects.filter(account_id__in=list(members), point_type__is_spendable=True)
    found: dict[int, list[Amount]] = {}
    for wallet in wallets.select_related("point_type").order_by("point_type__position", "point_type_id"):
        point_type, units = wallet.point_type, wallet.active - wallet.debt
        shown = Amount(point_type.named(units), point_type.decimals, units)
        found.setdefault(members[wallet.account_id], []).append(shown)
    return found
