from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class MessagingConfig(AppConfig):
    name = "members.messaging"
    label = "members_messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        # Words, effects and the sender register once, after the language machinery and the models are ready.
        from loyalty.kernel import outbox  # noqa: PLC0415
        from members.messaging import operations, sending, wording  # noqa: F401, PLC0415
        from members.messaging.effects import MessageEffect, PrintEffect  # noqa: PLC0415

        registries.register_effect("message", MessageEffect())
        registries.register_effect("print", PrintEffect())
        outbox.subscribe(operations.QUEUED, sending.send)
