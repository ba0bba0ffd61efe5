"""The sweep that keeps segments fresh."""

from celery import shared_task

from loyalty.kernel import clock, scope
from members.segments import services
from members.segments.models import Segment


@shared_task
def sweep_segments() -> None:
    """Find out anew who is in the segments of every program that has any."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            if Segment.objects.filter(archived_at__isnull=True).exists():
                services.refresh_segments(now=clock.now())
