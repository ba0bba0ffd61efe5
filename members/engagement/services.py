"""Running what the calendar starts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from loyalty.kernel import clock, registries
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity import occasions
from members.activity.occasions import Occasion
from members.engagement.calendar import due_between
from members.engagement.models import ScheduledRun
from members.profiles.models import Member, MemberStatus
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram, FrozenRule
from programs.rules.compile import trigger_name

TRIGGER = "schedule"
CHUNK = 500
# Runs missed longer ago are not made up for: nobody wants last month's reminder.
MOST_MISSED = timedelta(days=31)


def run_due(*, now: datetime) -> int:
    """Run every promotion of the program in scope that the calendar has started by ``now``; members granted something.

    Missed runs come one after the other, each as of its own instant. A run that was stopped goes on after the last member
    that it looked at; nobody is granted anything twice.
    """
    frozen = snapshots.present()
    for rule in _scheduled(frozen):
        _note_due(rule, frozen, now)
    granted = 0
    for run in ScheduledRun.objects.filter(finished_at__isnull=True, due_at__lte=now).order_by("due_at", "pk"):
        granted += _finish(run, frozen)
    return granted


def _scheduled(frozen: FrozenProgram) -> Sequence[FrozenRule]:
    return [rule for rule in frozen.rules if trigger_name(rule.document) == TRIGGER]


def _note_due(rule: FrozenRule, frozen: FrozenProgram, now: datetime) -> None:
    last = ScheduledRun.objects.filter(rule=rule.code).aggregate(last=Max("due_at"))["last"]
    after = max(one for one in (last, rule.starts_at, now - MOST_MISSED) if one is not None)
    if last is None and rule.starts_at is None:
        # In force since ever and never run: of the past only the last day counts.
        after = now - timedelta(days=1)
    with unit_of_work():
        for at in due_between(rule.document["trigger"], after, now, frozen.zone):
            if rule.holds(at):
                ScheduledRun.objects.get_or_create(rule=rule.code, due_at=at)


def _finish(run: ScheduledRun, frozen: FrozenProgram) -> int:
    """Go through the members that the audience may choose, in chunks, each in a transaction of its own."""
    granted = 0
    for chunk in _chunks(run, frozen):
        with unit_of_work():
            row = ScheduledRun.objects.select_for_update(no_key=True).get(pk=run.pk)
            if row.last_member_id >= chunk[-1] or row.finished_at is not None:
                continue
            given = occasions.start(
                [
                    Occasion(
                        f"{TRIGGER}:{run.rule}:{run.due_at:%Y%m%dT%H%M}:{member}", TRIGGER, member, run.due_at,
                        only_rules=frozenset({run.rule}),
                    )
                    for member in chunk
                ]
            )  # fmt: skip
            row.last_member_id, row.looked_at, row.granted = chunk[-1], row.looked_at + len(chunk), row.granted + given
            row.save(update_fields=["last_member_id", "looked_at", "granted"])
        granted += given
    ScheduledRun.objects.filter(pk=run.pk, finished_at__isnull=True).update(finished_at=clock.now())
    return granted


def _chunks(run: ScheduledRun, frozen: FrozenProgram) -> Iterator[list[int]]:
    versions = (rule.document for rule in frozen.rules if rule.code == run.rule and rule.holds(run.due_at))
    document: Mapping[str, Any] | None = next(versions, None)
    if document is None:
        return  # Stopped since, and so long ago that no snapshot holds what it said.
    chosen = registries.audience(document["audience"], run.due_at) if "audience" in document else None
    if chosen is None:
        members = Member.objects.filter(status=MemberStatus.ACTIVE, enrolled_at__lte=run.due_at)
        chosen = list(members.order_by("pk").values_list("pk", flat=True))
    left = sorted(member for member in chosen if member > run.last_member_id)
    for first in range(0, len(left), CHUNK):
        yield left[first : first + CHUNK]
