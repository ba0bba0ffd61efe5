"""Reads of vouchers, within the program in scope."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from loyalty.kernel.errors import NotFound
from rewards.vouchers.models import Voucher, VoucherState, VoucherTemplate
from rewards.vouchers.signs import plain


class UnknownVoucher(NotFound):
    """No such code here. A code not handed out yet, another program's and a mistyped one get the same answer."""

    code = "vouchers.unknown"


def _issued() -> QuerySet[Voucher]:
    rows = Voucher.objects.exclude(state=VoucherState.POOLED)
    return rows.select_related("template__point_type", "template__product", "member", "program")


def voucher_of(code: str) -> Voucher:
    """The voucher with a code, however it was typed.

    :raises UnknownVoucher: none was issued here.
    """
    found: Voucher | None = _issued().filter(code=plain(code)).first()
    if found is None:
        raise UnknownVoucher()
    return found


def voucher_by_id(public_id: UUID) -> Voucher:
    """The voucher with a public number.

    :raises UnknownVoucher: none was issued here.
    """
    found: Voucher | None = _issued().filter(public_id=public_id).first()
    if found is None:
        raise UnknownVoucher()
    return found


def vouchers_of(member_id: int) -> QuerySet[Voucher]:
    """A member's vouchers, the newest first."""
    return _issued().filter(member_id=member_id).order_by("-pk")


def templates_by_code(codes: Iterable[str]) -> dict[str, VoucherTemplate]:
    """Templates by code; those archived since still serve the promotions that name them."""
    return {row.code: row for row in VoucherTemplate.objects.filter(code__in=set(codes))}


def left_in_pools(template_ids: Iterable[int]) -> dict[int, int]:
    """How many codes that nobody has yet each pool holds."""
    pooled = Voucher.objects.filter(template_id__in=list(template_ids), state=VoucherState.POOLED)
    return dict(pooled.values_list("template_id").annotate(left=Count("pk")))


def due(at: datetime) -> QuerySet[Voucher]:
    """Issued vouchers whose time is over."""
    return Voucher.objects.filter(Q(valid_until__lte=at), state=VoucherState.ISSUED)
