"""Activity's sweeps."""

from celery import shared_task

from loyalty.kernel import clock, scope
from members.activity import services, tiering


@shared_task
def sweep_tier_reviews() -> None:
    """Review the tiers whose time is over and announce those that will be, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            tiering.review_tiers(at=clock.now())
            tiering.warn_tiers(at=clock.now())


@shared_task
def sweep_waiting_returns() -> None:
    """Settle returns that waited for their purchase, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            services.settle_waiting_returns(now=clock.now())
