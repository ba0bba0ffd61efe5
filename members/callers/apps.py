from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class CallersConfig(AppConfig):
    name = "members.callers"
    label = "members_callers"
    verbose_name = _("Who looks and who calls")

    def ready(self) -> None:
        # Words, pages and the sender of codes register once, after the language machinery and the models are ready.
        from loyalty.kernel import outbox  # noqa: PLC0415
        from members.callers import operations, sending, wording  # noqa: F401, PLC0415
        from members.callers.pages import panels  # noqa: PLC0415
        from members.profiles import operations as profiles  # noqa: PLC0415

        outbox.subscribe(operations.CODE_ASKED, sending.send)
        outbox.subscribe(profiles.CONTACT_CHANGED, sending.tell_change)
        for panel in panels.PANELS:
            registries.register_panel(panel)
