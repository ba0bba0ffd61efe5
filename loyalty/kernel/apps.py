from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "loyalty.kernel"
    label = "loyalty_kernel"
    verbose_name = _("Platform")

    def ready(self) -> None:
        # Registered here because Django collects checks while the apps load.
        from loyalty.kernel import jobs, sealing, wall_checks  # noqa: F401, PLC0415
        from loyalty.kernel.exports import services  # noqa: PLC0415

        jobs.handle(services.JOB_KIND, services.run_export)
        jobs.handle(sealing.JOB_KIND, sealing.run_verify)
