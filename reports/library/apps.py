from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibraryConfig(AppConfig):
    name = "reports.library"
    label = "reports_library"
    verbose_name = _("Reports")
