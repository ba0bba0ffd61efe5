from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class ConsentsConfig(AppConfig):
    name = "members.consents"
    label = "members_consents"
    verbose_name = _("Consents")

    def ready(self) -> None:
        # Words and pages register once, after the language machinery and the models are ready.
        from members.consents import asking, queries, wording  # noqa: F401, PLC0415
        from members.consents.pages import panel  # noqa: PLC0415

        registries.register_panel(panel.PANEL)
        registries.register_member_attributes(queries.consent_attributes)
