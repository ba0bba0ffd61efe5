"""What a sale moves: later ends, points back after their end, new points, points of another type.

Under the locks of all wallets concerned, and within the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, Sum

from loyalty.kernel.errors import Refusal
from members.ledger import plans
from members.ledger.models import Bucket, Entry, EntryKind, Lot, LotUse, PointSale, PriceList
from members.ledger.operations.lapsing import lots_to_spend
from members.ledger.operations.locking import WalletFrozen, lock_wallets
from members.ledger.operations.moves import InsufficientPoints, in_points
from members.ledger.operations.posting import post
from members.ledger.plans import Credit, EntryPlan, Leg, NewEnd, Taking, WalletView
from programs.rules import life
from programs.setup.models import PointType, Program, ReversalPolicy

CAUSE = "sale"
# No promotion's code is written in small letters: lots with these were not earned.
BOUGHT, CONVERTED = "bought", "converted"


class NothingToExtend(Refusal):
    """No points of the account end within the days asked for, or all of them have been extended often enough."""

    code = "ledger.nothing_to_extend"
    status = 409
    field = "until"


class NothingExpired(Refusal):
    """Fewer points of the account expired within the window."""

    code = "ledger.nothing_expired"
    status = 409
    field = "points"


@dataclass(frozen=True, slots=True)
class Part:
    """Points of one lot with the end that they had and the one that they get, smallest units."""

    lot_id: int
    points: int
    before: datetime
    after: datetime


def endings(priced: PriceList, wallet_id: int, before: datetime, at: datetime) -> list[Part]:
    """What of a wallet can get a later end: usable lots that end up to ``before``, near enough and not moved too often.

    :raises NothingToExtend: nothing can.
    """
    program = Program.objects.get()
    moved = Count("ends", filter=Q(ends__entry__kind=EntryKind.EXTEND))
    rows = Lot.objects.filter(
        wallet_id=wallet_id, is_open=True, is_pending=False, expires_at__gt=at, expires_at__lte=before
    ).annotate(moved=moved)
    assert priced.days is not None, "a list that sells later ends says by how many days"
    found = [
        Part(lot.pk, lot.remaining, lot.expires_at, _later(lot.expires_at, priced.days, program))
        for lot in rows.order_by("expires_at", "pk")
        if (priced.window_days is None or (lot.expires_at - at).days < priced.window_days)
        and (priced.most_times is None or lot.moved < priced.most_times)
    ]
    if not found:
        raise NothingToExtend()
    return found


def _later(at: datetime, days: int, program: Program) -> datetime:
    """So many days of the program's calendar later, at the same time of the day."""
    found = life.ends_at({"after_days": days}, at, program.timezone)
    assert found is not None
    return found


def extend(sale: PointSale, parts: Sequence[Part], at: datetime) -> Entry:
    """Move the ends of lots to later. What was spent of them meanwhile, such as the price, is no longer there.

    :raises NothingToExtend: nothing is left of them.
    """
    left = dict(Lot.objects.filter(pk__in=[one.lot_id for one in parts], is_open=True).values_list("pk", "remaining"))
    plan = _plan(sale, EntryKind.EXTEND, at)
    for one in parts:
        if one.lot_id in left:
            plan.ends.append(NewEnd(one.lot_id, one.before, one.after))
    if not plan.ends:
        raise NothingToExtend()
    sale.points = sum(left.values())
    return _written(plan)


def expired(priced: PriceList, wallet_id: int, points: int | None, at: datetime) -> list[Part]:
    """What of a wallet expired within the window and can come back, the latest ended first; ``points`` of it, or all.

    :raises NothingExpired: less is there.
    """
    program = Program.objects.get()
    assert priced.window_days is not None, "a list that sells expired points says for how long"
    since = _later(at, -priced.window_days, program)
    is_end = Q(entry__kind=EntryKind.EXPIRE)
    rows = (
        LotUse.objects.filter(
            is_end | Q(entry__kind=EntryKind.REINSTATE), lot__wallet_id=wallet_id, lot__is_pending=False
        )
        .values_list("lot_id")
        .annotate(ended=Max("entry__effective_at", filter=is_end), gone=Sum("amount"))
        .filter(ended__gt=since, gone__gt=0)
        .order_by("-ended", "lot_id")
    )
    assert priced.days is not None, "a list that sells expired points says how long they live"
    after = _later(at, priced.days, program)
    found: list[Part] = []
    wanted = points
    for lot_id, ended_at, gone in rows:
        taken = gone if wanted is None else min(wanted, gone)
        if taken:
            found.append(Part(lot_id, taken, ended_at, after))
            wanted = None if wanted is None else wanted - taken
    if not found or wanted:
        there = sum(gone for _lot, _ended_at, gone in rows)
        raise NothingExpired(available=in_points(there, priced.point_type_id))
    return found


