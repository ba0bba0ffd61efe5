"""Any registered handler: called with the purchase, once; its answer kept; undone once; a fault leaves nothing."""

from collections.abc import Mapping
from typing import Any

import pytest

from loyalty.kernel import clock, registries
from members.activity.models import Evaluation, Purchase, Received
from members.ledger.models import Entry, Wallet
from tests import factories
from tests.factories import NOON, Shop
from tests.rewards.vouchers.room import CARD, bring_back, buy

pytestmark = pytest.mark.django_db

BADGE = {
    "schema": "promo/1",
    "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "20.00"},
    "then": [{"effect": "badge", "badge": "BIG"}],
}


class Badges:
    """Notes what it was asked for, one effect at a time."""

    def __init__(self) -> None:
        self.issued: list[tuple[Mapping[str, Any], int]] = []
        self.undone: list[tuple[Mapping[str, Any], int]] = []
        self.is_broken = False

    def issue(self, effect: Mapping[str, Any], *, member_id: int, account_id: int, cause_id: int) -> Mapping[str, Any]:
        if self.is_broken:
            raise RuntimeError("no more badges")
        self.issued.append((effect, cause_id))
        return {"badge": effect["badge"], "number": len(self.issued)}

    def on_reverse(self, issued: Mapping[str, Any], *, member_id: int, account_id: int, cause_id: int) -> None:
        self.undone.append((issued, cause_id))


@pytest.fixture
def badges(monkeypatch) -> Badges:
    made = Badges()
    monkeypatch.setitem(registries._effects, "badge", made)
    return made


@pytest.fixture
def shop(badges) -> Shop:
    made = factories.make_program(rules={"BADGE": BADGE})
    factories.make_member(made, card=CARD)
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def test_is_called_once_and_its_answer_is_kept(shop, badges):
    api = factories.client(shop, "purchases.write")
    buy(api)
    buy(api)

    with factories.entered(shop):
        purchase = Purchase.objects.get()
        assert badges.issued == [({"effect": "badge", "badge": "BIG", "facts": {}}, purchase.pk)]
        effects = Evaluation.objects.get().outcome["effects"]
    assert [(one["rule"], one["kind"], one["branch"], one["issued"]) for one in effects] == [
        ("BADGE", "badge", "then", {"badge": "BIG", "number": 1})
    ]


def test_is_undone_once(shop, badges):
    api = factories.client(shop, "purchases.write")
    buy(api)

    bring_back(api, 1)
    bring_back(api, 1, "RET-2")

    assert [issued for issued, _cause in badges.undone] == [{"badge": "BIG", "number": 1}]


def test_a_fault_leaves_neither_purchase_nor_points(shop, badges):
    badges.is_broken = True
    api = factories.client(shop, "purchases.write")
    api.raise_request_exception = False

    assert buy(api).status_code == 500

    with factories.entered(shop):
        assert not (Purchase.objects.exists())
        assert not (Entry.objects.exists())
        assert not (Received.objects.exists())
        assert Wallet.objects.get().active == 0
    badges.is_broken = False
    assert buy(api).status_code == 201
    assert len(badges.issued) == 1


def test_a_purchase_that_grants_none_asks_for_nothing(shop, badges):
    assert buy(factories.client(shop, "purchases.write"), price="10.00").status_code == 201

    assert badges.issued == []
