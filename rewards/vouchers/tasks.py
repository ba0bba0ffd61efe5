"""The sweep of vouchers."""

from celery import shared_task

from loyalty.kernel import clock, scope
from rewards.vouchers import services


@shared_task
def sweep_vouchers() -> None:
    """Mark vouchers whose time is over, chunk by chunk, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            while services.expire_due(at=clock.now()):
                pass
