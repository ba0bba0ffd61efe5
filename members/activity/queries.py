"""Reads of purchases and returns: what happened, and why it gave the points that it gave."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from loyalty.kernel.errors import NotFound
from members.activity import telling
from members.activity.explained import AppliedReturn, ExplainedPurchase, ExplainedReturn, Points
from members.activity.intake import Foreign
from members.activity.models import Evaluation, Purchase, PurchaseLine, Received, Return, ReturnState
from members.activity.telling import Facts, LineFacts
from members.ledger.models import Entry
from programs.promotions import snapshots
from programs.rules.returns import DISCOUNT

_OF_RETURNS = frozenset({"return", "return_bonus"})


def purchase_of(source: str, external_id: str) -> int:
    """The key of the purchase that a source knows by an external id.

    :raises NotFound: there is none here.
    """
    return _fact(source, "purchase", external_id)


def has_purchase(source: str, external_id: str) -> bool:
    """Whether a source's purchase was recorded."""
    return bool(Received.objects.filter(source=source, kind="purchase", external_id=external_id).exists())


def has_return(source: str, external_id: str) -> bool:
    """Whether a source's return was recorded."""
    return bool(Received.objects.filter(source=source, kind="return", external_id=external_id).exists())


def _fact(source: str, kind: str, external_id: str) -> int:
    facts = Received.objects.filter(source=source, kind=kind, external_id=external_id)
    found = facts.values_list("fact_id", flat=True).first()
    if found is None:
        raise NotFound()
    return int(found)


def explain_purchase(purchase_id: int) -> ExplainedPurchase:
    """One purchase of the program in scope with the reason of every point, in the active language.

    :raises NotFound: no such purchase here.
    """
    found = explain_purchases([purchase_id])
    if not found:
        raise NotFound()
    return found[purchase_id]


def explain_purchases(purchase_ids: Iterable[int]) -> dict[int, ExplainedPurchase]:
    """Purchases by key as :func:`explain_purchase` gives them, in five queries whatever their number.

    The names of what the sentences speak of are read besides, a query for each kind of thing.
    """
    purchases = list(Purchase.objects.filter(pk__in=list(purchase_ids)).select_related("location"))
    keys = [purchase.pk for purchase in purchases]
    lines: dict[int, list[LineFacts]] = {}
    for line in PurchaseLine.objects.filter(purchase_id__in=keys).select_related("product").order_by("number"):
        lines.setdefault(line.purchase_id, []).append(_line_facts(line))
    judged: dict[int, Evaluation] = {}
    taken_back: dict[int, Mapping[str, Any]] = {}
    evaluations = Evaluation.objects.filter(purchase_id__in=keys).defer("context").order_by("pk")
    for row in evaluations:
        if row.kind == "purchase":
            judged[row.purchase_id] = row
        elif row.kind == "return":
            taken_back[row.returned_id] = row.outcome
    returns: dict[int, list[ExplainedReturn]] = {}
    for one in Return.objects.filter(purchase_id__in=keys).order_by("pk"):
        returns.setdefault(one.purchase_id, []).append(_returned(one, taken_back.get(one.pk)))
    return telling.tell(
        [_facts(one, lines.get(one.pk, ()), judged[one.pk], returns.get(one.pk, ())) for one in purchases]
    )


def _facts(
    purchase: Purchase, lines: Sequence[LineFacts], judged: Evaluation, returns: Sequence[ExplainedReturn]
) -> Facts:
    return Facts(
        id=purchase.pk,
        public_id=str(purchase.public_id),
        source=purchase.source,
        external_id=purchase.external_id,
        member_id=purchase.member_id,
        account_id=purchase.account_id,
        at=purchase.occurred_at,
        location=purchase.location.code if purchase.location else None,
        location_name=purchase.location.name if purchase.location else None,
        channel=purchase.channel,
        till=purchase.till,
        currency=purchase.currency,
        amount=purchase.amount,
        returned_amount=purchase.returned_amount,
        foreign=_foreign(purchase),
        lines=tuple(lines),
        evaluation_id=judged.pk,
        snapshot_number=judged.snapshot_number,
        outcome=judged.outcome,
        returns=tuple(returns),
    )


def _line_facts(line: PurchaseLine) -> LineFacts:
    return LineFacts(
        line.line_id, line.sku, line.product.name if line.product else None, line.quantity, line.unit, line.amount,
        line.returned_quantity, line.returned_amount,
    )  # fmt: skip


