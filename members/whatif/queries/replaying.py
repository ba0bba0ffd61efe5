"""Which members are replayed, and the frame in which they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db import connection

from loyalty.kernel import registries, scope
from members.activity import replay
from members.activity.models import Purchase
from members.activity.replay import Facts, Past
from members.profiles.models import AccountMember, Member
from members.whatif.replaying import Setting, by_account
from members.whatif.rulesets import Contest
from programs.rules.dates import local, start_of

SAMPLE_KEPT = 600


def setting_of(contest: Contest, now: datetime, days: int, *, is_estimate: bool = False) -> Setting:
    """The frame of a replay of the last ``days`` whole days before the day of ``now``, in program time.

    An estimate takes the day of ``now`` in as far as it has come, and tells who beats the draft.
    """
    today = local(now, contest.frozen.zone).date()
    return Setting(
        contest=contest,
        depth=replay.depth_of([contest.live, contest.drafted], today),
        since=start_of(today - timedelta(days=days), contest.frozen.zone),
        until=now if is_estimate else start_of(today, contest.frozen.zone),
        payers=registries.funding().payers(today),
        is_estimate=is_estimate,
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """Some members chosen evenly, always the same ones, of ``of`` members."""

    member_ids: Sequence[int]
    of: int


_SPREAD = """
SELECT id FROM (
  SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM members_member WHERE program_id = %(program)s
) m WHERE place %% %(step)s = 0 ORDER BY id LIMIT %(most)s
"""


def sample(most: int) -> Sample:
    """At most ``most`` members of the program in scope, every so many-th of them, and how many there are.

    Reading all keys of a large program takes a moment, so the choice is kept for ten minutes.
    """
    program = scope.program_id()

    def choose() -> Sample:
        count = Member.objects.count()
        with connection.cursor() as cursor:
            cursor.execute(_SPREAD, {"program": program, "step": max(1, count // most), "most": most})
            return Sample([row[0] for row in cursor.fetchall()], count)

    found = cache.get_or_set(f"whatif:sample:{program}:{most}", choose, SAMPLE_KEPT)
    assert isinstance(found, Sample)
    return found


def accounts_since(since: datetime) -> list[list[int]]:
    """The members who bought something from ``since`` on, those of one account together."""
    bought = (
        Purchase.objects.filter(occurred_date__gte=_day_before(since)).values_list("member_id", flat=True).distinct()
    )
    accounts: dict[int, list[int]] = {}
    rows = AccountMember.objects.filter(is_primary=True, member_id__in=bought).order_by("account_id", "member_id")
    for account_id, member_id in rows.values_list("account_id", "member_id"):
        accounts.setdefault(account_id, []).append(member_id)
    return list(accounts.values())


def _day_before(since: datetime) -> date:
    """A day that has begun everywhere before ``since``."""
    return since.date() - timedelta(days=1)


def pasts_of(member_ids: Sequence[int], setting: Setting, facts: Facts | None = None) -> list[Past]:
    """Members with what they bought."""
    frozen = setting.contest.frozen
    return list(replay.load(member_ids, frozen, since=setting.since, depth=setting.depth, facts=facts).values())


def pasts_by_account(account_ids: Sequence[int], setting: Setting) -> dict[int, list[Past]]:
    """The members of accounts with what they bought, by account."""
    rows = AccountMember.objects.filter(account_id__any=list(account_ids), is_primary=True)
    return by_account(pasts_of(list(rows.values_list("member_id", flat=True)), setting))
