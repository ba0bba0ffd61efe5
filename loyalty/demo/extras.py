"""Segments, vouchers and a message of the grocery program, made when its history has been played."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from loyalty.kernel import scope
from members.messaging.models import Channel, MessageTemplate
from members.segments import services as segments
from members.segments.models import SegmentKind
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
