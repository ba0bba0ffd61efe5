from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "members.files"
    label = "members_files"
    verbose_name = _("Files of purchases")
