"""Reading what a statement stands on from the program in scope."""

from datetime import datetime

from loyalty.kernel import scope
from members.consents.models import ConsentPurpose
from members.segments.models import Segment
from members.segments.sql import Ground
from programs.promotions import snapshots
from programs.setup.models import EventKind, PointType


def ground_at(at: datetime) -> Ground:
    """The program in scope with its settings in force, to judge members at ``at``."""
    frozen = snapshots.present()
    segments = list(Segment.objects.filter(archived_at__isnull=True))
    return Ground(
        program_id=scope.program_id(),
        at=at,
        settings=frozen.settings,
        schemes=frozen.schemes,
        point_types=dict(PointType.objects.values_list("code", "pk")),
        purposes=dict(ConsentPurpose.objects.values_list("code", "pk")),
        event_kinds=dict(EventKind.objects.values_list("code", "pk")),
        segments={one.code: one.pk for one in segments},
        bits={one.code: (one.word, one.bit) for one in segments if one.is_dynamic},
    )
