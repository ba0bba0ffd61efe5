"""Reads of redemptions, within the program in scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from loyalty.kernel import scope
from loyalty.kernel.errors import NotFound
from members.ledger.models import Entry
from members.profiles.models import Member, MemberStatus
from programs.setup import terms
from programs.setup.models import Program
from rewards.catalog.models import Reward
from rewards.redemption.models import Redemption

ENTRY_KEY = "redemption:"
_PAYER = """
SELECT a.account_id, m.status FROM members_member m
LEFT JOIN members_account_member a ON a.member_id = m.id AND a.is_primary WHERE m.id = %s
"""
_MADE = "SELECT id FROM rewards_redemption WHERE program_id = %s AND request_key = %s"
_REWARD = "SELECT id FROM rewards_reward WHERE program_id = %s AND code = %s"


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose points pay for a member's rewards, and whether the member may take any."""

    account_id: int
    is_active: bool


def payer(member_id: int) -> Payer:
    """The primary account of a member, and the member's state.

    :raises NotFound: no such member in this program.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAYER, [member_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound()
    assert row[0] is not None, "every member has a primary account"
    return Payer(row[0], row[1] == MemberStatus.ACTIVE)


def made_by(request_key: str) -> Redemption | None:
    """The redemption that an earlier request with the same key made."""
    found = _key(_MADE, request_key)
    return None if found is None else Redemption.objects.get(pk=found)


def reward_named(code: str) -> int:
    """The key of the reward with a code.

    :raises NotFound: none in this program.
    """
    found = _key(_REWARD, code)
    if found is None:
        raise NotFound()
    return found


def _key(question: str, value: str) -> int | None:
    """The key that a question about the program in scope and one of its unique texts is answered with."""
    with connection.cursor() as cursor:
        cursor.execute(question, [scope.program_id(), value])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def last_of(member_id: int, most: int) -> QuerySet[Redemption]:
    """A member's redemptions, the newest first."""
    rows = Redemption.objects.filter(member_id=member_id).select_related("reward__point_type")
    return rows.order_by("-redeemed_at", "-id")[:most]


def redemption_of(public_id: UUID) -> Redemption:
    """The redemption with this public id.

    :raises NotFound: none in this program.
    """
    rows = Redemption.objects.select_related("member__personal", "reward__point_type", "reward__picture")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def reward_of(public_id: UUID) -> Reward:
    """The reward with this public id.

    :raises NotFound: none in this program.
    """
    found = Reward.objects.filter(public_id=public_id).select_related("point_type", "picture").first()
    if found is None:
        raise NotFound()
    return found


def describe_entries(entries: Sequence[Entry]) -> Mapping[int, str]:
    """What ledger entries of redemptions were for: units and name of the reward, and the code."""
    keys = {entry.request_key.removeprefix(ENTRY_KEY): entry.pk for entry in entries if entry.cause_id is None}
    canceled: dict[int, int] = {entry.cause_id: entry.pk for entry in entries if entry.cause_id is not None}
    rows = Redemption.objects.filter(Q(request_key__in=list(keys)) | Q(pk__in=list(canceled))).select_related("reward")
    words: dict[int, str] = {}
    for row in rows:
        text = f"{row.quantity} × {row.reward}, {row.code}" if row.quantity > 1 else f"{row.reward}, {row.code}"
        for entry_id in (keys.get(row.request_key), canceled.get(row.pk)):
            if entry_id is not None:
                words[entry_id] = text
    return words


def cancelable_for(member: Member) -> timedelta:
    """How long a member's redemptions can be canceled, by the terms of the region and the program."""
    days = terms.nearest(terms.CANCELABLE_DAYS, Program.objects.get(), region=member.region)
    return timedelta(days=int(days))
