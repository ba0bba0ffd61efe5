from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentsConfig(AppConfig):
    name = "members.consents"
    label = "members_consents"
    verbose_name = _("Consents")
