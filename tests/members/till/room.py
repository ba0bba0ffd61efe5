"""A till in a shop whose points are worth ten cents, and what it says."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from rest_framework.test import APIClient

from loyalty.kernel import clock
from members.ledger import invariants, services
from members.ledger.models import Wallet
from members.profiles.models import Member
from members.profiles.operations import Enrolled
from programs.setup.models import ReasonCode
from tests import factories
from tests.factories import NOON, Shop

CARD = "79927398713"
SCOPES = ("till.use", "purchases.write", "members.read")
WITHOUT_POINTS = {
    "schema": "promo/1",
    "phase": "base",
    "then": [
        {
            "effect": "earn",
            "type": "POINTS",
            "formula": {"kind": "rate", "points": "1", "per": "1.00", "basis": "without_points"},
        }
    ],
}


class Till:
    """A till with a key of its own; what it sends gets its number and its own ``op_id``."""

    def __init__(self, *, balance: int = 1250, currency: str = "PLN", **settings: Any) -> None:
        self.shop: Shop = factories.make_program(
            currency=currency, rules={"BASE": WITHOUT_POINTS}, point_value="0.10", settings=settings
        )
        self.anna: Enrolled = factories.make_member(self.shop, card=CARD, first_name="Anna", last_name="Zielińska")
        factories.make_location(self.shop, "store-1")
        self.api: APIClient = factories.client(self.shop, *SCOPES)
        self.number = 100
        if balance:
            self.grant(balance)

    def grant(self, amount: int, *, at: datetime = NOON, key: str = "") -> None:
        with factories.entered(self.shop):
            reason = ReasonCode.objects.get(code="GOODWILL")
            services.adjust_points(
                account_id=self.anna.account_id, point_type_id=self.shop.point_types["POINTS"], amount=amount,
                reason_id=reason.pk, note="", request_key=key or uuid4().hex, is_unlimited=True, at=at,
            )  # fmt: skip

    def anna_row(self) -> Any:
        return Member.objects.filter(pk=self.anna.member_id)

    def post(self, address: str, content: Mapping[str, Any], **headers: str) -> Any:
        return self.api.post(f"/api/v1/{address}", content, **headers)

    def said(self, **content: Any) -> dict[str, Any]:
        """An operation of this till."""
        self.number += 1
        return {"op_id": str(uuid4()), "pos_seq": self.number, "till": "4", **content}

    def quote(self, *prices: str, **changes: Any) -> dict[str, Any]:
        basket = {**self.receipt("", *prices), **changes}
        del basket["external_id"], basket["at"]
        return dict(self.post("quotes", basket).json())

    def receipt(self, number: str, *prices: str, at: datetime | None = None) -> dict[str, Any]:
        """A receipt with a line of one piece for each price; a price may be ``2x25.00``."""
        lines = []
        for place, price in enumerate(prices or ("100.00",)):
            count, _times, each = price.rpartition("x")
            lines.append({"line_id": "ABCDEF"[place], "sku": "ABCDEF"[place], "qty": count or "1", "unit_price": each})
        return {
            "external_id": number, "member": {"kind": "card", "value": CARD}, "at": (at or clock.now()).isoformat(),
            "currency": "PLN", "store": "store-1", "lines": lines,
        }  # fmt: skip

    def reserved(self, points: str, *prices: str) -> str:
        quoted = self.quote(*prices)["quote"]
        return str(self.post("till/sessions", self.said(quote=quoted, points=points)).json()["session"])

    def held(self) -> tuple[int, int, int]:
        with factories.entered(self.shop):
            wallet = Wallet.objects.get(account_id=self.anna.account_id)
            return wallet.active, wallet.reserved, wallet.debt

    def is_sound(self) -> bool:
        with factories.entered(self.shop):
            return [one.code for one in invariants.check("default")] == []


@contextmanager
def later(minutes: int) -> Iterator[None]:
    with clock.fixed(NOON + timedelta(minutes=minutes)):
        yield
