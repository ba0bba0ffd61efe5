"""What a member is and has: contact, balances with what comes and goes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Sum

from loyalty.kernel import secrecy
from loyalty.kernel.errors import NotFound
from members.ledger import credit
from members.ledger.models import Lot, Wallet
from members.profiles import contact
from members.profiles.models import Member
from programs.setup.models import PointType, Program


@dataclass(frozen=True, slots=True)
class Amount:
    """So many smallest units of a point type, with the type's name."""

    type: str
    decimals: int
    units: int


@dataclass(frozen=True, slots=True)
class Due:
    """Points that become usable on a day, or can be spent until it; days are the program's."""

    day: date
    units: int


@dataclass(slots=True)
class Balance:
    """What an account has of one point type, in smallest units; ``worth`` is minor units of the program's currency."""

    point_type: PointType
    active: int = 0
    pending: int = 0
    reserved: int = 0
    debt: int = 0
    credit_limit: int = 0
    worth: int | None = None
    expiring: list[Due] = field(default_factory=list)
    activating: list[Due] = field(default_factory=list)

    @property
    def shown(self) -> int:
        """The balance as members see it: active less debt."""
        return self.active - self.debt


@dataclass(frozen=True, slots=True)
class Contact:
    """How a member is reached; masked until revealed."""

    email: str
    phone: str
    birthday: date | None


def member_of(public_id: UUID) -> Member:
    """The member with this public id, personal data at hand.

    :raises NotFound: nobody in this program.
    """
    member = Member.objects.filter(public_id=public_id).select_related("personal", "region").first()
    if member is None:
        raise NotFound()
    return member


def contact_of(member: Member, *, is_masked: bool) -> Contact:
    """E-mail, phone and birthday; ``is_masked`` keeps only what the owner recognizes."""
    personal = getattr(member, "personal", None)
    if personal is None:
        return Contact("", "", None)
    email, phone = (
        secrecy.unseal(sealed, program_id=member.program_id) if sealed else ""
        for sealed in (personal.email_sealed, personal.phone_sealed)
    )
    if is_masked:
        return Contact(contact.masked_email(email), contact.masked_phone(phone), None)
    return Contact(email, phone, personal.birthday)


def balances(account_id: int, program: Program) -> list[Balance]:
    """The account's balances in the program's order; a type without a wallet yet is zero."""
    types = list(PointType.objects.order_by("position", "id"))
    wallets = {wallet.point_type_id: wallet for wallet in Wallet.objects.filter(account_id=account_id)}
    limits = credit.in_force(wallets.values(), account_id)
    found = {}
    for point_type in types:
        wallet = wallets.get(point_type.pk)
        if wallet is None and point_type.archived_at is not None:
            continue
        row = Balance(point_type)
        if wallet is not None:
            row.active, row.pending = wallet.active, wallet.pending
            row.reserved, row.debt = wallet.reserved, wallet.debt
        row.credit_limit = limits.get(point_type.pk, 0) if point_type.is_spendable else 0
        row.worth = _worth(row, program)
        found[point_type.pk] = row
    _add_dues(found, [wallet.pk for wallet in wallets.values()], program.zone)
    return list(found.values())


def _worth(row: Balance, program: Program) -> int | None:
    if not program.point_value or not row.point_type.is_spendable or row.shown <= 0:
        return None
    value = Decimal(row.shown).scaleb(program.exponent - row.point_type.decimals) * program.point_value
    return int(value.to_integral_value(ROUND_DOWN))


def last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    """The last day on which points that end at an instant can be spent."""
    return (ends_at - timedelta(microseconds=1)).astimezone(zone).date()


def _add_dues(found: dict[int, Balance], wallet_ids: Sequence[int], zone: ZoneInfo) -> None:
    open_lots = Lot.objects.filter(wallet_id__in=wallet_ids, is_open=True)
    rows = open_lots.values_list("wallet__point_type_id", "is_pending", "expires_at", "activates_at").annotate(
        units=Sum("remaining")
    )
    expiring: dict[tuple[int, date], int] = {}
    activating: dict[tuple[int, date], int] = {}
    for point_type_id, is_pending, expires_at, activates_at, units in rows:
        if expires_at is not None:
            key = (point_type_id, last_day(expires_at, zone))
            expiring[key] = expiring.get(key, 0) + units
        if is_pending and activates_at is not None:
            key = (point_type_id, activates_at.astimezone(zone).date())
            activating[key] = activating.get(key, 0) + units
    for (point_type_id, day), units in sorted(expiring.items()):
        found[point_type_id].expiring.append(Due(day, units))
    for (point_type_id, day), units in sorted(activating.items()):
        found[point_type_id].activating.append(Due(day, units))
