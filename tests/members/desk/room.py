"""A program with everything that the desk shows: members, purchases, a return, rewards, staff."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from loyalty.kernel import clock, scope
from loyalty.kernel.access import roles
from loyalty.kernel.models import User
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import services as activity
from members.activity.models import Purchase
from members.callers import services as callers
from members.ledger import operations as ledger
from members.ledger.models import Wallet
from members.profiles import operations as profiles
from members.profiles.models import Member
from members.profiles.operations import NewMember
from programs.setup.models import PointType
from rewards.catalog.models import Reward
from tests.browser.people import PASSWORD
from tests.members.world import START, World, bring_back, make_world, purchase

CARD = "79927398713"
PHONE = "+48601234567"
EMAIL = "anna@example.com"
RECEIPT = "R-1001"
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Room:
    """The world, its main member Anna with 60 active and 10 pending points, and the addresses of her pages."""

    world: World
    member: Member
    account_id: int
    purchase: Purchase

    @property
    def page(self) -> str:
        return f"/admin/members/{self.member.public_id}/"

    @property
    def adjust(self) -> str:
        return f"{self.page}adjust/"

    @property
    def receipt(self) -> str:
        return f"{self.page}receipts/{self.purchase.public_id}/"

    def sign_in(self, client: Client, role: str, *, opens: bool = True) -> User:
        """Sign a fresh user of a role in; ``opens``: to whom everybody of the program is open."""
        user = make_user(self.world, role)
        client.force_login(user)
        client.cookies["staff_session"] = client.cookies["sessionid"].value
        if opens:
            self.open_to(user)
        return user

    def sign_in_second(self, client: Client, role: str) -> User:
        """Sign another user of a role in, to whom everybody is open."""
        user = User.objects.create_user(f"second-{role}@example.com", PASSWORD, name=f"Second {role}")
        with self.world.entered():
            roles.grant_role(user, role, self.world.program_id)
        client.force_login(user)
        client.cookies["staff_session"] = client.cookies["sessionid"].value
        self.open_to(user)
        return user

    def open_to(self, user: User) -> None:
        """Let a user have given a reason for each member there is."""
        with scope.enter([self.world.program_id], scope.Actor("user", user.pk, str(user))):
            for member in Member.objects.all():
                callers.open_member(member, reason="call", note="", at=clock.now())

    def check_caller_of(self, user: User) -> None:
        """Let a user have checked that it is Anna who calls, by two facts."""
        with scope.enter([self.world.program_id], scope.Actor("user", user.pk, str(user))):
            callers.answer_facts(self.member, {"phone": PHONE, "email": EMAIL}, at=clock.now())

    def balance(self) -> tuple[int, int]:
        """Anna's active and pending points."""
        with self.world.entered():
            wallet = Wallet.objects.get(account_id=self.account_id, point_type_id=self.world.points_id)
            return wallet.active, wallet.pending

    def form(self, **values: Any) -> dict[str, str]:
        """A correction as the form sends it: fifty points given as goodwill."""
        sent = {
            "direction": "give", "amount": "50", "point_type": self.world.points_id, "reason": self.world.reason_id,
            "note": "the caller waited", "_program": self.world.program_id,
        }  # fmt: skip
        return {name: str(value) for name, value in {**sent, **values}.items()}


def make_user(world: World, role: str) -> User:
    user = User.objects.create_user(f"{role}-{world.program_id}@example.com", PASSWORD, name=role.capitalize())
    with world.entered():
        roles.grant_role(user, role, world.program_id)
    return user


def add_person(number: str, **values: Any) -> profiles.Enrolled:
    with unit_of_work():
        enrolled = profiles.add_members([NewMember(number=number, enrolled_at=START, **values)])[0]
        ledger.open_wallets([enrolled.account_id], list(PointType.objects.values_list("pk", flat=True)))
    return enrolled


def open_room(code: str = "ROOM") -> Room:
    """Anna bought for 60 dollars an hour ago and gave nothing back; Piotr has nothing yet."""
    world = make_world(code)
    with world.entered():
        anna = add_person(
            "M100", first_name="Anna", last_name="Łąkowa", email=EMAIL, phone=PHONE, city="Gdynia", cards=(CARD,)
        )
        add_person("M200", first_name="Piotr", last_name="Zieliński", phone="+48609000000")
        at = NOW - timedelta(hours=1)
        recorded = activity.record_purchase(purchase(anna.member_id, RECEIPT, [(1, "40.00"), (2, "10.00")], at=at))
        points = PointType.objects.get(pk=world.points_id)
        with unit_of_work():
            for reward, price, stock in (("MUG", 40, 3), ("BAG", 30, 0), ("TRIP", 900, None)):
                Reward.objects.create(
                    code=reward, name={"en": reward.title()}, description={"en": "Nice"}, point_type=points, price=price,
                    stock=stock,
                )  # fmt: skip
        return Room(
            world, Member.objects.get(pk=anna.member_id), anna.account_id, Purchase.objects.get(pk=recorded.purchase_id)
        )


def give_back(room: Room) -> None:
    """Anna brings one of the two pieces back: ten dollars."""
    with room.world.entered(), clock.fixed(NOW):
        activity.record_return(bring_back(RECEIPT, "RET-1", [("2", 1)], at=NOW - timedelta(minutes=10)))


def in_other_program(code: str = "OTHER") -> Member:
    """A member of another program."""
    world = make_world(code)
    with world.entered():
        return Member.objects.get(pk=add_person("M900", first_name="Ewa").member_id)


def scoped(room: Room) -> Any:
    """The room's program, for reading in a test."""
    return scope.enter([room.world.program_id], scope.SYSTEM)
