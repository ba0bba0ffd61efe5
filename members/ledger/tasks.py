"""The ledger's sweeps."""

from celery import shared_task

from loyalty.kernel import clock, scope, sealing
from members.ledger import holds, proofs, services, warnings
from members.ledger.chain import ENTRIES


@shared_task
def sweep_expiry() -> None:
    """Expire lots whose end has come, chunk by chunk, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            services.expire_all_due(at=clock.now())


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


@shared_task
def sweep_seals() -> None:
    """Seal the entries that are new, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            sealing.seal_due(program, ENTRIES)


@shared_task
def sweep_proofs() -> None:
    """Have the ledger of every program proved."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            proofs.ask()


@shared_task
def sweep_warnings() -> None:
    """Tell members of points that end soon, chunk by chunk, in every program."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            while warnings.warn_due(at=clock.now()):
                pass
