"""Long work with progress. The table holds what must happen; the broker only rings.

A job is taken by a lease that its worker renews with every report of progress. A worker that dies loses the lease, and
the sweep gives the job to another: a handler must be safe to run again from the start.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import F, Q

from loyalty.kernel import clock, scope, telemetry
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import Job, User
from loyalty.kernel.models.jobs import JobState

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 3


class JobStopped(Exception):
    """Somebody asked the job to stop."""


class LeaseLost(Exception):
    """Another worker has taken the job over; this one must let go."""


@dataclass(slots=True)
class Run:
    """A handler's view of its job."""

    job: Job
    lease: uuid.UUID

    def report(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell the progress and renew the lease.

        :raises JobStopped: the user asked to stop.
        :raises LeaseLost: another worker runs the job now.
        """
        values: dict[str, Any] = {"done": done, "leased_until": clock.now() + LEASE, "note": note}
        if total is not None:
            values["total"] = total
        mine = Job.objects.filter(pk=self.job.pk, lease=self.lease, state=JobState.RUNNING)
        if not mine.update(**values):
            raise LeaseLost
        # A handler's reads may lag; whether to stop is asked of the primary.
        if Job.objects.using(DEFAULT_DB_ALIAS).filter(pk=self.job.pk, is_stop_wanted=True).exists():
            raise JobStopped


Handler = Callable[[Run], Mapping[str, Any]]
_handlers: dict[str, Handler] = {}
_doorbell: list[Callable[[int, str], None]] = []


def handle(kind: str, handler: Handler) -> None:
    """Register what a kind of job does. The handler's answer is kept as the job's result."""
    assert kind not in _handlers, f"{kind} has two handlers"
    _handlers[kind] = handler


def set_doorbell(ring: Callable[[int, str], None]) -> None:
    """How a queued job is announced: ``ring(job_id, queue)``. Losing a ring costs seconds, never the job."""
    _doorbell[:] = [ring]


def enqueue(kind: str, *, arguments: Mapping[str, Any], queue: str = "default", user: User | None = None) -> Job:
    """Queue a job in the running transaction; it is announced when that commits. ``arguments`` are ids, never data."""
    assert kind in _handlers, f"no handler for {kind}"
    programs = scope.current().programs
    job = Job.objects.create(
        program_id=programs[0] if len(programs) == 1 else None,
        kind=kind,
        queue=queue,
        arguments=dict(arguments),
        requested_by=user,
        run_after=clock.now(),
    )
    transaction.on_commit(lambda: _ring(job.pk, queue))
    return job


def _ring(job_id: int, queue: str) -> None:
    for bell in _doorbell:
        try:
            bell(job_id, queue)
        except Exception:  # the broker may be away: the sweep finds the job
            telemetry.log().warning("jobs.doorbell_failed", job=job_id)


def stop(job: Job) -> None:
    """Ask a job to stop; one that waits is stopped at once, one that runs at its next report."""
    now = clock.now()
    Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(state=JobState.CANCELED, finished_at=now)
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(is_stop_wanted=True)


def due() -> list[tuple[int, str]]:
    """Jobs of the programs in scope that wait for a worker or whose worker died: (id, queue)."""
    now = clock.now()
    waiting = Q(state=JobState.QUEUED, run_after__lte=now) | Q(state=JobState.RUNNING, leased_until__lt=now)
    return list(Job.objects.filter(waiting).order_by("run_after").values_list("id", "queue"))


def run(job_id: int) -> bool:
    """Run a job if it is due and nobody else does. Whether this call ran it."""
    lease, now = uuid.uuid4(), clock.now()
    free = Q(state=JobState.QUEUED, run_after__lte=now) | Q(state=JobState.RUNNING, leased_until__lt=now)
    taken = Job.objects.filter(free, pk=job_id).update(
        state=JobState.RUNNING, lease=lease, leased_until=now + LEASE, attempts=F("attempts") + 1, started_at=now
    )
    if not taken:
        return False
    job = Job.objects.get(pk=job_id)
    if job.attempts > MOST_ATTEMPTS:
        _finish(job, lease, state=JobState.FAILED, problem="too_many_attempts")
        return True
    try:
        result = _handlers[job.kind](Run(job=job, lease=lease))
    except LeaseLost:
        return True
    except JobStopped:
        _finish(job, lease, state=JobState.CANCELED)
    except Refusal as refusal:
        _finish(job, lease, state=JobState.FAILED, problem=refusal.code, result={"facts": _plain(refusal.facts)})
    except Exception as problem:
        telemetry.log().exception("jobs.failed", job=job_id, kind=job.kind)
        _finish(job, lease, state=JobState.FAILED, problem=type(problem).__name__)
    else:
        _finish(job, lease, state=JobState.DONE, result=dict(result))
    return True


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, int | bool | None) else str(value) for key, value in facts.items()}


def _finish(job: Job, lease: uuid.UUID, *, state: str, problem: str = "", result: dict[str, Any] | None = None) -> None:
    Job.objects.filter(pk=job.pk, lease=lease).update(
        state=state, problem=problem, result=result or {}, finished_at=clock.now(), lease=None, leased_until=None
    )


def find(public_id: uuid.UUID) -> Job:
    """The job of the programs in scope.

    :raises NotFound: none here.
    """
    job = Job.objects.filter(public_id=public_id).first()
    if job is None:
        raise NotFound()
    return job
