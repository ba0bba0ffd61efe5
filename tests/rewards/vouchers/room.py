"""A shop that gives vouchers: its templates, its member, and the promotion that issues one from 20.00 on."""

from typing import Any

from rewards.vouchers.models import Voucher, VoucherTemplate
from tests import factories
from tests.factories import Shop

CARD = "79927398713"
FIVE_OFF: dict[str, Any] = {
    "schema": "promo/1",
    "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "20.00"},
    "then": [{"effect": "voucher", "template": "FIVE", "valid_days": 14}],
}


def open_shop(**changes: Any) -> Shop:
    """A shop with a member and the promotion FIVE_OFF; ``changes`` go into its effect."""
    shop = factories.make_program()
    factories.make_member(shop, card=CARD)
    make_template(shop)
    effect = {**FIVE_OFF["then"][0], **changes}
    factories.publish(shop, "FIVE_OFF", {**FIVE_OFF, "then": [effect]})
    return shop


def make_template(shop: Shop, code: str = "FIVE", **values: Any) -> int:
    """A template of five off, unless told otherwise; its key."""
    with factories.entered(shop):
        made = {"name": {"en": "5 off", "pl": "5 zł mniej"}, "kind": "amount", "value": 500, **values}
        return int(VoucherTemplate.objects.create(code=code, **made).pk)


def buy(api: Any, external_id: str = "R-1", price: str = "25.00", **changes: Any) -> Any:
    """A purchase of one article, sold two times at half of ``price``."""
    half = f"{float(price) / 2:.2f}"
    return api.post(
        "/api/v1/transactions",
        {
            "external_id": external_id,
            "member": {"kind": "card", "value": CARD},
            "at": "2026-10-20T11:30:00Z",
            "currency": "USD",
            "lines": [{"sku": "A", "qty": 2, "unit_price": half}],
            **changes,
        },
    )


def bring_back(api: Any, quantity: int, external_id: str = "RET-1", of: str = "R-1") -> Any:
    """A return of some of the two."""
    return api.post(
        f"/api/v1/transactions/{of}/returns",
        {"external_id": external_id, "lines": [{"line_id": "1", "qty": quantity}]},
    )


def vouchers(shop: Shop) -> list[Voucher]:
    """All vouchers of the shop, in order."""
    with factories.entered(shop):
        return list(Voucher.objects.order_by("pk"))
