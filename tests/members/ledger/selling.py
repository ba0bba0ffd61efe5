"""A program that sells for points, and what its tests ask of it."""

from datetime import timedelta
from typing import Any

from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import invariants, sales, services
from members.ledger.models import ConversionRate, PriceList, PriceStep
from members.ledger.sales import Offered, Wanted
from members.profiles.operations import Enrolled
from programs.setup.models import PointType
from tests.members.world import START, World, wallet_of

NOW = START + timedelta(hours=1)
TODAY = NOW.date()


def price_list(world: World, kind: str, *, fixed: int = 0, each: int = 0, block: int = 1, **terms: Any) -> PriceList:
    """A list of one price in money, or in points with ``pay_type_id``."""
    usual: dict[str, Any] = {} if kind == "buy" else {"days": 60, "window_days": 90}
    with unit_of_work():
        made = PriceList.objects.create(kind=kind, point_type_id=world.points_id, **{**usual, **terms})
        PriceStep.objects.create(price_list=made, fixed=fixed, each=each, block=block)
    return made


def other_type(code: str = "MILES", **values: Any) -> int:
    with unit_of_work():
        return PointType.objects.create(code=code, name={"en": code.lower()}, position=5, **values).pk


def rate(world: World, to_type: int, give: int, get: int, *, since: Any = TODAY) -> ConversionRate:
    with unit_of_work():
        return ConversionRate.objects.create(
            from_type_id=world.points_id, to_type_id=to_type, since_date=since, give=give, get=get
        )


def give(world: World, member: Enrolled, amount: int, key: str = "g", *, at: Any = NOW) -> None:
    services.adjust_points(
        account_id=member.account_id, point_type_id=world.points_id, amount=amount, reason_id=world.reason_id, note="",
        request_key=key, is_unlimited=True, at=at,
    )  # fmt: skip


def wanted(world: World, member: Enrolled, kind: str, key: str = "s", **values: Any) -> Wanted:
    return Wanted(
        kind=kind, member_id=member.member_id, request_key=key, **{"point_type_id": world.points_id, **values}
    )


def sell(world: World, member: Enrolled, kind: str, key: str = "s", *, at: Any = NOW, **values: Any) -> Offered:
    """Ask for the price and buy at it."""
    asked = wanted(world, member, kind, key, **values)
    return sales.sell(asked, price=sales.quote(asked, at=at).sale.price, at=at)


def state(member: Enrolled) -> tuple[int, int]:
    wallet = wallet_of(member.account_id)
    return wallet.active, wallet.debt


def holds() -> bool:
    """Every invariant of the ledger."""
    return list(invariants.check("default")) == []
