"""A member with a purchase, a return, a correction, a card, a reward and what stands in the lists behind them."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from loyalty.kernel import files
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import services as activity
from members.ledger import operations as ledger_operations
from members.ledger import services as ledger
from members.ledger.models import Breach
from members.profiles import operations as profiles
from members.profiles.operations import NewMember
from programs.promotions import services as promotions
from programs.setup.models import PointType, ReasonCode
from rewards.catalog.models import Reward
from rewards.redemption import services as redemption
from tests.members.world import BASE, BONUS, bring_back, purchase

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3" fill="teal"/></svg>'


def make_customer() -> None:
    """One of everything that the member desk shows, in the program in scope, whose currency is the euro."""
    now = datetime.now(UTC)
    points, reason = PointType.objects.get(code="POINTS"), ReasonCode.objects.get()
    for code, document in {"BASE": BASE, "BONUS": BONUS}.items():
        version = promotions.write_promotion(code=code, name={"en": code.title()}, document=document)
        promotions.publish_version(version_id=version.pk, starts_at=None, now=now)
    with unit_of_work():
        member = profiles.add_members(
            [
                NewMember(
                    number="M1", enrolled_at=now - timedelta(days=9), first_name="Anna", last_name="Łąkowa",
                    email="anna@example.com", phone="+48601234567", city="Gdynia", cards=("79927398713",),
                )
            ]
        )[0]  # fmt: skip
        ledger_operations.open_wallets([member.account_id], [points.pk])
        picture = files.store(io.BytesIO(PICTURE), kind="reward-picture", name="m.svg", content_type="image/svg+xml")
        mug, _trip = (
            Reward.objects.create(
                code=code, name={"en": code.title()}, description={"en": "Nice"}, point_type=points, price=price,
                stock=stock, picture=picture,
            )
            for code, price, stock in (("MUG", 20, 3), ("TRIP", 9000, None))
        )  # fmt: skip
        Breach.objects.create(invariant="wallet_sum", facts={"expected": 1, "found": 2}, resolved_at=now)
    bought = purchase(member.member_id, "R-1", [(1, "40.00"), (2, "10.00")], at=now - timedelta(hours=2))
    activity.record_purchase(replace(bought, currency="EUR"))
    activity.record_return(bring_back("R-1", "RET-1", [("2", 1)], at=now - timedelta(hours=1)))
    ledger.adjust_points(
        account_id=member.account_id, point_type_id=points.pk, amount=50, reason_id=reason.pk, note="waited",
        request_key="first", is_unlimited=True, at=now,
    )  # fmt: skip
    redemption.redeem_reward(
        member_id=member.member_id, reward_id=mug.pk, quantity=1, request_key="first", channel="desk", at=now
    )
