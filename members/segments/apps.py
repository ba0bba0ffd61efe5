from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import registries


class SegmentsConfig(AppConfig):
    name = "members.segments"
    label = "members_segments"
    verbose_name = _("Segments")

    def ready(self) -> None:
        # Words and the job register once, after the language machinery and the models are ready.
        from members.segments import effects, services, wording  # noqa: F401, PLC0415
        from members.segments.queries import finding, spans  # noqa: PLC0415
        from members.segments.queries.counting import chosen_members  # noqa: PLC0415

        registries.register_segments(spans.spans_of, finding.names)
        registries.register_audience(chosen_members)
        registries.register_effect("segment_add", effects.AddToSegment())
        registries.register_effect("segment_remove", effects.RemoveFromSegment())
