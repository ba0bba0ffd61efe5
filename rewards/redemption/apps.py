from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RedemptionConfig(AppConfig):
    name = "rewards.redemption"
    label = "rewards_redemption"
    verbose_name = _("Redemptions")
