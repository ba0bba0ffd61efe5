"""For each page of ours that shows one object: the name of its route, and how to make the parameters of its address.

Add a line when you add such a page; ``tests/kernel/pages/test_axe.py`` names the routes that have none. The maker runs
in the scope of the program that ``tests.browser.people.make_program`` filled.
"""

from collections.abc import Callable
from typing import Any

from members.activity.models import Purchase
from members.profiles.models import Member
from programs.promotions.models import Promotion
from rewards.catalog.models import Reward
from rewards.redemption.models import Redemption


def _member() -> dict[str, Any]:
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


SAMPLES: dict[str, Callable[[], dict[str, Any]]] = {
    "desk-member": _member,
    "desk-adjust": _member,
    "desk-receipt": _receipt,
    "redemption-make": _reward_for_member,
    "redemption-cancel": _redemption,
    "promotion": _promotion,
    "promotion-design": _promotion,
    "promotion-act": _stopping,
}
