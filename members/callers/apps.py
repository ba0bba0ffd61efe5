from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallersConfig(AppConfig):
    name = "members.callers"
    label = "members_callers"
    verbose_name = _("Who looks and who calls")
