from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "loyalty.kernel"
    label = "loyalty_kernel"
    verbose_name = "Platform"

    def ready(self) -> None:
        # Registered here because Django collects checks while the apps load.
        from loyalty.kernel import wall_checks  # noqa: F401, PLC0415
