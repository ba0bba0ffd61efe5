from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class VouchersConfig(AppConfig):
    name = "rewards.vouchers"
    label = "rewards_vouchers"
    verbose_name = _("Vouchers")

    def ready(self) -> None:
        # Words, pages and effects register once, after the language machinery and the models are ready.
        from rewards.vouchers import batches, wording  # noqa: F401, PLC0415
        from rewards.vouchers.effects import VoucherEffect  # noqa: PLC0415
        from rewards.vouchers.panel import PANEL  # noqa: PLC0415

        # A coupon is a voucher by another name: one table, one handler.
        for name in ("voucher", "coupon"):
            registries.register_effect(name, VoucherEffect())
        registries.register_panel(PANEL)
