"""What segments offer: their words, effects and job, and who is in them."""

from loyalty.kernel import registries
from members.segments import effects, services, wording  # noqa: F401
from members.segments.queries import finding, spans
from members.segments.queries.counting import chosen_members

registries.register_segments(spans.spans_of, finding.names)
registries.register_audience(chosen_members)
registries.register_effect("segment_add", effects.AddToSegment())
registries.register_effect("segment_remove", effects.RemoveFromSegment())
