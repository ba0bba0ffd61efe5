from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "members.desk"
    label = "members_desk"
    verbose_name = _("Member desk")

    def ready(self) -> None:
        # The menu, the facts and what needs a second person are filled once, when every app is loaded.
        from members.desk import facts, giving, pages, reaching  # noqa: F401, PLC0415
