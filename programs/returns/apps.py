from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReturnsConfig(AppConfig):
    name = "programs.returns"
    label = "programs_returns"
    verbose_name = _("Terms of return")

    def ready(self) -> None:
        # Words register once, after the language machinery is ready.
        from programs.returns import wording  # noqa: F401, PLC0415
