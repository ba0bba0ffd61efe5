from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    name = "reports.dashboards"
    label = "reports_dashboards"
    verbose_name = _("Dashboard")

    def ready(self) -> None:
        # The page reads models, which exist only now.
        from loyalty.kernel.pages import menu  # noqa: PLC0415
        from reports.dashboards import pages  # noqa: PLC0415

        menu.register_dashboard(pages.fill)
