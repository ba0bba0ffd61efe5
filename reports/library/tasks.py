"""The reports' sweep."""

from celery import shared_task

from loyalty.kernel import clock, scope
from reports.library import services


@shared_task
def sweep_schedules() -> None:
    """Queue the reports whose time has come, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            services.run_due_schedules(now=clock.now())
