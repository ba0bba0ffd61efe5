"""The till's sweep."""

from celery import shared_task

from loyalty.kernel import clock, scope
from members.till import reading, services, watching


@shared_task
def sweep_till() -> None:
    """Judge what could not be judged in time, tell of numbers that never came, forget idle quotes, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            services.complete_kept(reading.kept_order)
            services.find_gaps(at=clock.now())
            services.forget_quotes(at=clock.now())


@shared_task
def sweep_busy_cards() -> None:
    """Flag cards that earn again and again at one till, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            watching.flag_busy_cards(at=clock.now())
