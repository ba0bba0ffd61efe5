"""Reads of redemptions, within the program in scope."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from loyalty.kernel import scope
from loyalty.kernel.errors import NotFound
from members.ledger.models import Entry
from members.profiles.models import Member, MemberStatus
from members.profiles.queries import Identified
from programs.setup import terms
from programs.setup.models import Program
from rewards.catalog.models import Reward
from rewards.redemption.models import Redemption

ENTRY_KEY = "redemption:"
_PAYER = """
SELECT a.account_id, m.status FROM members_member m
LEFT JOIN members_account_member a ON a.member_id = m.id AND a.is_primary WHERE m.id = %s
"""
_MADE = "SELECT request_key, id FROM rewards_redemption WHERE program_id = %s AND request_key = ANY(%s)"


def payer(member_id: int) -> Identified:
    """A member, whose primary account pays for their rewards.

    :raises NotFound: no such member in this program.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAYER, [member_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound()
    assert row[0] is not None, "every member has a primary account"
    return Identified(member_id, row[0], row[1] == MemberStatus.ACTIVE)


def made_by(request_keys: Sequence[str]) -> dict[str, int]:
    """The keys of the redemptions that earlier requests made, by their request keys."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE, [scope.program_id(), list(request_keys)])
        return dict(cursor.fetchall())


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
