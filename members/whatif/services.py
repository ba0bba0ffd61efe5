"""Trying out: who looked at whose purchases is written down; a simulation is asked for, run in the background, kept."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from loyalty.kernel import audit, clock, jobs, replica, scope
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import User
from loyalty.kernel.unit_of_work import unit_of_work
from members.profiles.models import Member
from members.whatif import budgets, drafts, parallel, reckoning
from members.whatif.models import Simulation
from members.whatif.queries import replaying as queries
from programs.promotions import services as promotions
from programs.rules.dates import local
from programs.setup.models import Program

JOB_KIND = "whatif.simulate"
QUEUE = "reports"
DAYS = (30, 90, 365)


class Unfinished(Refusal):
    """Something in the draft is missing: it cannot be judged with."""

    code = "whatif.unfinished"
    status = 409


class DaysRefused(Refusal):
    """Only the last 30, 90 or 365 days are replayed."""

    code = "whatif.days_refused"


def record_view(member: Member) -> None:
    """Write down that the actor looked at a member's purchases to try a promotion on them."""
    with unit_of_work():
        audit.record("member.viewed", member)


def request_simulation(*, code: str, days: int, user: User | None) -> Simulation:
    """Queue a replay of the last ``days`` days with the newest version of a promotion as it stands.

    :raises NotFound: no such promotion here.
    :raises DaysRefused: neither 30 nor 90 nor 365.
    :raises Unfinished: something in the version is missing.
    """
    if days not in DAYS:
        raise DaysRefused()
    draft = drafts.draft_of(code)
    if draft.version is None or not draft.is_whole:
        raise Unfinished()
    with unit_of_work():
        simulation = Simulation.objects.create(
            promotion=draft.promotion,
            version_number=draft.version.number,
            document=dict(draft.document),
            document_hash=promotions.document_hash(draft.document),
            days=days,
            requested_by=user,
        )
        job = jobs.enqueue(JOB_KIND, arguments={"simulation": simulation.pk}, queue=QUEUE, user=user)
        Simulation.objects.filter(pk=simulation.pk).update(job=job)
        simulation.job = job
        audit.record("simulation.requested", simulation)
    return simulation


def run_simulation(work: jobs.Run) -> Mapping[str, Any]:
    """Replay and keep the figures; the handler of the job. Safe to run again: it writes once, at its end."""
    simulation = Simulation.objects.select_related("promotion").get(pk=work.job.arguments["simulation"])
    began, program = time.monotonic(), Program.objects.get()
    task = parallel.Task(
        program_id=scope.program_id(),
        snapshot_number=program.snapshot_number,
        code=simulation.promotion.code,
        name=dict(simulation.promotion.name),
        document=simulation.document,
        now=clock.now(),
        days=simulation.days,
    )
    setting = task.setting()
    accounts = replica.lagging(lambda: queries.accounts_since(setting.since))
    # The pass through shared budgets counts as a tenth of the work.
    members = sum(map(len, accounts)) or 1
    result = parallel.replay_all(task, accounts, lambda done, of: work.report(done * 90, of * 100))
    budgets.settle(
        result,
        setting,
        lambda keys: replica.lagging(lambda: queries.pasts_by_account(keys, setting)),
        lambda done, of: work.report(members * 90 + members * 10 * done // max(of, 1), members * 100),
    )
    zone = setting.contest.frozen.zone
    first = local(setting.since, zone).date()
    last = local(task.now, zone).date() - timedelta(days=1)
    found = reckoning.reckoned(result, setting.contest, first, max(first, last))
    found |= {"seconds": round(time.monotonic() - began, 1), "snapshot": task.snapshot_number}
    with unit_of_work():
        Simulation.objects.filter(pk=simulation.pk).update(result=found)
    return {"purchases": result.purchases}
