"""What judged returns take back from wallets and give back to limits."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import connection

from loyalty.kernel import clock
from members.activity.operations import counters
from members.activity.periods import CounterKey
from members.ledger import operations as ledger
from members.ledger import plans
from members.ledger.models import Entry, EntryKind, Lot
from members.ledger.plans import EntryPlan, WalletView
from programs.rules.returns import DISCOUNT
from programs.setup.models import Program, ReversalPolicy

if TYPE_CHECKING:
    from members.activity.operations.returning import JudgedReturn

Funders = dict[tuple[int, int], dict[str, dict[int | None, int]]]


def reverse_points(judged: Sequence["JudgedReturn"], locked: Mapping[int, WalletView]) -> None:
    """Post what the returns take back, each against the lots of its own purchase first."""
    keys = [f"purchase:{one.purchase.pk}" for one in judged]
    entries = Entry.objects.filter(kind=EntryKind.EARN, request_key__any=keys)
    originals = dict(entries.values_list("request_key", "pk"))
    funders = _funders(list(originals.values()))
    policy = Program.objects.values_list("reversal_policy", flat=True).get()
    wallets = {(wallet.account_id, wallet.point_type_id): wallet for wallet in locked.values()}
    lots = ledger.lots_to_spend(locked, at=clock.now())
    written = []
    for one in judged:
        original_id = originals.get(f"purchase:{one.purchase.pk}")
        if original_id is None or not one.reversal.amounts:
            continue
        at = one.row.occurred_at
        plan = EntryPlan(
            account_id=one.purchase.account_id, kind=EntryKind.REVERSE, cause_kind="return", cause_id=one.row.pk,
            request_key=f"return:{one.row.pk}", occurred_at=at, effective_at=at, reverses_id=original_id,
        )  # fmt: skip
        for point_type_id, amounts in _by_type(one).items():
            wallet = wallets[one.purchase.account_id, point_type_id]
            plans.reverse(
                plan, wallet, lots.get(wallet.id, []), amounts, original_entry_id=original_id,
                funders=funders.get((original_id, wallet.id), {}), at=at, keeps_debt=policy == ReversalPolicy.DEBT,
            )  # fmt: skip
        written.append(plan)
    ledger.post(written)


def _by_type(one: "JudgedReturn") -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for (rule, _effect, kind), amount in one.reversal.amounts.items():
        if kind == DISCOUNT:
            continue
        amounts = found.setdefault(one.frozen.point_type_id(kind), {})
        amounts[rule] = amounts.get(rule, 0) + amount
    return found


def _funders(entry_ids: Sequence[int]) -> Funders:
    """What each partner paid of the original earnings, by entry and wallet and rule."""
    found: Funders = {}
    rows = Lot.objects.filter(entry_id__any=entry_ids).values_list(
        "entry_id", "wallet_id", "rule", "partner_id", "amount"
    )
    for entry_id, wallet_id, rule, partner_id, amount in rows:
        payers = found.setdefault((entry_id, wallet_id), {}).setdefault(rule, {})
        payers[partner_id] = payers.get(partner_id, 0) + amount
    return found


def give_back_limits(judged: Sequence["JudgedReturn"]) -> None:
    """Free what the purchases no longer use of their limits, net of what earlier returns freed.

    What the kept units use was measured by judging them; the rest of what the purchase used is free again.
    """
    wanted: dict[int, dict[CounterKey, int]] = {}
    for one in judged:
        if one.reversal.outcome is None and one.reversal.kept:
            # Nothing was judged again: every rule keeps its points or gives back a share, and so uses what it used.
            continue
        still_used: dict[str, int] = {}
        for use in one.reversal.outcome.limit_uses if one.reversal.outcome else ():
            still_used[use.counter] = still_used.get(use.counter, 0) + use.amount
        back = {
            (limit, scope_key, period_key): max(0, amount - still_used.get(limit, 0))
            for limit, scope_key, period_key, amount in one.original.outcome["counters"]
        }
        if any(back.values()):
            wanted[one.evaluation_id] = back
    if not wanted:
        return
    purchases = {one.evaluation_id: one.purchase.pk for one in judged}
    freed = _freed_before([purchases[key] for key in wanted])
    counters.give_back_limits(
        {
            key: {counter: amount - freed.get((purchases[key], *counter), 0) for counter, amount in back.items()}
            for key, back in wanted.items()
        }
    )


def _freed_before(purchase_ids: Sequence[int]) -> dict[tuple[int, str, str, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.purchase_id, c."limit", c.scope_key, c.period_key, -sum(u.amount)
            FROM members_evaluation e JOIN programs_limit_use u ON u.evaluation_id = e.id
            JOIN programs_limit_counter c ON c.id = u.counter_id
            WHERE e.purchase_id = ANY(%s) AND e.kind = 'return'
            GROUP BY e.purchase_id, c."limit", c.scope_key, c.period_key
            """,
            [list(purchase_ids)],
        )
        return {(row[0], row[1], row[2], row[3]): int(row[4]) for row in cursor.fetchall()}
