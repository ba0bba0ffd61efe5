"""Segments, vouchers, prices, terms of return and a message of the grocery program, made when its history has been played."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from loyalty.kernel import registries, scope
from members.ledger.models import PriceList, PriceStep
from members.messaging.models import Channel, MessageTemplate
from members.segments import services as segments
from members.segments.models import SegmentKind
from programs.catalog.models import Category
from programs.returns.models import PointsMode, ReturnTerms
from programs.setup.models import CurrencyRate, PointType, Program
from programs.tiers.models import Tier
from rewards.vouchers import services as vouchers
from rewards.vouchers.models import VoucherTemplate

TASTERS = 12
VOUCHERS = 5

REGULARS = {"op": "history", "measure": "purchases", "window": {"last_days": 60}, "cmp": "gte", "value": 10}
RAISED = {"op": "test", "attr": "member.tier", "cmp": "in", "value": ["SILVER", "GOLD"]}
SEGMENTS: tuple[tuple[str, dict[str, str], dict[str, Any]], ...] = (
    ("REGULARS", {"en": "Ten purchases in two months", "pl": "Dziesięć zakupów w dwa miesiące",
                  "ru": "Десять покупок за два месяца"}, REGULARS),
    ("RAISED", {"en": "Silver and gold", "pl": "Srebrni i złoci", "ru": "Серебряные и золотые"}, RAISED),
)  # fmt: skip


def create(members: Sequence[int], now: datetime) -> None:
    """Into the program in scope: two segments by condition, one by hand, a voucher for a few, a message to choose."""
    for code, name, condition in SEGMENTS:
        segments.create_segment(
            code=code, name=name, kind=SegmentKind.DYNAMIC, document={"schema": "segment/1", "when": condition}, now=now
        )
    segments.create_segment(
        code="TASTERS",
        name={"en": "Tasting panel", "pl": "Panel degustacyjny", "ru": "Дегустаторы"},
        kind=SegmentKind.STATIC,
        now=now,
    )
    segments.add_members(code="TASTERS", member_ids=sorted(members)[:TASTERS], now=now)
    segments.refresh_segments(now=now)
    program = scope.program_id()
    VoucherTemplate.objects.create(
        program_id=program, code="FIVE", name={"en": "5 USD off", "pl": "5 USD zniżki", "ru": "Скидка 5 USD"},
        value=500, valid_days=60, prefix="FIVE-",
    )  # fmt: skip
    for member in sorted(members)[:VOUCHERS]:
        vouchers.issue_voucher(member_id=member, template_code="FIVE", request_key=f"demo:{member}", at=now)
    MessageTemplate.objects.create(
        program_id=program,
        code="THANKS",
        name={"en": "Thanks for a large basket", "pl": "Podziękowanie za duży koszyk", "ru": "Спасибо за покупку"},
        channel=Channel.IN_APP,
        subject={"en": "Thank you", "pl": "Dziękujemy", "ru": "Спасибо"},
        body={
            "en": "Thank you for shopping with {program}, {first_name}.",
            "pl": "Dziękujemy za zakupy w {program}, {first_name}.",
            "ru": "Спасибо за покупку в {program}, {first_name}.",
        },
    )


def sell_for_points(now: datetime) -> None:
    """Prices of the program in scope: a later end, expired points, new points; what a zloty is worth."""
    points = PointType.objects.get(code="POINTS")
    for kind, steps, terms in (
        ("extend", [(0, 100, 50, 100)], {"days": 90, "window_days": 60, "most_times": 2}),
        ("reinstate", [(0, 200, 2, 1)], {"days": 60, "window_days": 180}),
        ("buy", [(0, 0, 15, 10), (1000, 0, 12, 10)], {"least": 100, "member_cap": 5000, "refund_days": 14}),
    ):
        made = PriceList.objects.create(kind=kind, point_type=points, **terms)
        for from_points, fixed, each, block in steps:
            PriceStep.objects.create(price_list=made, from_points=from_points, fixed=fixed, each=each, block=block)
    CurrencyRate.objects.create(currency="PLN", since_date=now.date(), rate=Decimal("0.27"))


def take_goods_back(now: datetime) -> None:
    """Terms of return of the program in scope, from today on: the purchases of the history have none."""
    since = now.astimezone(Program.objects.get().zone).date()
    categories = dict(Category.objects.filter(code__in=["produce", "housewares"]).values_list("code", "pk"))
    made = (
        {"days": 30},
        {"days": 60, "tier": Tier.objects.get(code="GOLD")},
        {"days": 3, "category_id": categories["produce"], "points_mode": PointsMode.PROPORTIONAL},
        {"days": 90, "category_id": categories["housewares"], "bonus_percent": 110,
         "bonus_type": PointType.objects.get(code="POINTS")},
    )  # fmt: skip
    for terms in made:
        ReturnTerms.objects.create(since_date=since, **terms)
    registries.settings_changed()
