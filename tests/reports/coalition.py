"""A spring of one program with two partners, small enough to add up by hand.

Points: one for every dollar, ten more from fifty dollars on; they go thirty days after they count. A point is worth a
cent. The partner NORTH pays for the points earned at its store and supplies the mug; SOUTH has no agreement.

    day     who   what                                  points
    Feb 20  Anna  buys for 20.00                           +20
    Feb 21  Ben   buys for 7.00                             +7
    Mar 2   Anna  buys for 60.00 at NORTH             +60  +10 (from the bonus, usable on Mar 7)
    Mar 3   Ben   buys for 25.00 at SOUTH                  +25
    Mar 10  Anna  brings 15.00 of it back             -15  -10
    Mar 12  Ben   is given                                  +5
    Mar 15  Anna  takes a mug                              -30
    Mar 16  Ben   takes a pen                              -10
    Mar 17  Ben   gives it back                            +10
    Mar 23  Ben   loses what he earned in February          -7
    Apr 2   Cleo  buys for 11.00                           +11
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import services as activity
from members.ledger import operations as ledger
from members.ledger import services as corrections
from members.ledger.models import Wallet
from members.profiles import operations as profiles
from members.profiles.operations import Enrolled, NewMember
from partners.registry.models import Agreement, Partner
from programs.catalog.models import Location
from programs.setup.models import PointType
from rewards.catalog.models import Reward
from rewards.redemption import services as redemption
from tests.members.world import World, bring_back, make_world, purchase

ENROLLED = {"ANNA": 1, "BEN": 1, "CLEO": 3}
CANARY = {
    "ANNA": {"first_name": "Hortensja", "last_name": "Kanarkowska", "email": "hortensja.k@example.com",
             "phone": "+48601987654", "city": "Kanarkowo", "cards": ("79927398713",)},
}  # fmt: skip
MADE_AT = datetime(2026, 4, 20, 12, tzinfo=UTC)


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@dataclass(frozen=True)
class Coalition:
    """The world after its spring, members and partners by code."""

    world: World
    members: Mapping[str, Enrolled]
    partners: Mapping[str, int]

    @contextmanager
    def entered(self) -> Iterator[None]:
        with self.world.entered(), clock.fixed(MADE_AT):
            yield

    def outstanding(self) -> int:
        """What all wallets hold, less their debts."""
        rows = Wallet.objects.values_list("active", "pending", "reserved", "debt")
        return sum(active + pending + reserved - debt for active, pending, reserved, debt in rows)


def make_coalition(code: str = "SPRING") -> Coalition:
    """Live through the spring."""
    world = make_world(code, point_value=Decimal("0.01"))
    with world.entered():
        members = {number: _join(number, month) for number, month in ENROLLED.items()}
        partners = {name: _partner(world, name) for name in ("NORTH", "SOUTH")}
        with unit_of_work():
            Agreement.objects.create(
                partner_id=partners["NORTH"], starts_date=date(2026, 1, 15), currency="USD", issue_price=1000,
                redeem_price=800, commission=Decimal("1.50"), funds_base=True,
            )  # fmt: skip
            mug = _reward("MUG", 30, partners["NORTH"])
            pen = _reward("PEN", 10, None)
        _february(members)
        _march(world, members, mug, pen)
        _buy(members["CLEO"], "R-5", [(1, "11.00")], at(4, 2))
    return Coalition(world, members, partners)


def _join(number: str, month: int) -> Enrolled:
    with unit_of_work():
        enrolled = profiles.add_members([NewMember(number=number, enrolled_at=at(month, 1), **CANARY.get(number, {}))])[
            0
        ]
        ledger.open_wallets([enrolled.account_id], list(PointType.objects.values_list("pk", flat=True)))
    return enrolled


def _partner(world: World, name: str) -> int:
    with unit_of_work():
        made = Partner.objects.create(
            program_id=world.program_id, code=name, name=f"{name.title()} stores", kind="retailer"
        )
        Location.objects.create(
            program_id=world.program_id, code=f"{name}-1", name=f"{name.title()} market", partner_id=made.pk
        )
    return int(made.pk)


def _reward(code: str, price: int, partner_id: int | None) -> Reward:
    return Reward.objects.create(
        code=code, name={"en": code.title()}, description={"en": code}, price=price, stock=None, partner_id=partner_id,
        point_type=PointType.objects.get(),
    )  # fmt: skip


def _buy(member: Enrolled, receipt: str, lines: list[tuple[int, str]], when: datetime, **values: Any) -> None:
    with clock.fixed(when):
        activity.record_purchase(purchase(member.member_id, receipt, lines, at=when, **values))


def _february(members: Mapping[str, Enrolled]) -> None:
    _buy(members["ANNA"], "R-1", [(1, "20.00")], at(2, 20))
    _buy(members["BEN"], "R-2", [(1, "7.00")], at(2, 21))


def _march(world: World, members: Mapping[str, Enrolled], mug: Reward, pen: Reward) -> None:
    anna, ben = members["ANNA"], members["BEN"]
    _buy(anna, "R-3", [(1, "30.00"), (2, "15.00")], at(3, 2), location="NORTH-1")
    _buy(ben, "R-4", [(1, "25.00")], at(3, 3), location="SOUTH-1")
    with clock.fixed(at(3, 10)):
        activity.record_return(bring_back("R-3", "B-3", [("2", 1)], at=at(3, 10)))
    corrections.adjust_points(
        account_id=ben.account_id, point_type_id=world.points_id, amount=5, reason_id=world.reason_id, note="",
        request_key="five", is_unlimited=False, at=at(3, 12),
    )  # fmt: skip
    _take(anna, mug, at(3, 15))
    taken = _take(ben, pen, at(3, 16))
    redemption.cancel_redemption(redemption_id=taken, reason="changed mind", request_key="c-1", at=at(3, 17))
    corrections.expire_due(at=at(3, 23))


def _take(member: Enrolled, reward: Reward, when: datetime) -> int:
    taken = redemption.redeem_reward(
        member_id=member.member_id, reward_id=reward.pk, quantity=1, request_key=reward.code, channel="desk", at=when
    )
    return int(taken.pk)
