from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    name = "members.segments"
    label = "members_segments"
    verbose_name = _("Segments")
