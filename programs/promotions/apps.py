from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromotionsConfig(AppConfig):
    name = "programs.promotions"
    label = "programs_promotions"
    verbose_name = _("Promotions")

    def ready(self) -> None:
        # Words and services need the models, which exist only now.
        from loyalty.kernel import clock, registries  # noqa: PLC0415
        from programs.promotions import services, wording  # noqa: F401, PLC0415

        # Purchases are judged by what is frozen: changed settings and tiers count from the next purchase.
        registries.on_settings_changed(lambda: services.freeze_settings(now=clock.now()))
