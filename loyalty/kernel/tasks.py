"""The kernel's tasks: the doorbell of jobs, and the sweeps."""

from celery import shared_task

from loyalty.kernel import clock, files, jobs, outbox, scope, sealing
from loyalty.kernel.access import lockout, sessions
from loyalty.kernel.api import idempotency, rates
from loyalty.kernel.partitions import growing


def ring(job_id: int, queue: str) -> None:
    """Announce a queued job to the workers."""
    run_job.apply_async(kwargs={"job_id": job_id}, queue=queue)


jobs.set_doorbell(ring)


@shared_task
def run_job(*, job_id: int) -> None:
    """Run one job, wherever its program is. A second ring for the same job does nothing."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            if jobs.run(job_id):
                return


@shared_task
def sweep_jobs() -> None:
    """Ring for jobs that wait or whose worker died."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            for job_id, queue in jobs.due():
                ring(job_id, queue)


@shared_task
def sweep_outbox() -> None:
    """Deliver what waits in the outbox."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            outbox.deliver_due()


@shared_task
def sweep_files() -> None:
    """Delete files whose time is over."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            files.remove_expired()


@shared_task
def sweep_rates() -> None:
    """Delete the windows of rate limits of long ago."""
    rates.forget_old()


@shared_task
def sweep_answers() -> None:
    """Delete answers that no repeat can ask for any more."""
    for program in scope.every_program():
        with scope.enter([program], scope.SYSTEM):
            idempotency.forget_old(clock.now())


@shared_task
def sweep_audit() -> None:
    """Seal what is new in the audit trails."""
    for program in [*scope.every_program(), None]:
        with sealing.enter_trail(program):
            sealing.seal_due(program)


@shared_task
def sweep_partitions() -> None:
    """Make the partitions of the months to come, where tables are partitioned."""
    growing.add_partitions(clock.now())


@shared_task
def sweep_sign_ins() -> None:
    """Delete sessions that are over and tries of long ago."""
    sessions.forget_old()
    lockout.forget_old()
