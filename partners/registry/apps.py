from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class RegistryConfig(AppConfig):
    name = "partners.registry"
    label = "partners_registry"
    verbose_name = _("Partners")

    def ready(self) -> None:
        # The models exist, and words and pages register, only once every app is loaded.
        from partners.registry import pages, wording  # noqa: F401, PLC0415
        from partners.registry.funding import AgreementFunding  # noqa: PLC0415

        registries.register_funding(AgreementFunding())
