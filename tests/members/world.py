"""A small program to prove things in: two promotions, one store, members with cards."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from loyalty.kernel import ids, scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import services as activity
from members.activity.intake import LineInput, PurchaseInput
from members.activity.services import ReturnInput
from members.ledger import operations as ledger
from members.ledger.models import Wallet
from members.profiles import operations as profiles
from members.profiles.operations import NewMember
from programs.promotions import services as promotions
from programs.setup.models import PointType, Program, ReasonCode

START = datetime(2026, 3, 2, 9, tzinfo=UTC)

BASE = {
    "schema": "promo/1",
    "phase": "base",
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "rate", "points": "1", "per": "1.00"}}],
}
BONUS = {
    "schema": "promo/1",
    "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"},
    "then": [
        {
            "effect": "earn",
            "type": "POINTS",
            "formula": {"kind": "fixed", "points": "10"},
            "activation": {"after_days": 5, "at": "start_of_day"},
        }
    ],
    "limits": [{"id": "MONTH", "scope": "member", "period": "month", "measure": "uses", "max": "2"}],
}


@dataclass(frozen=True)
class World:
    """A program with its rules in force since ever."""

    program_id: int
    points_id: int
    reason_id: int

    @contextmanager
    def entered(self) -> Iterator[None]:
        with scope.enter([self.program_id], scope.SYSTEM):
            yield


def make_world(
    code: str = "WORLD",
    *,
    documents: Mapping[str, Mapping[str, Any]] | None = None,
    expiry: Mapping[str, Any] | None = None,
    since: datetime = START,
    **settings: Any,
) -> World:
    """A program in UTC and USD; points expire thirty days after they count unless told otherwise."""
    program_id = ids.take(1)[0]
    with scope.enter([program_id], scope.SYSTEM):
        with unit_of_work():
            Program.objects.create(
                id=program_id, code=code, name={"en": code}, currency="USD", timezone="UTC", **settings
            )
            points = PointType.objects.create(
                code="POINTS",
                name={"en": "points"},
                expiry={"after_days": 30, "at": "start_of_day"} if expiry is None else expiry,
            )
            reason = ReasonCode.objects.create(
                code="GOODWILL", name={"en": "Goodwill"}, point_type=points, allows_debit=True, agent_limit=100
            )
        for promotion, document in (documents or {"BASE": BASE, "BONUS": BONUS}).items():
            version = promotions.write_promotion(code=promotion, name={"en": promotion.title()}, document=document)
            promotions.publish_version(version_id=version.pk, starts_at=None, now=since)
    return World(program_id, points.pk, reason.pk)


def add_member(number: str = "M1", card: str = "") -> profiles.Enrolled:
    """A member with wallets, in the scope in force."""
    with unit_of_work():
        cards = (card,) if card else ()
        enrolled = profiles.add_members([NewMember(number=number, enrolled_at=START, cards=cards)])[0]
        ledger.open_wallets([enrolled.account_id], list(PointType.objects.values_list("pk", flat=True)))
    return enrolled


def wallet_of(account_id: int) -> Wallet:
    """The account's wallet of points."""
    return Wallet.objects.get(account_id=account_id, point_type__code="POINTS")


def purchase(
    member_id: int,
    external_id: str,
    lines: Sequence[tuple[int, str]],
    *,
    at: datetime = START,
    **values: Any,
) -> PurchaseInput:
    """A purchase of lines (quantity, unit price), line ids from 1."""
    made = tuple(
        LineInput(
            line_id=str(place), sku=f"SKU{place}", quantity=Decimal(quantity), unit_price=int(Decimal(price) * 100)
        )
        for place, (quantity, price) in enumerate(lines, start=1)
    )
    body = hashlib.sha256(repr((external_id, made, at)).encode()).digest()
    return PurchaseInput(
        source="till", external_id=external_id, body_hash=body, member_id=member_id, at=at, lines=made,
        currency="USD", **values,
    )  # fmt: skip


def bring_back(
    purchase_external_id: str, external_id: str, lines: Sequence[tuple[str, int | str]], *, at: datetime = START
) -> ReturnInput:
    """A return of (line id, quantity)."""
    made = tuple((line_id, Decimal(quantity)) for line_id, quantity in lines)
    body = hashlib.sha256(repr((external_id, made)).encode()).digest()
    return ReturnInput("till", purchase_external_id, external_id, body, at, made)


def reasons(outcome: Mapping[str, Any]) -> dict[str, str]:
    """By rule why it was not applied, as an outcome that is kept says."""
    return {one["rule"]: one["reason"] for one in outcome["explanation"] if one["status"] == "not_applied"}


record_purchase = activity.record_purchase
record_return = activity.record_return