def reinstate(sale: PointSale, wallet: WalletView, parts: Sequence[Part], at: datetime) -> Entry:
    """Give expired points back to the lots that they were in, with who paid for them, and let these live again."""
    lots: Mapping[int, Lot] = Lot.objects.in_bulk([one.lot_id for one in parts])
    plan = _plan(sale, EntryKind.REINSTATE, at)
    for one in parts:
        lot = lots[one.lot_id]
        plan.takings.append(Taking(lot.pk, -one.points))
        plan.legs.append(Leg(None, wallet.point_type_id, Bucket.EXPIRED, -one.points, lot.partner_id))
        plan.legs.append(Leg(wallet.id, wallet.point_type_id, Bucket.ACTIVE, one.points))
        assert lot.expires_at is not None, "what never ends does not expire"
        # A part of the lot may have come back before and live as long already.
        if one.after > lot.expires_at:
            plan.ends.append(NewEnd(lot.pk, lot.expires_at, one.after))
    return _written(plan)


def give_bought(sale: PointSale, wallet: WalletView, at: datetime) -> Entry:
    """Give points that were paid for: they end as points earned now, a debt is repaid first, no tier counts them."""
    program, point_type = Program.objects.get(), PointType.objects.get(pk=sale.point_type_id)
    credit = Credit(
        amount=sale.points, rule=BOUGHT, version_id=None, partner_id=None, activates_at=None,
        expires_at=life.ends_at(point_type.expiry, at, program.timezone), idle=life.inactivity(point_type.expiry),
    )  # fmt: skip
    plan = _plan(sale, EntryKind.BUY, at)
    plans.credit(plan, wallet, [credit], at=at, source=Bucket.SOLD, debt_share=program.debt_share)
    return _written(plan)


def take_back_bought(sale: PointSale, wallet: WalletView, at: datetime) -> Entry:
    """Take bought points back: first those of the sale, then others; what is missing is a debt, or written off, as the
    program does it with returns.
    """
    assert sale.entry_id is not None, "only what was given is taken back"
    plan = _plan(sale, EntryKind.REFUND, at)
    plan.reverses_id = sale.entry_id
    plans.reverse(
        plan, wallet, lots_to_spend({wallet.id: wallet}, at=at).get(wallet.id, []), {BOUGHT: sale.points},
        original_entry_id=sale.entry_id, funders={}, at=at, source=Bucket.SOLD,
        keeps_debt=Program.objects.get().reversal_policy == ReversalPolicy.DEBT,
    )  # fmt: skip
    return _written(plan)


def convert(sale: PointSale, giving: WalletView, getting: WalletView, at: datetime) -> Entry:
    """Take ``sale.price`` points of one type, first expiring first, and give ``sale.points`` of another.

    Who paid for the ones pays for the others, by the largest remainder. They live as points earned now.

    :raises InsufficientPoints: less is there, debts deducted: nothing is converted on credit.
    """
    program, point_type = Program.objects.get(), PointType.objects.get(pk=sale.point_type_id)
    lots = lots_to_spend({giving.id: giving}, at=at).get(giving.id, [])
    usable = sum(lot.remaining for lot in lots if lot.is_usable(at)) - giving.debt
    if sale.price > usable:
        raise InsufficientPoints(
            available=in_points(max(0, usable), giving.point_type_id),
            needed=in_points(sale.price, giving.point_type_id),
        )
    plan = _plan(sale, EntryKind.CONVERT, at)
    taken = plans.take(plan, giving, plans.queue(lots, at), sale.price)
    for partner_id, amount in taken.items():
        plan.legs.append(Leg(None, giving.point_type_id, Bucket.CONVERTED, amount, partner_id))
    ends = life.ends_at(point_type.expiry, at, program.timezone)
    credits = [
        Credit(
            amount=amount,
            rule=CONVERTED,
            version_id=None,
            partner_id=partner_id,
            activates_at=None,
            expires_at=ends,
            idle=life.inactivity(point_type.expiry),
        )
        for partner_id, amount in plans.split(sale.points, taken).items()
    ]
    plans.credit(plan, getting, credits, at=at, source=Bucket.CONVERTED, debt_share=program.debt_share)
    return _written(plan)


def lock_for_sale(wallet_ids: Sequence[int]) -> dict[int, WalletView]:
    """Lock the wallets of a sale.

    :raises WalletFrozen: the self-audit holds one of them.
    """
    found = lock_wallets(wallet_ids)
    if any(one.is_frozen for one in found.values()):
        raise WalletFrozen()
    return found


def _plan(sale: PointSale, kind: str, at: datetime) -> EntryPlan:
    return EntryPlan(
        account_id=sale.account_id, kind=kind, cause_kind=CAUSE, cause_id=sale.pk, request_key=f"sale:{sale.pk}",
        occurred_at=at, effective_at=at,
    )  # fmt: skip


def _written(plan: EntryPlan) -> Entry:
    entry: Entry = Entry.objects.get(pk=post([plan])[0])
    return entry
