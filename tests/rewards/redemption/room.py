"""A shop with four members who have points, and requests of the API that come at once."""

from typing import Any

from django.db import connection
from rest_framework.test import APIClient

from loyalty.kernel import clock, scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import invariants
from members.ledger import services as ledger
from members.ledger.models import Wallet
from programs.setup.models import ReasonCode
from rewards.catalog.models import Reward
from rewards.redemption import operations
from rewards.redemption.models import Redemption
from tests import factories
from tests.factories import NOON, Shop
from tests.races import race

CARDS = ["79927398713", "4532015112830366", "4556737586899855", "4916338506082832"]
PATH = "/api/v1/redemptions"
GIVEN = 500


def entered(shop: Shop) -> Any:
    """The scope of the shop, as the system itself."""
    return scope.enter([shop.program_id], scope.SYSTEM)


def open_shop() -> Shop:
    """Members M0 to M3 with a card each and 50.0 points; a mug for 10.0, as many as asked for."""
    made = factories.make_program(point_types=(("POINTS", 1), ("STATUS", 0)))
    for number, card in enumerate(CARDS):
        member = factories.make_member(made, number=f"M{number}", card=card)
        give(made, member.account_id, GIVEN, f"start-{number}")
    add_reward(made, "MUG")
    return made


def give(shop: Shop, account_id: int, amount: int, key: str) -> None:
    """Give an account smallest units of the spendable type."""
    with entered(shop):
        ledger.adjust_points(
            account_id=account_id, point_type_id=shop.point_types["POINTS"], amount=amount,
            reason_id=ReasonCode.objects.get().pk, note="", request_key=key, is_unlimited=True, at=NOON,
        )  # fmt: skip


def add_reward(shop: Shop, code: str, *, price: int = 100, stock: int | None = None, **values: Any) -> Reward:
    """A reward of the shop."""
    with entered(shop), unit_of_work():
        return Reward.objects.create(
            code=code, name={"en": code}, description={"en": code}, price=price, stock=stock,
            **{"point_type_id": shop.point_types["POINTS"], **values},
        )  # fmt: skip


def wanted(number: int = 0, reward: str = "MUG", quantity: int = 1) -> dict[str, Any]:
    """The body of a request: member M``number`` takes a reward."""
    return {"member": {"kind": "card", "value": CARDS[number]}, "reward": reward, "quantity": quantity}


def send_at_once(token: str, pairs: list[tuple[str, Any]]) -> list[Any]:
    """Send each (key, body) in a thread of its own; the first group waits until others came."""

    def act(number: int) -> Any:
        # The signal by which a client learns of a fault is everybody's: one would raise what another broke.
        client = APIClient(raise_request_exception=False)
        client.default_format = "json"
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        key, body = pairs[number]
        with clock.fixed(NOON):
            return client.post(PATH, body, HTTP_IDEMPOTENCY_KEY=key, REMOTE_ADDR=f"10.0.0.{number + 1}")

    return race(act, times=len(pairs), pause_before=(operations, "redeem"))


def transactions() -> int:
    """How many transactions of the database wrote the redemptions in scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM rewards_redemption")
        return int(cursor.fetchone()[0])


def state(shop: Shop, reward: str = "MUG") -> tuple[list[int], int | None, int]:
    """Points of the members, units in stock, redemptions; the books hold."""
    with entered(shop):
        assert not list(invariants.check("default"))
        points = Wallet.objects.filter(point_type__code="POINTS").order_by("account__members__member__number")
        return (
            list(points.values_list("active", flat=True)),
            Reward.objects.get(code=reward).stock,
            Redemption.objects.count(),
        )
