"""Earning, spending and taking back, planned in memory. Pure: no database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from programs.rules.life import Inactivity

FAR_FUTURE = datetime.max


@dataclass(slots=True)
class LotView:
    """An open lot as read under its wallet's lock."""

    id: int
    remaining: int
    expires_at: datetime | None
    is_pending: bool
    partner_id: int | None
    entry_id: int
    rule: str = ""
    idle: Inactivity | None = None

    def is_usable(self, at: datetime) -> bool:
        """Whether its points can be spent at ``at``: the date is the truth, a late sweep changes nothing."""
        return not self.is_pending and self.remaining > 0 and (self.expires_at is None or self.expires_at > at)


@dataclass(slots=True)
class WalletView:
    """A wallet as read, moved along while plans are made for it."""

    id: int
    account_id: int
    point_type_id: int
    active: int
    pending: int
    debt: int
    credit_limit: int
    version: int
    is_frozen: bool = False
    reserved: int = 0


class Leg(msgspec.Struct, frozen=True):
    """One posting: a wallet's bucket, or the program's side when ``wallet_id`` is empty."""

    wallet_id: int | None
    point_type_id: int
    bucket: str
    amount: int
    partner_id: int | None = None


class NewLot(msgspec.Struct, frozen=True):
    """A lot to be opened; ``repaid`` of it goes to the wallet's debt at once."""

    wallet_id: int
    amount: int
    repaid: int
    earned_at: datetime
    activates_at: datetime | None
    expires_at: datetime | None
    rule: str
    version_id: int | None
    partner_id: int | None
    is_pending: bool
    awaits: str = ""
    idle: Inactivity | None = None


class Taking(msgspec.Struct, frozen=True):
    """What is taken from a lot (positive) or given back to it (negative)."""

    lot_id: int
    amount: int


class NewEnd(msgspec.Struct, frozen=True):
    """A lot whose end moves to later."""

    lot_id: int
    before: datetime
    after: datetime


@dataclass(slots=True)
class EntryPlan:
    """One business fact, ready to be written."""

    account_id: int
    kind: str
    cause_kind: str
    cause_id: int | None
    request_key: str
    occurred_at: datetime
    effective_at: datetime
    reverses_id: int | None = None
    reason_id: int | None = None
    note: str = ""
    legs: list[Leg] = field(default_factory=list)
    lots: list[NewLot] = field(default_factory=list)
    takings: list[Taking] = field(default_factory=list)
    activated: list[int] = field(default_factory=list)
    ends: list[NewEnd] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would move: such an entry is not written."""
        return not self.legs and not self.ends

    def check(self) -> None:
        """A plan that does not balance is a programmer's mistake."""
        sums: dict[int, int] = {}
        for leg in self.legs:
            sums[leg.point_type_id] = sums.get(leg.point_type_id, 0) + leg.amount
        assert not any(sums.values()), f"the legs do not sum to zero: {self.legs}"


class Credit(msgspec.Struct, frozen=True):
    """Points to be given: how many, from whom, and their life.

    ``awaits``: the declared event that makes them usable, ``activates_at`` then the latest instant without it. ``idle``: the
    span without activity after which they end; ``expires_at`` is the end of the first.
    """

    amount: int
    rule: str
    version_id: int | None
    partner_id: int | None
    activates_at: datetime | None
    expires_at: datetime | None
    awaits: str = ""
    idle: Inactivity | None = None


