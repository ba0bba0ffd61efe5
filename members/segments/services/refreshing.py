"""Counting segments anew: on schedule by a sweep, on demand by a job with progress."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loyalty.kernel import clock, jobs
from loyalty.kernel.models import Job, User
from loyalty.kernel.models.jobs import JobState
from loyalty.kernel.unit_of_work import unit_of_work
from members.segments.models import RefreshState, Segment
from members.segments.operations import membership, refreshing
from members.segments.operations.refreshing import Moves

REFRESH = "segments.refresh"


def refresh_segments(*, now: datetime) -> dict[str, Moves]:
    """Find out anew who is in each segment of the program in scope, all conditions in one scan of the members.

    What changed is written and nothing else. By code: how many joined and left.
    """
    with unit_of_work():
        segments = refreshing.lock_dynamic()
        moves = refreshing.refresh(segments, now)
        membership.recount(now)
    return {one.code: moves[one.pk] for one in segments}


def ask_refresh(*, user: User | None = None) -> Job:
    """Have a job find out anew who is in the segments; one that waits already is enough."""
    with unit_of_work():
        return queue_refresh(user)


def queue_refresh(user: User | None = None) -> Job:
    """The job, queued in the caller's transaction."""
    waiting: Job | None = Job.objects.filter(kind=REFRESH, state=JobState.QUEUED).first()
    return waiting or jobs.enqueue(REFRESH, arguments={}, user=user)


def run_refresh(run: jobs.Run) -> Mapping[str, Any]:
    """What the job does; its answer is what moved."""
    total = Segment.objects.filter(archived_at__isnull=True).count()
    run.report(0, total)
    try:
        moves = refresh_segments(now=clock.now())
    except Exception:
        Segment.objects.filter(state=RefreshState.WAITING).update(state=RefreshState.FAILED)
        raise
    run.report(total, total)
    return {"joined": sum(one.joined for one in moves.values()), "left": sum(one.left for one in moves.values())}


jobs.handle(REFRESH, run_refresh)
