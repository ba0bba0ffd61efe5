from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "loyalty.kernel"
    label = "loyalty_kernel"
    verbose_name = _("Platform")

    def ready(self) -> None:
        """Read ``registrations`` of every application: what it offers to others that do not know it."""
        autodiscover_modules("registrations")
