"""Engagement's sweeps."""

from celery import shared_task

from loyalty.kernel import clock, scope
from members.engagement import services


@shared_task
def sweep_schedules() -> None:
    """Run what the calendar has started, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            services.run_due(now=clock.now())
