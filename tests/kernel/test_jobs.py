"""Long work: taken once, handed on when its worker dies, stopped when asked."""

from datetime import timedelta

import pytest

from loyalty.kernel import clock, jobs, outbox
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import Job, OutboxEvent
from loyalty.kernel.unit_of_work import unit_of_work
from tests.members.world import START, World, make_world


class NotToday(Refusal):
    code = "tests.not_today"


def _count(run: jobs.Run):
    for done in range(1, 4):
        run.report(done, 3)
    return {"counted": 3}


def _refuse(run: jobs.Run):
    raise NotToday(day="Sunday")


def _break(run: jobs.Run):
    raise ZeroDivisionError


def _linger(run: jobs.Run):
    Job.objects.filter(pk=run.job.pk).update(is_stop_wanted=True)
    run.report(1, 3)
    raise AssertionError("not reached")


for kind, handler in (
    ("tests.count", _count),
    ("tests.refuse", _refuse),
    ("tests.break", _break),
    ("tests.linger", _linger),
):
    jobs.handle(kind, handler)

TOLD = outbox.declare("test.told")
UNHEARD = outbox.declare("test.unheard")
heard: list[int] = []


def _hear(event: OutboxEvent) -> None:
    if event.subject_id == 13:
        raise ValueError("deaf")
    heard.append(event.subject_id)


outbox.subscribe(TOLD, _hear)


@pytest.fixture
def world() -> World:
    return make_world()


def queue(kind: str) -> Job:
    with unit_of_work():
        return jobs.enqueue(kind, arguments={})


def queue_and_fail() -> None:
    with unit_of_work():
        jobs.enqueue("tests.count", arguments={})
        raise ZeroDivisionError


@pytest.mark.django_db
class TestJobs:
    def test_a_job_runs_once_and_keeps_its_answer(self, world):
        with world.entered():
            job = queue("tests.count")
            assert jobs.due() == [(job.pk, "default")]
            assert (jobs.run(job.pk), jobs.run(job.pk)) == (True, False)
            job.refresh_from_db()
            assert (job.state, job.result, job.percent, job.attempts) == ("done", {"counted": 3}, 100, 1)
            assert jobs.due() == []

    def test_a_refusal_and_a_fault_end_it_with_their_reason(self, world):
        with world.entered():
            for kind, problem in (("tests.refuse", "tests.not_today"), ("tests.break", "ZeroDivisionError")):
                job = queue(kind)
                jobs.run(job.pk)
                job.refresh_from_db()
                assert (job.state, job.problem) == ("failed", problem)

    def test_one_that_waits_is_stopped_at_once_and_one_that_runs_at_its_next_report(self, world):
        with world.entered():
            waits, runs = queue("tests.count"), queue("tests.linger")
            jobs.stop(waits)
            assert jobs.run(waits.pk) is False
            jobs.run(runs.pk)
            assert set(Job.objects.values_list("state", flat=True)) == {"canceled"}

    def test_a_dead_workers_job_is_taken_over(self, world):
        with world.entered(), clock.fixed(START):
            job = queue("tests.count")
            Job.objects.filter(pk=job.pk).update(
                state="running", attempts=1, leased_until=START + timedelta(minutes=2), run_after=START
            )
            assert jobs.run(job.pk) is False
        with world.entered(), clock.fixed(START + timedelta(minutes=3)):
            assert jobs.due() == [(job.pk, "default")]
            assert jobs.run(job.pk) is True
            job.refresh_from_db()
            assert (job.state, job.attempts) == ("done", 2)

    def test_nothing_is_queued_when_the_unit_of_work_fails(self, world):
        with world.entered():
            with pytest.raises(ZeroDivisionError):
                queue_and_fail()
            assert Job.objects.count() == 0


@pytest.mark.django_db
class TestOutbox:
    def add(self, subject: int) -> None:
        with unit_of_work():
            outbox.add(TOLD, subject="test", subject_id=subject, at=START)

    def test_an_event_is_delivered_once(self, world):
        heard.clear()
        with world.entered():
            self.add(7)
            assert (outbox.deliver_due(), outbox.deliver_due(), heard) == (1, 0, [7])

    def test_events_that_nobody_listens_to_are_done_at_once(self, world):
        with world.entered():
            with unit_of_work():
                outbox.add(UNHEARD, subject="test", subject_id=1, at=START)
            assert (outbox.deliver_due(), OutboxEvent.objects.filter(is_pending=True).count()) == (1, 0)

    def test_one_that_fails_waits_and_does_not_hold_the_others(self, world):
        heard.clear()
        with world.entered(), clock.fixed(START):
            self.add(13)
            self.add(8)
            assert (outbox.deliver_due(), heard) == (1, [8])
            failed = OutboxEvent.objects.get(subject_id=13)
            assert (failed.attempts, failed.problem, failed.is_pending) == (1, "ValueError", True)
            assert failed.retry_at == START + timedelta(seconds=5)
