"""The same purchases of the demo, once by the API and once as a file: the same points, balances and explanations."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loyalty.demo import cafe, grocery, loading
from loyalty.demo.journey import calendar
from loyalty.kernel import clock, ids, money, scope
from members.activity.intake import PurchaseInput
from members.activity.models import Evaluation, Purchase
from members.files.models import FileReject
from members.ledger.models import Lot, Wallet
from members.profiles.models import AccountMember, Member
from programs.setup.models import Program
from tests import factories
from tests.factories import Shop
from tests.members.files.writing import take_in, written

BATCH = 500


def as_request(given: PurchaseInput, numbers: dict[int, str]) -> dict[str, Any]:
    """A purchase of the demo as a till would send it."""
    places = money.exponent(given.currency)
    lines = []
    for line in given.lines:
        sent = {"line_id": line.line_id, "sku": line.sku, "qty": str(line.quantity), "unit": line.unit}
        if line.amount is not None:
            sent["amount"] = money.to_text(line.amount, places)
            sent["discount"] = money.to_text((line.list_amount or line.amount) - line.amount, places)
        else:
            sent["unit_price"] = money.to_text(line.unit_price or 0, places)
        lines.append(sent)
    return {
        "external_id": given.external_id,
        "member": {"kind": "member", "value": numbers[given.member_id]},
        "at": given.at.isoformat(),
        "currency": given.currency,
        "store": given.location,
        "lines": lines,
    }


def as_rows(request: dict[str, Any]) -> list[dict[str, str]]:
    """The same purchase as lines of a file."""
    head = {name: request[name] for name in ("external_id", "at", "currency", "store")}
    head |= {"member_kind": request["member"]["kind"], "member": request["member"]["value"]}
    return [{"amount": "", **head, **line} for line in request["lines"]]


def totals(rows: Sequence[dict[str, str]]) -> tuple[int, int, str]:
    """What the last line says."""
    cost = sum(
        (Decimal(row["amount"]) if row["amount"] else Decimal(row["qty"]) * Decimal(row["unit_price"]) for row in rows),
        Decimal(0),
    )
    return len({row["external_id"] for row in rows}), len(rows), f"{cost:.2f}"


def by_api(shop: Shop, requests: Sequence[dict[str, Any]]) -> None:
    api = factories.client(shop, "purchases.write")
    for start in range(0, len(requests), BATCH):
        part = list(requests[start : start + BATCH])
        results = api.post("/api/v1/transactions/batch", {"transactions": part}).json()["results"]
        assert {one["status"] for one in results} == {201}


def in_words(value: Any, names: Mapping[str, str]) -> Any:
    """A document without the keys of rows: versions are the same by their rules, counters by whom they count."""
    if isinstance(value, dict):
        return {name: in_words(part, names) for name, part in sorted(value.items()) if name != "version"}
    if isinstance(value, list):
        return [in_words(part, names) for part in value]
    kind, _colon, key = str(value).partition(":")
    return f"{kind}:{names[key]}" if key in names else value


def books(shop: Shop) -> dict[str, Any]:
    """Everything that came of the purchases, in words that mean the same in both programs."""
    with factories.entered(shop):
        receipts = Purchase.objects.values_list(
            "external_id", "member__number", "amount", "line_count", "occurred_at", "location__code"
        )
        evaluations = Evaluation.objects.values_list("purchase__external_id", "kind", "outcome", "context")
        lots = Lot.objects.values_list(
            "wallet__account__members__member__number", "wallet__point_type__code", "rule", "amount", "expires_at"
        )
        wallets = Wallet.objects.values_list(
            "account__members__member__number", "point_type__code", "active", "pending", "debt"
        )
        names = {
            str(key): number
            for member, account, number in AccountMember.objects.values_list("member", "account", "member__number")
            for key in (member, account)
        }
        return {
            "receipts": sorted(receipts, key=str),
            "evaluations": sorted(
                str([name, kind, *(in_words(one, names) for one in documents)])
                for name, kind, *documents in evaluations
            ),
            "lots": sorted(lots, key=str),
            "wallets": sorted(wallets, key=str),
        }


def the_same_both_ways(twins: Sequence[Shop], requests: Sequence[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """Send purchases to one program by the API, to its twin as a file; what both hold then."""
    rows = [row for request in requests for row in as_rows(request)]
    with clock.fixed(now):
        by_api(twins[0], requests)
        answer = take_in(twins[1], written(rows, totals=totals(rows)))
    with factories.entered(twins[1]):
        assert list(FileReject.objects.values_list("line", "code")) == []
    assert (answer["state"], answer["recorded"], answer["purchases"]) == ("done", len(requests), len(requests))
    first, second = books(twins[0]), books(twins[1])
    for name in first:
        assert first[name] == second[name], name
    return first


def make_cafe(code: str, first: date, last: date) -> tuple[Shop, list[PurchaseInput], dict[int, str]]:
    """The café before its first purchase, its purchases, and the numbers of its members."""
    program_id = ids.take(1)[0]
    with scope.enter([program_id], scope.SYSTEM):
        members = list(cafe.create(datetime.combine(first, datetime.min.time(), cafe.ZONE)))
        Program.objects.update(code=code)
        purchases = cafe.purchases_of(members, first, last)
        numbers = dict(Member.objects.values_list("pk", "number"))
    return Shop(program_id, {}), purchases, numbers


@pytest.mark.django_db
def test_a_month_of_the_cafe():
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    one, purchases, numbers = make_cafe("API", first, last)
    other, _purchases, _numbers = make_cafe("FILE", first, last)
    now = datetime.combine(last + timedelta(days=1), datetime.min.time(), cafe.ZONE)

    found = the_same_both_ways([one, other], [as_request(each, numbers) for each in purchases], now)

    assert len(found["receipts"]) == len(purchases) > 50
    assert sum(active for _number, _type, active, _pending, _debt in found["wallets"]) > 1000


@pytest.mark.proof
@pytest.mark.long
@pytest.mark.django_db
def test_a_day_of_the_grocer():
    today = date(2026, 3, 4)
    last = calendar.last_date(today)
    history = loading.read_days(today, last, last)
    twins = []
    for code in ("API", "FILE"):
        program_id = ids.take(1)[0]
        with scope.enter([program_id], scope.SYSTEM):
            created = grocery.create(
                datetime.combine(last, datetime.min.time(), calendar.ZONE),
                sorted({basket.household_id for basket in history.sold}),
            )
            Program.objects.update(code=code)
            twins.append(Shop(program_id, {}))
            if code == "API":
                numbers = dict(Member.objects.values_list("pk", "number"))
                purchases = [loading.purchase_of(basket, created.members) for basket in history.sold]
    now = datetime.combine(last + timedelta(days=1), datetime.min.time(), calendar.ZONE)

    found = the_same_both_ways(twins, [as_request(each, numbers) for each in purchases], now)

    assert len(found["receipts"]) == len(purchases) > 300
    assert sum(row[2] for row in found["wallets"]) > 1000
