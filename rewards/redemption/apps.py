from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RedemptionConfig(AppConfig):
    name = "rewards.redemption"
    label = "rewards_redemption"
    verbose_name = _("Redemptions")

    def ready(self) -> None:
        # Words register once, after the language machinery is ready.
        from rewards.redemption import wording  # noqa: F401, PLC0415
