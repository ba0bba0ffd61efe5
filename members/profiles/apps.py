from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    name = "members.profiles"
    label = "members_profiles"
    verbose_name = _("Members")
