"""Taking rewards, several at once: each is judged in its turn by what those before it left, all are written together."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from loyalty.kernel import audit, bulk, outbox, scope
from loyalty.kernel.errors import Refusal
from loyalty.kernel.telemetry import Origin
from members.callers import services as callers
from members.ledger import operations as ledger
from members.ledger import queries as books
from members.ledger.plans import EntryPlan, LotView, WalletView
from members.ledger.queries import Balance
from members.profiles import own, restraining
from members.profiles import queries as profiles
from members.profiles.queries import Identified
from rewards.catalog.queries import Priced
from rewards.redemption import queries
from rewards.redemption.models import Redemption, RedemptionState
from rewards.redemption.operations import stock
from rewards.redemption.operations.stock import RewardUnavailable

REDEEMED = outbox.declare("reward.redeemed")
# Letters and digits that nobody confuses on a screen or on the phone.
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 10


class NotSpendable(Refusal):
    """Points of this type only count, they cannot be spent."""

    code = "rewards.not_spendable"


class MemberInactive(Refusal):
    """The member is blocked."""

    code = "rewards.member_inactive"
    status = 409


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who takes how many of which reward; ``request_key`` makes it happen once.

    ``reward`` may have been read without a lock. ``origin`` is that of its own request, where several are worked for together.
    """

    member: Identified
    reward: Priced
    quantity: int
    request_key: str
    channel: str
    at: datetime
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What was taken: the reward and its price for all units, and what the account held right after it."""

    redemption_id: int
    public_id: UUID
    code: str
    reward: Priced
    quantity: int
    price: int
    redeemed_at: datetime
    held: Sequence[Balance]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier request with the same key took it."""

    redemption_id: int


@dataclass(frozen=True, slots=True)
class _Taken:
    """One that was judged and is to be written."""

    place: int
    wanted: Wanted
    reward: Priced
    price: int
    plan: EntryPlan
    held: Sequence[Balance]


class _Judge:
    """Judges one after the other by what was read under the locks, and moves that along."""

    def __init__(
        self, wanted: Sequence[Wanted], wallets: Mapping[int, dict[int, WalletView]], *, preview: bool
    ) -> None:
        self.preview = preview
        self.wallets = wallets
        self.holds = profiles.spending_holds([one.member.member_id for one in wanted], min(one.at for one in wanted))
        self.rewards = stock.lock_limited(one.reward for one in wanted)
        self.kinds = books.kinds()
        self.units: dict[int, int] = {}
        paying = [wallets[one.member.account_id].get(one.reward.point_type_id) for one in wanted]
        # Where something is reserved, what lapsed of it is let go of first: by whoever spends, not by whoever is refused.
        plain = [wallet.id for wallet in paying if wallet is not None and not wallet.reserved]
        self.lots: dict[int, list[LotView]] = {wallet_id: [] for wallet_id in plain}
        self.lots |= ledger.open_lots(plain) if plain else {}

    def judge(self, place: int, one: Wanted) -> _Taken:
        """What one takes.

        :raises Refusal: as :func:`redeem` says; nothing has been moved along then.
        """
        if not one.member.is_active:
            raise MemberInactive()
        if not self.preview:
            callers.demand_check(one.member.member_id, at=one.at)
        restraining.refuse_until(self.holds.get(one.member.member_id), at=one.at)
        own.refuse_own(one.member.account_id)
        reward = self.rewards[one.reward.id]
        if not reward.is_on_sale(one.at):
            raise RewardUnavailable(reward=reward.code, left=0)
        if not reward.is_spendable:
            raise NotSpendable(point_type=reward.point_type)
        if reward.stock is not None and reward.stock - self.units.get(reward.id, 0) < one.quantity:
            raise RewardUnavailable(reward=reward.code, left=reward.stock - self.units.get(reward.id, 0))
        price = reward.price * one.quantity
        plan = self._spending(one, reward.point_type_id, price)
        if reward.stock is not None:
            self.units[reward.id] = self.units.get(reward.id, 0) + one.quantity
        held = books.balances_of(self.wallets[one.member.account_id], self.kinds)
        return _Taken(place, one, reward, price, plan, held)

    def _spending(self, one: Wanted, kind: int, price: int) -> EntryPlan:
        wallets = self.wallets[one.member.account_id]
        cause = ledger.Cause("redemption", None, f"{queries.ENTRY_KEY}{one.request_key}")
        if kind not in wallets:
            # Wallets open when points first come.
            raise ledger.InsufficientPoints(available=ledger.in_points(0, kind), needed=ledger.in_points(price, kind))
        wallet = wallets[kind]
        if wallet.id in self.lots:
            return ledger.spending(wallet, self.lots[wallet.id], price, cause=cause, at=one.at)
        moved = replace(wallet)
        with transaction.atomic():
            lots = [] if wallet.is_frozen else ledger.lots_to_spend({moved.id: moved}, at=one.at).get(moved.id, [])
            plan = ledger.spending(moved, lots, price, cause=cause, at=one.at)
        wallets[kind], self.lots[moved.id] = moved, lots
        return plan


