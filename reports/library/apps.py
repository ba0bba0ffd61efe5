from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibraryConfig(AppConfig):
    name = "reports.library"
    label = "reports_library"
    verbose_name = _("Reports")

    def ready(self) -> None:
        # Jobs, handlers and words need the models, which exist only now.
        from loyalty.kernel import jobs  # noqa: PLC0415
        from reports.library import services, wording  # noqa: F401, PLC0415

        jobs.handle(services.JOB_KIND, services.run_report)
