from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class EngagementConfig(AppConfig):
    name = "members.engagement"
    label = "members_engagement"
    verbose_name = _("Engagement")

    def ready(self) -> None:
        registries.register_trigger("schedule")
