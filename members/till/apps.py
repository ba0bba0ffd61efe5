from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TillConfig(AppConfig):
    name = "members.till"
    label = "members_till"
    verbose_name = _("Tills")
