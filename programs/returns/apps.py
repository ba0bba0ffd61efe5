from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReturnsConfig(AppConfig):
    name = "programs.returns"
    label = "programs_returns"
    verbose_name = _("Terms of return")
