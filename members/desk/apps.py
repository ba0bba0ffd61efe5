from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "members.desk"
    label = "members_desk"
    verbose_name = _("Member desk")
