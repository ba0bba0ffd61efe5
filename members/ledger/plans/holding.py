"""Plans of points held for a till, and of giving a spending back in parts. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from members.ledger.plans.moving import EntryPlan, Leg, LotView, NewLot, Taking, WalletView, queue, take


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what was taken from one lot, with the partner who paid for it; no lot where it was taken on credit."""

    lot_id: int | None
    amount: int
    partner_id: int | None


def hold(plan: EntryPlan, wallet: WalletView, lots: Sequence[LotView], amount: int, *, at: datetime) -> None:
    """Set ``amount`` aside, first expiring first; the caller has seen that so much is there."""
    taken = take(plan, wallet, queue(lots, at), amount)
    assert sum(taken.values()) == amount, "less is there than is to be held"
    plan.legs.append(Leg(wallet.id, wallet.point_type_id, "reserved", amount))
    wallet.reserved += amount


def release(plan: EntryPlan, wallet: WalletView, parts: Iterable[Part]) -> None:
    """Give all that was held back to the lots that it was taken from."""
    for part in parts:
        assert part.lot_id is not None, "nothing is held on credit"
        plan.takings.append(Taking(part.lot_id, -part.amount))
        plan.legs.append(Leg(wallet.id, wallet.point_type_id, "reserved", -part.amount))
        plan.legs.append(Leg(wallet.id, wallet.point_type_id, "active", part.amount))
        wallet.reserved -= part.amount
        wallet.active += part.amount


def spend_parts(plan: EntryPlan, wallet: WalletView, parts: Iterable[Part], amount: int) -> None:
    """Spend ``amount`` from these very lots, in the given order, whatever has become of their end since."""
    for part in parts:
        taken = min(amount, part.amount)
        if not taken:
            continue
        assert part.lot_id is not None, "nothing is held on credit"
        amount -= taken
        plan.takings.append(Taking(part.lot_id, taken))
        plan.legs.append(Leg(wallet.id, wallet.point_type_id, "active", -taken))
        plan.legs.append(Leg(None, wallet.point_type_id, "spent", taken, part.partner_id))
        wallet.active -= taken
    assert amount == 0, "more is taken than was held"


def give_back(
    plan: EntryPlan, wallet: WalletView, parts: Sequence[Part], amount: int, *, already: int, at: datetime
) -> None:
    """Give ``amount`` of a spending back, the last taken first, after ``already`` was given back before.

    What was taken on credit lifts the debt; what of it was repaid meanwhile comes back as points that do not expire.
    """
    skipped = already
    for part in reversed(parts):
        passed = min(skipped, part.amount)
        skipped -= passed
        back = min(amount, part.amount - passed)
        if not back:
            continue
        amount -= back
        plan.legs.append(Leg(None, wallet.point_type_id, "spent", -back, part.partner_id))
        if part.lot_id is not None:
            plan.takings.append(Taking(part.lot_id, -back))
            plan.legs.append(Leg(wallet.id, wallet.point_type_id, "active", back))
            wallet.active += back
            continue
        lifted = min(back, wallet.debt)
        if lifted:
            plan.legs.append(Leg(wallet.id, wallet.point_type_id, "debt", lifted))
            wallet.debt -= lifted
        if back > lifted:
            fresh = back - lifted
            plan.legs.append(Leg(wallet.id, wallet.point_type_id, "active", fresh))
            plan.lots.append(
                NewLot(
                    wallet_id=wallet.id, amount=fresh, repaid=0, earned_at=at, activates_at=None, expires_at=None,
                    rule="", version_id=None, partner_id=None, is_pending=False,
                )
            )  # fmt: skip
            wallet.active += fresh
    assert amount == 0, "more is given back than was spent"
