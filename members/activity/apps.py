from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivityConfig(AppConfig):
    name = "members.activity"
    label = "members_activity"
    verbose_name = _("Activity")

    def ready(self) -> None:
        # Words register once, after the language machinery is ready.
        from members.activity import wording  # noqa: F401, PLC0415
