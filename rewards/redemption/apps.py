from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class RedemptionConfig(AppConfig):
    name = "rewards.redemption"
    label = "rewards_redemption"
    verbose_name = _("Redemptions")

    def ready(self) -> None:
        # Words and pages register once, after the language machinery and the models are ready.
        from rewards.redemption import queries, wording  # noqa: F401, PLC0415
        from rewards.redemption.pages import panel  # noqa: PLC0415

        registries.register_panel(panel.PANEL)
        registries.register_cause("redemption", queries.describe_entries)
