"""The ledger's sweeps."""

from celery import shared_task

from loyalty.kernel import clock, scope
from members.ledger import holds, services


@shared_task
def sweep_expiry() -> None:
    """Expire lots whose end has come, chunk by chunk, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            while services.expire_due(at=clock.now()):
                pass


@shared_task
def sweep_activation() -> None:
    """Make pending lots usable whose time has come, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            while services.activate_due(at=clock.now()):
                pass


@shared_task
def sweep_holds() -> None:
    """Let go of holds whose time is over, chunk by chunk, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            while holds.lapse_due(at=clock.now()):
                pass
