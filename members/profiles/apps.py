from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    name = "members.profiles"
    label = "members_profiles"
    verbose_name = _("Members")

    def ready(self) -> None:
        # Words register once, after the language machinery is ready.
        from members.profiles import wording  # noqa: F401, PLC0415