def repayment(wallet: WalletView, amount: int, share: int) -> int:
    """How much of ``amount`` new points repays the wallet's debt: at most ``share`` percent, rounded down."""
    return min(wallet.debt, amount * share // 100)


def credit(
    plan: EntryPlan, wallet: WalletView, credits: Iterable[Credit], *, at: datetime, source: str, debt_share: int
) -> None:
    """Add new points to ``plan`` and move ``wallet`` along. ``source`` is the program's side: issued or adjusted.

    Points that activate later wait as pending and repay nothing yet; those usable at once repay the debt first.
    """
    for given in credits:
        if given.amount <= 0:
            continue
        is_pending = bool(given.awaits) if given.activates_at is None else given.activates_at > at
        repaid = 0 if is_pending else repayment(wallet, given.amount, debt_share)
        plan.legs.append(Leg(None, wallet.point_type_id, source, -given.amount, given.partner_id))
        kept = given.amount - repaid
        if kept:
            plan.legs.append(Leg(wallet.id, wallet.point_type_id, "pending" if is_pending else "active", kept))
        if repaid:
            plan.legs.append(Leg(wallet.id, wallet.point_type_id, "debt", repaid))
        plan.lots.append(
            NewLot(
                wallet_id=wallet.id, amount=given.amount, repaid=repaid, earned_at=at, activates_at=given.activates_at,
                expires_at=given.expires_at, rule=given.rule, version_id=given.version_id, partner_id=given.partner_id,
                is_pending=is_pending, awaits=given.awaits if is_pending else "", idle=given.idle,
            )
        )  # fmt: skip
        wallet.debt -= repaid
        if is_pending:
            wallet.pending += kept
        else:
            wallet.active += kept


def queue(lots: Iterable[LotView], at: datetime) -> list[LotView]:
    """Usable lots, first expiring first; those without an end come last, older first."""
    usable = [lot for lot in lots if lot.is_usable(at)]
    return sorted(usable, key=lambda lot: (lot.expires_at is None, lot.expires_at or at, lot.id))


def available(wallet: WalletView, lots: Sequence[LotView], at: datetime) -> int:
    """What may be spent at ``at``: usable lots less the debt, plus the credit limit."""
    return sum(lot.remaining for lot in lots if lot.is_usable(at)) - wallet.debt + wallet.credit_limit


def take(plan: EntryPlan, wallet: WalletView, lots: Iterable[LotView], amount: int) -> dict[int | None, int]:
    """Take up to ``amount`` from ``lots`` in the given order; what was taken by funding partner.

    Moves lots, wallet and plan along; the caller adds the program's side.
    """
    by_partner: dict[int | None, int] = {}
    for lot in lots:
        taken = min(amount, lot.remaining)
        if not taken:
            continue
        amount -= taken
        lot.remaining -= taken
        plan.takings.append(Taking(lot.id, taken))
        plan.legs.append(Leg(wallet.id, wallet.point_type_id, "pending" if lot.is_pending else "active", -taken))
        if lot.is_pending:
            wallet.pending -= taken
        else:
            wallet.active -= taken
        by_partner[lot.partner_id] = by_partner.get(lot.partner_id, 0) + taken
    return by_partner


def spend(
    plan: EntryPlan, wallet: WalletView, lots: Sequence[LotView], amount: int, *, at: datetime, target: str
) -> None:
    """Spend ``amount`` first-expiring-first-out; the caller has compared it with :func:`available`.

    What no lot can pay raises the debt, within the credit limit. ``target`` is the program's side: spent or adjusted.
    """
    by_partner = take(plan, wallet, queue(lots, at), amount)
    for partner_id, taken in by_partner.items():
        plan.legs.append(Leg(None, wallet.point_type_id, target, taken, partner_id))
    on_credit = amount - sum(by_partner.values())
    if on_credit:
        plan.legs.append(Leg(wallet.id, wallet.point_type_id, "debt", -on_credit))
        plan.legs.append(Leg(None, wallet.point_type_id, target, on_credit))
        wallet.debt += on_credit


def reverse(
    plan: EntryPlan,
    wallet: WalletView,
    lots: Sequence[LotView],
    amounts: dict[str, int],
    *,
    original_entry_id: int,
    funders: dict[str, dict[int | None, int]],
    at: datetime,
    keeps_debt: bool,
    source: str = "issued",
) -> None:
    """Take back ``amounts`` (by rule) of an earning (C19).

    First what is pending of the same earning, then its own lots, then other usable points first-expiring-first-out; what
    is still missing becomes a debt, or is written off. ``funders`` gives, by rule, what each partner paid of the earning:
    the issuing (the program's side ``source``) is undone in proportion.
    """
    own = [lot for lot in lots if lot.entry_id == original_entry_id]
    others = [lot for lot in lots if lot.entry_id != original_entry_id]
    for rule, amount in sorted(amounts.items()):
        if amount <= 0:
            continue
        same_rule_first = sorted(own, key=lambda lot: (lot.rule != rule, lot.id))
        order = [lot for lot in same_rule_first if lot.is_pending] + queue(same_rule_first, at) + queue(others, at)
        missing = amount - sum(take(plan, wallet, order, amount).values())
        for partner_id, share in split(amount, funders.get(rule) or {None: 1}).items():
            plan.legs.append(Leg(None, wallet.point_type_id, source, share, partner_id))
        if missing and keeps_debt:
            plan.legs.append(Leg(wallet.id, wallet.point_type_id, "debt", -missing))
            wallet.debt += missing
        elif missing:
            plan.legs.append(Leg(None, wallet.point_type_id, "written_off", -missing))


def split(total: int, weights: dict[int | None, int]) -> dict[int | None, int]:
    """``total`` over ``weights`` by the largest remainder (C06); zero shares are left out."""
    sum_of_weights = sum(weights.values())
    shares = {key: total * weight // sum_of_weights for key, weight in weights.items()}
    rest = total - sum(shares.values())
    by_remainder = sorted(weights, key=lambda key: (-(total * weights[key] % sum_of_weights), key or 0))
    for key in by_remainder[:rest]:
        shares[key] += 1
    return {key: share for key, share in shares.items() if share}
