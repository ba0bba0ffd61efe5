from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class LedgerConfig(AppConfig):
    name = "members.ledger"
    label = "members_ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        # Words register once, after the language machinery is ready.
        from members.ledger import wording  # noqa: F401, PLC0415

        # The ledger itself carries out earnings.
        registries.register_effect("earn", None)
