"""The program of the measurement of segments; apart, because models need the settings first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from loyalty.kernel import ids, scope
from loyalty.kernel.unit_of_work import unit_of_work
from members.segments import services
from members.segments.documents import wrapped
from programs.promotions import snapshots
from programs.setup.models import PointType, Program
from programs.tiers.models import Tier, TierScheme
from tests.bench.segments import NOW


def made(conditions: Sequence[Mapping[str, Any]]) -> int:
    """A program with tiers and a segment for each condition."""
    program = ids.take(1)[0]
    with scope.enter([program], scope.SYSTEM):
        with unit_of_work():
            Program.objects.create(
                id=program, code="BENCH", name={"en": "Bench"}, currency="EUR", timezone="Europe/Warsaw"
            )
            points = PointType.objects.create(code="POINTS", name={"en": "points"})
            scheme = TierScheme.objects.create(code="MAIN", name={"en": "Main"}, point_type=points)
            for rank, code in enumerate(("BASIC", "SILVER", "GOLD", "PLATINUM")):
                Tier.objects.create(scheme=scheme, code=code, name={"en": code}, rank=rank, threshold=rank * 1000)
            snapshots.freeze(NOW)
        for number, condition in enumerate(conditions):
            code = f"S{number:02d}"
            services.create_segment(code=code, name={"en": code}, kind="dynamic", document=wrapped(condition), now=NOW)
    return program


def refreshed(program: int, now: datetime) -> tuple[int, int]:
    """Find out anew who is in the segments; how many joined and left in all."""
    with scope.enter([program], scope.SYSTEM):
        moves = services.refresh_segments(now=now)
    return sum(one.joined for one in moves.values()), sum(one.left for one in moves.values())
