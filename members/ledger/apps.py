from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class LedgerConfig(AppConfig):
    name = "members.ledger"
    label = "members_ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        # Words and the job register once, after the language machinery and the models are ready.
        from loyalty.kernel import jobs  # noqa: PLC0415
        from members.ledger import proofs, sold, statements, wording  # noqa: F401, PLC0415

        jobs.handle(proofs.JOB_KIND, proofs.prove)
        jobs.handle(statements.JOB_KIND, statements.run_statement)
        registries.register_cause("sale", sold.describe_entries)
        # The ledger itself carries out earnings.
        registries.register_effect("earn", None)