def redeem(wanted: Sequence[Wanted], *, preview: bool = False) -> list[Redeemed | Earlier | Refusal]:
    """Spend points of each member's primary account on units of a reward, in this order; one answer each.

    A request key of before is answered with the first redemption and spends nothing. What is refused moves nothing and keeps
    no other back. Lock order: wallets, then stock. The refusals:

    - :class:`RewardUnavailable`: sold out or off sale.
    - :class:`ledger.InsufficientPoints`: the wallet cannot pay.
    - :class:`ledger.WalletFrozen`: the self-audit holds the wallet.
    - :class:`NotSpendable`: the reward's point type cannot be spent.
    - :class:`MemberInactive`: the member is blocked.
    - :class:`callers.CallerUnchecked`: a person takes it for a member whose call was not checked.
    - :class:`restraining.ContactChangedRecently`: the member's e-mail or phone changed lately.
    - :class:`own.OwnAccount`: the user in scope takes part in the account.
    """
    if not wanted:
        return []
    assert len({one.request_key for one in wanted}) == len(wanted), "a request is given twice"
    # Every wallet of the accounts is locked before the stock.
    wallets = ledger.lock_accounts({one.member.account_id for one in wanted})
    made = queries.made_by([one.request_key for one in wanted])
    judge = _Judge(wanted, wallets, preview=preview)
    found: list[Redeemed | Earlier | Refusal | None] = [None] * len(wanted)
    taken = []
    for place, one in enumerate(wanted):
        if one.request_key in made:
            found[place] = Earlier(made[one.request_key])
            continue
        try:
            taken.append(judge.judge(place, one))
        except Refusal as refusal:
            found[place] = refusal
    if taken:
        stock.take(judge.units)
        for one_taken, redeemed in zip(taken, _write(taken), strict=True):
            found[one_taken.place] = redeemed
    return [one for one in found if one is not None]


def _write(taken: Sequence[_Taken]) -> list[Redeemed]:
    entry_ids = ledger.post([one.plan for one in taken])
    program = scope.program_id()
    codes = [_new_code() for _one in taken]
    rows = bulk.insert(
        Redemption,
        [
            "program", "member", "account", "reward", "quantity", "price", "code", "state", "channel", "partner",
            "request_key", "entry", "redeemed_at", "cancel_reason",
        ],
        [
            (
                program, one.wanted.member.member_id, one.wanted.member.account_id, one.reward.id, one.wanted.quantity,
                one.price, code, RedemptionState.ISSUED, one.wanted.channel, one.reward.partner_id,
                one.wanted.request_key, entry_id, one.wanted.at, "",
            )
            for one, code, entry_id in zip(taken, codes, entry_ids, strict=True)
        ],
        suffix="RETURNING code, id, public_id",
    )  # fmt: skip
    keys = {code: (key, public_id) for code, key, public_id in rows}
    redeemed = [
        Redeemed(*keys[code], code, one.reward, one.wanted.quantity, one.price, one.wanted.at, one.held)
        for one, code in zip(taken, codes, strict=True)
    ]
    _tell(taken, redeemed)
    return redeemed


def _tell(taken: Sequence[_Taken], redeemed: Sequence[Redeemed]) -> None:
    pairs = list(zip(taken, redeemed, strict=True))
    deeds = [
        audit.Deed(row.redemption_id, row.code, {"price": (0, row.price)}, one.wanted.origin) for one, row in pairs
    ]
    audit.record_each("reward.redeemed", Redemption, deeds)
    facts = [
        outbox.Fact(row.redemption_id, row.redeemed_at, one.wanted.member.account_id, origin=one.wanted.origin)
        for one, row in pairs
    ]
    outbox.add_each(REDEEMED, subject="redemption", facts=facts)


def _new_code() -> str:
    """A fresh code to show at the counter: 50 random bits, five of them a sign."""
    bits = secrets.randbits(5 * CODE_LENGTH)
    return "".join(_SIGNS[bits >> 5 * place & 31] for place in range(CODE_LENGTH))
