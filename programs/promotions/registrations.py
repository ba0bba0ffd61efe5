"""What promotions offer: their words, and that changed settings are frozen for the rules."""

from loyalty.kernel import clock, registries
from programs.promotions import services, wording  # noqa: F401

# Purchases are judged by what is frozen: changed settings and tiers count from the next purchase.
registries.on_settings_changed(lambda: services.freeze_settings(now=clock.now()))
