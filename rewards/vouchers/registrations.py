"""What vouchers offer: their words and panel, and the effects that give some."""

from loyalty.kernel import registries
from rewards.vouchers import batches, wording  # noqa: F401
from rewards.vouchers.effects import VoucherEffect
from rewards.vouchers.panel import PANEL

# A coupon is a voucher by another name: one table, one handler.
for name in ("voucher", "coupon"):
    registries.register_effect(name, VoucherEffect())
registries.register_panel(PANEL)
