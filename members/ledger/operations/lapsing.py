"""How a hold ends in the books, and what lapsed: whoever spends from a wallet first takes back what lapsed in it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from members.ledger import plans
from members.ledger.models import Entry, EntryKind, Hold, HoldState, LotUse
from members.ledger.operations.locking import open_lots
from members.ledger.operations.posting import post
from members.ledger.plans import EntryPlan, LotView, Part, WalletView

CAUSE = "hold"


def release_lapsed(wallets: Mapping[int, WalletView], *, at: datetime) -> int:
    """Let go of what lapsed in wallets that the caller holds locked, moving the views along; how many holds.

    Asks nothing of the database where nothing is reserved.
    """
    reserved = [wallet.id for wallet in wallets.values() if wallet.reserved]
    if not reserved:
        return 0
    rows = Hold.objects.select_for_update(no_key=True, of=("self",)).filter(
        wallet_id__any=reserved, state=HoldState.OPEN, expires_at__lte=at
    )
    lapsed = list(rows.order_by("pk").select_related("entry"))
    written = [release_plan(wallets[row.wallet_id], row, parts_of(row.entry), at) for row in lapsed]
    for row, release_id in zip(lapsed, post(written), strict=True):
        wallets[row.wallet_id].version += 1
        end(row, HoldState.LAPSED, at, release_id)
    return len(lapsed)


def lots_to_spend(wallets: Mapping[int, WalletView], *, at: datetime) -> dict[int, list[LotView]]:
    """Open lots of locked wallets, by wallet: what lapsed by ``at`` is among them before any sweep has been there."""
    release_lapsed(wallets, at=at)
    return open_lots(wallets)


def parts_of(entry: Entry) -> list[Part]:
    """What an entry took from lots and, last, on credit; first expiring first, as it was taken."""
    uses = LotUse.objects.filter(entry=entry, amount__gt=0).values_list(
        "lot_id", "amount", "lot__partner_id", "lot__expires_at"
    )
    order = sorted(uses, key=lambda one: (one[3] is None, one[3] or entry.occurred_at, one[0]))
    parts = [Part(lot_id, amount, partner_id) for lot_id, amount, partner_id, _until in order]
    on_credit = -sum(leg.amount for leg in entry.postings.filter(bucket="debt"))
    return [*parts, Part(None, on_credit, None)] if on_credit else parts


def lapsed_wallets(*, at: datetime, limit: int) -> set[int]:
    """Wallets with holds whose time was over by ``at``, the longest over first."""
    due = Hold.objects.filter(state=HoldState.OPEN, expires_at__lte=at).order_by("expires_at")
    return set(due.values_list("wallet_id", flat=True)[:limit])


def reserved_but_free(wallet_ids: Iterable[int], *, at: datetime) -> dict[int, int]:
    """By wallet: what is reserved by holds that lapsed by ``at`` and no sweep has met yet."""
    found: dict[int, int] = {}
    rows = Hold.objects.filter(wallet_id__any=list(wallet_ids), state=HoldState.OPEN, expires_at__lte=at)
    for wallet_id, amount in rows.values_list("wallet_id", "amount"):
        found[wallet_id] = found.get(wallet_id, 0) + amount
    return found


def release_plan(wallet: WalletView, row: Hold, parts: list[Part], at: datetime) -> EntryPlan:
    """What gives all that a hold took back to its lots."""
    plan = EntryPlan(
        account_id=wallet.account_id, kind=EntryKind.RELEASE, cause_kind=CAUSE, cause_id=row.pk,
        request_key=f"hold:{row.pk}", occurred_at=at, effective_at=at, reverses_id=row.entry_id,
    )  # fmt: skip
    plans.release(plan, wallet, parts)
    return plan


def end(row: Hold, state: HoldState, at: datetime, release_entry_id: int, **values: object) -> None:
    """End an open hold. No row changed would mean that somebody ended it without the wallet's lock."""
    changes = {"state": state, "ended_at": at, "release_entry_id": release_entry_id, **values}
    changed = Hold.objects.filter(pk=row.pk, state=HoldState.OPEN).update(**changes)
    assert changed == 1, "a hold ends once"
    for name, value in changes.items():
        setattr(row, name, value)
