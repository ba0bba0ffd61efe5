from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SetupConfig(AppConfig):
    name = "programs.setup"
    label = "programs_setup"
    verbose_name = _("Program")
