from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class TillConfig(AppConfig):
    name = "members.till"
    label = "members_till"
    verbose_name = _("Tills")

    def ready(self) -> None:
        # Words and pages register once, after the language machinery is ready.
        from members.till import pages, wording  # noqa: F401, PLC0415

        registries.register_panel(pages.PANEL)