def _foreign(purchase: Purchase) -> Foreign | None:
    if purchase.foreign_amount is None or purchase.foreign_rate is None:
        return None
    return Foreign(purchase.foreign_currency, purchase.foreign_amount, purchase.foreign_rate)


def _returned(row: Return, outcome: Mapping[str, Any] | None) -> ExplainedReturn:
    return ExplainedReturn(
        id=row.pk,
        public_id=str(row.public_id),
        external_id=row.external_id,
        state=row.state,
        at=row.occurred_at,
        amount=row.amount,
        lines=tuple((part["line_id"], Decimal(part["qty"])) for part in row.lines),
        points=_reversed_points(outcome),
        discount=_reversed_discount(outcome),
        payback=outcome.get("payback") if outcome else None,
        settlement=row.settlement,
        exchange=row.exchange_external_id,
        bonus=outcome["bonus"]["points"] if outcome and "bonus" in outcome else {},
        terms=outcome.get("terms", {}) if outcome else {},
    )


def _reversed_points(outcome: Mapping[str, Any] | None) -> Points:
    points: dict[str, int] = {}
    for _rule, _effect, code, amount in outcome["reversed"] if outcome else ():
        if code != DISCOUNT:
            points[code] = points.get(code, 0) + amount
    return points


def _reversed_discount(outcome: Mapping[str, Any] | None) -> int:
    taken_back = outcome["reversed"] if outcome else ()
    return sum(amount for _rule, _effect, code, amount in taken_back if code == DISCOUNT)


def applied_returns(rows: Sequence[Return]) -> dict[int, AppliedReturn]:
    """Those of the returns that were applied, by key; their purchases are read with them (``select_related``)."""
    found = {}
    by_key = {row.pk: row for row in rows if row.purchase_id is not None}
    evaluations = Evaluation.objects.filter(returned_id__in=list(by_key), kind="return")
    for key, evaluation_id, number, outcome in evaluations.values_list("returned", "pk", "snapshot_number", "outcome"):
        row = by_key[key]
        assert row.purchase is not None
        found[key] = AppliedReturn(
            returned=_returned(row, outcome),
            account_id=row.purchase.account_id,
            evaluation_id=evaluation_id,
            currency=row.purchase.currency,
            decimals=telling.decimals(snapshots.of_number(number)),
        )
    return found


def causes_of(entries: Iterable[Entry]) -> dict[int, ExplainedPurchase]:
    """By entry: the purchase that it comes from, explained: earned by it, or taken back or given for a return of it."""
    of_entry = {entry.pk: (entry.cause_kind, entry.cause_id) for entry in entries}
    return_ids = [cause_id for kind, cause_id in of_entry.values() if kind in _OF_RETURNS]
    purchase_of_return = dict(Return.objects.filter(pk__in=return_ids).values_list("pk", "purchase_id"))
    purchase_ids = {
        entry_id: cause_id if kind == "purchase" else purchase_of_return.get(cause_id)
        for entry_id, (kind, cause_id) in of_entry.items()
        if kind == "purchase" or kind in _OF_RETURNS
    }
    explained = explain_purchases(key for key in purchase_ids.values() if key is not None)
    return {entry_id: explained[key] for entry_id, key in purchase_ids.items() if key in explained}


def exchanged_for(source: str, external_id: str) -> list[Return]:
    """The applied returns in whose exchange a source's purchase was made, with their purchases."""
    rows = Return.objects.filter(source=source, exchange_external_id=external_id, state=ReturnState.APPLIED)
    return list(rows.select_related("purchase").order_by("pk"))


def describe_payments(entries: Sequence[Entry]) -> dict[int, str]:
    """Which receipts were paid with points, by entry."""
    receipts = dict(
        Purchase.objects.filter(pk__in=[entry.cause_id for entry in entries]).values_list("pk", "external_id")
    )
    return {entry.pk: receipts[entry.cause_id] for entry in entries if entry.cause_id in receipts}


def describe_paybacks(entries: Sequence[Entry]) -> dict[int, str]:
    """Which returns gave points, back or instead of money, by entry."""
    receipts = dict(
        Return.objects.filter(pk__in=[entry.cause_id for entry in entries]).values_list("pk", "external_id")
    )
    return {entry.pk: receipts[entry.cause_id] for entry in entries if entry.cause_id in receipts}
