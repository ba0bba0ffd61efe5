"""A shop with terms of return, and a member who buys and brings back over the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loyalty.kernel import clock
from members.ledger.invariants import INVARIANTS, ask
from members.ledger.models import Entry, Wallet
from programs.catalog.models import Category
from programs.promotions import services as promotions
from programs.returns.models import ReturnTerms
from programs.setup.models import PointType
from programs.tiers.models import Tier, TierScheme
from tests import factories
from tests.factories import Shop

CARD = "79927398713"
LINES = (
    {"line_id": "tv", "sku": "TV", "amount": "100.00", "categories": ["electronics.video", "electronics"]},
    {"line_id": "book", "sku": "BOOK", "qty": 2, "amount": "40.00", "categories": ["books"]},
)


@dataclass(frozen=True)
class Counter:
    """The shop, and its till's client."""

    shop: Shop
    api: Any

    def buy(self, external_id: str = "R-1", *, at: str = "2026-10-20T09:00:00Z", **values: Any) -> Any:
        body = {
            "external_id": external_id, "member": {"kind": "card", "value": CARD}, "at": at, "currency": "USD",
            "lines": LINES, **values,
        }  # fmt: skip
        response = self.api.post("/api/v1/transactions", body)
        assert response.status_code == 201, response.content
        return response.json()

    def bring_back(self, *lines: tuple[str, Any], name: str = "B-1", of: str = "R-1", **values: Any) -> Any:
        listed = [{"line_id": line_id, "qty": quantity} for line_id, quantity in lines]
        return self.api.post(f"/api/v1/transactions/{of}/returns", {"external_id": name, "lines": listed, **values})

    def terms(self, of: str = "R-1") -> dict[str, Any]:
        answer = self.api.get(f"/api/v1/transactions/{of}/returns/terms")
        assert answer.status_code == 200, answer.content
        return {line["line_id"]: line for line in answer.json()["lines"]}

    def held(self) -> tuple[int, int]:
        """What the member has: active points and debt."""
        with factories.entered(self.shop):
            wallet = Wallet.objects.get(point_type__code="POINTS")
            return wallet.active, wallet.debt

    def entries(self) -> int:
        with factories.entered(self.shop):
            return int(Entry.objects.count())

    def assert_books_are_right(self) -> None:
        with factories.entered(self.shop):
            assert [finding for one in INVARIANTS for finding in ask(one)] == []


def open_counter(*, rules: Mapping[str, Any] | None = None, timezone: str = "UTC", **settings: Any) -> Counter:
    """A shop whose points are worth a cent each, with a member and no terms of return."""
    shop = factories.make_program(rules=rules, timezone=timezone, point_value="0.01", **settings)
    factories.make_member(shop, card=CARD)
    with factories.entered(shop):
        for code in ("electronics", "electronics.video", "books"):
            Category.objects.create(program_id=shop.program_id, code=code, name=code.rpartition(".")[2].title())
    return Counter(shop, factories.client(shop, "purchases.write", "members.read"))


def add_terms(
    shop: Shop, *, category: str | None = None, tier: str | None = None, bonus: int | None = None, **values: Any
) -> int:
    """Terms in force since ever, unless told otherwise; their key."""
    with factories.entered(shop):
        row = ReturnTerms.objects.create(
            program_id=shop.program_id,
            category=None if category is None else Category.objects.get(code=category),
            tier=None if tier is None else Tier.objects.get(code=tier),
            bonus_percent=bonus,
            bonus_type=None if bonus is None else PointType.objects.get(code="POINTS"),
            **{"since_date": "2026-01-01", **values},
        )
        promotions.freeze_settings(now=clock.now())
        return int(row.pk)


def add_tiers(shop: Shop) -> None:
    """Basic, and gold from a hundred points on."""
    with factories.entered(shop):
        points = PointType.objects.get(code="POINTS")
        scheme = TierScheme.objects.create(code="STATUS", name={"en": "Status"}, point_type=points)
        for rank, (code, threshold) in enumerate((("BASIC", 0), ("GOLD", 100))):
            Tier.objects.create(scheme=scheme, code=code, name={"en": code.title()}, rank=rank, threshold=threshold)
        promotions.freeze_settings(now=clock.now())
