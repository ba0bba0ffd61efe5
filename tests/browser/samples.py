"""For each page of ours that shows one object: the name of its route, and how to make the parameters of its address.

Add a line when you add such a page; ``tests/kernel/pages/test_axe.py`` names the routes that have none. The maker runs
in the scope of the program that ``tests.browser.people.make_program`` filled.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from loyalty.kernel import clock, jobs, proposals, scope
from loyalty.kernel.models import Job, Proposal, User
from members.activity.models import MemberFlag, Purchase
from members.callers import services as callers
from members.files import services as files
from members.files.models import PurchaseFile
from members.ledger import holds, sales
from members.ledger.models import Hold, PointSale, PriceList, PriceStep, Wallet
from members.ledger.operations import NewHold
from members.ledger.sales import Wanted
from members.profiles.models import Member
from members.segments import services as segments
from members.segments.models import Segment
from members.whatif.models import Simulation
from programs.promotions.models import Promotion
from programs.setup.models import PointType
from rewards.catalog.models import Reward
from rewards.redemption.models import Redemption
from rewards.vouchers import services as vouchers
from rewards.vouchers.models import Voucher, VoucherTemplate


def _member() -> dict[str, Any]:
    member = Member.objects.earliest("pk")
    # Whoever will look at the page has said why.
    for user in User.objects.filter(realm="staff"):
        with scope.enter([member.program_id], scope.Actor("user", user.pk, str(user))):
            callers.open_member(member, reason="call", note="", at=clock.now())
    return {"member_id": member.public_id}


def _closed_member() -> dict[str, Any]:
    return {"member_id": Member.objects.earliest("pk").public_id}


def _receipt() -> dict[str, Any]:
    return {**_member(), "purchase_id": Purchase.objects.earliest("pk").public_id}


def _reward_for_member() -> dict[str, Any]:
    return {**_member(), "reward_id": Reward.objects.earliest("pk").public_id}


def _redemption() -> dict[str, Any]:
    return {"redemption_id": Redemption.objects.earliest("pk").public_id}


def _promotion() -> dict[str, Any]:
    return {"code": Promotion.objects.earliest("pk").code}


def _stopping() -> dict[str, Any]:
    return {**_promotion(), "deed": "stop"}


def _simulation() -> dict[str, Any]:
    promotion = Promotion.objects.earliest("pk")
    made = Simulation.objects.create(
        promotion=promotion, version_number=1, document={}, document_hash="", days=30, result=None
    )
    return {"public_id": made.public_id}


def _segment() -> dict[str, Any]:
    if not Segment.objects.exists():
        segments.create_segment(code="SAMPLE", name={"en": "Sample"}, kind="static", now=clock.now())
    return {"code": Segment.objects.earliest("pk").code}


def _archiving() -> dict[str, Any]:
    return {**_segment(), "deed": "archive"}


def _flag() -> dict[str, Any]:
    member = Member.objects.earliest("pk")
    flag, _is_new = MemberFlag.objects.get_or_create(
        member=member, code="SAMPLE", cleared_at=None, defaults={"since_at": clock.now(), "note": {"en": "Look"}}
    )
    return {"flag_id": flag.public_id}


def _voucher() -> dict[str, Any]:
    if not Voucher.objects.exists():
        VoucherTemplate.objects.create(code="SAMPLE", name={"en": "Sample"}, kind="percent", value=1000)
        member = Member.objects.earliest("pk")
        vouchers.issue_voucher(member_id=member.pk, template_code="SAMPLE", request_key="sample", at=clock.now())
    return {"voucher_id": Voucher.objects.earliest("pk").public_id}


def _hold() -> dict[str, Any]:
    if not Hold.objects.exists():
        member, now = Member.objects.earliest("pk"), clock.now()
        wallet = Wallet.objects.filter(account__members__member=member, point_type__is_spendable=True).earliest("pk")
        holds.hold_points(
            NewHold(
                wallet_id=wallet.pk, member_id=member.pk, amount=1, expires_at=now + timedelta(minutes=15),
                request_key="sample", source="api", till="4",
            ),
            at=now,
        )  # fmt: skip
    return {"hold_id": Hold.objects.earliest("pk").public_id}


def _frozen() -> dict[str, Any]:
    # A wallet of its own: the other samples spend from theirs.
    kind, _is_new = PointType.objects.get_or_create(
        code="FROZEN", defaults={"name": {"en": "Sample"}, "is_spendable": False, "position": 99}
    )
    account = Wallet.objects.earliest("pk").account
    wallet, _is_new = Wallet.objects.get_or_create(account=account, point_type=kind, defaults={"is_frozen": True})
    return {"wallet_id": wallet.pk}


def _file() -> dict[str, Any]:
    if not PurchaseFile.objects.exists():
        heading = "external_id;member;at;sku;amount"
        wrong = "R-1;0;2026-10-20T11:30:00Z;A;1.00"
        content = io.BytesIO(f"{heading}\n{wrong}\n#END;1;1;1.00\n".encode())
        files.receive_file(content, name="night.csv", source="api")
        jobs.run(Job.objects.get(kind=files.JOB_KIND).pk)
    return {"file_id": PurchaseFile.objects.earliest("pk").public_id}


def _price_list() -> PointType:
    """A type of points that is for sale; the present ones stay as they are."""
    kind, is_new = PointType.objects.get_or_create(
        code="SOLD", defaults={"name": {"en": "Sample"}, "position": 98, "expiry": {"after_days": 30}}
    )
    if is_new:
        row = PriceList.objects.create(kind="buy", point_type=kind)
        PriceStep.objects.create(price_list=row, fixed=100)
    return kind


def _sale_kind() -> dict[str, Any]:
    _price_list()
    return {**_member(), "kind": "buy"}


def _sale() -> dict[str, Any]:
    kind, found = _price_list(), _member()
    member = Member.objects.earliest("pk")
    wanted = Wanted("buy", member.pk, kind.pk, "sample", points=5)
    sales.sell(wanted, price=100, at=clock.now())
    return {**found, "sale_id": PointSale.objects.earliest("pk").public_id}


def _proposal() -> dict[str, Any]:
    if not Proposal.objects.exists():
        asker, _is_new = User.objects.get_or_create(email="asker@example.com", defaults={"name": "Asker"})
        wanted = {
            "member": Member.objects.earliest("pk").pk,
            "scheme": "STATUS",
            "tier": "SILVER",
            "until": None,
            "note": "",
        }
        with scope.enter([Member.objects.earliest("pk").program_id], scope.Actor("user", asker.pk, str(asker))):
            proposals.propose("tier.grant", wanted, note="a journalist", at=clock.now())
    return {"proposal_id": Proposal.objects.earliest("pk").public_id}


SAMPLES: dict[str, Callable[[], dict[str, Any]]] = {
    "purchase-file": _file,
    "decision": _proposal,
    "desk-member": _member,
    "member-open": _closed_member,
    "caller-check": _member,
    "desk-adjust": _member,
    "desk-change-contact": _member,
    "desk-spending": _member,
    "desk-block": _member,
    "desk-unblock": _member,
    "desk-credit": _member,
    "desk-sale": _sale_kind,
    "desk-sale-end": _sale,
    "desk-past": _member,
    "desk-statement": _member,
    "desk-receipt": _receipt,
    "redemption-make": _reward_for_member,
    "redemption-cancel": _redemption,
    "flag-clear": _flag,
    "ledger-release": _frozen,
    "voucher-withdraw": _voucher,
    "reservation-release": _hold,
    "segment": _segment,
    "segment-act": _archiving,
    "segment-design": _segment,
    "segment-new": lambda: {"kind": "dynamic"},
    "promotion": _promotion,
    "promotion-design": _promotion,
    "promotion-act": _stopping,
    "whatif-try": _promotion,
    "whatif-impact": _promotion,
    "whatif-simulations": _promotion,
    "whatif-simulation": _simulation,
}
