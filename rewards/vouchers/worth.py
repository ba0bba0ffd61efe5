"""What a voucher is worth: exact for machines, in words for people."""

from decimal import Decimal

from django.utils.translation import gettext as _

from loyalty.kernel import money
from loyalty.kernel.pages import figures
from rewards.vouchers.models import VoucherKind, VoucherTemplate


def value_text(template: VoucherTemplate, currency: str) -> str | None:
    """The value of a template as exact decimal text; nothing for a product."""
    if template.value is None:
        return None
    return money.to_text(template.value, scale_of(template, currency))


def scale_of(template: VoucherTemplate, currency: str) -> int:
    """How many decimals the value of a template has."""
    if template.kind == VoucherKind.AMOUNT:
        return money.exponent(currency)
    if template.kind == VoucherKind.POINTS and template.point_type is not None:
        return int(template.point_type.decimals)
    return 2


def worth(template: VoucherTemplate, currency: str) -> str:
    """What a voucher is worth, for people."""
    if template.kind == VoucherKind.PRODUCT or template.value is None:
        return str(template.product or "")
    if template.kind == VoucherKind.AMOUNT:
        return figures.money(template.value, currency)
    if template.kind == VoucherKind.POINTS and template.point_type is not None:
        return figures.points_of(template.value, template.point_type)
    percent = figures.number(Decimal(template.value) / 100)
    return _("%(percent)s percent off") % {"percent": percent}
