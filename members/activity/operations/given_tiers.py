"""Tiers that were given and not earned: by hand, or by a promotion."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from loyalty.kernel import bulk, outbox, scope
from members.activity import qualifying
from members.activity.operations.tiers import GIVEN, TIER_CHANGED, change_tier
from members.profiles import queries
from members.profiles.models import Member, MemberTier
from programs.promotions.snapshots import FrozenProgram
from programs.tiers import arithmetic
from programs.tiers.arithmetic import SchemeTerms, TierTerms


def give_tier(
    member: Member,
    scheme: SchemeTerms,
    tier: TierTerms,
    *,
    at: datetime,
    valid_until: date | None,
    cause: str,
    note: str,
) -> MemberTier | None:
    """Begin a higher tier that was not earned; None, and nothing changes, when the member has it or more for as long."""
    present = _present(member.pk, scheme)
    if present is not None and scheme.by_id(present.tier_id).rank >= tier.rank:
        return None
    if present is None and tier.rank <= scheme.tiers[0].rank:
        return None
    begins_at = max(at, present.since_at) if present else at
    if present is not None:
        MemberTier.objects.filter(pk=present.pk).update(ended_at=begins_at)
    outbox.add(TIER_CHANGED, subject="member", subject_id=member.pk, at=begins_at)
    return MemberTier.objects.create(
        member=member, scheme_id=scheme.id, tier_id=tier.id, since_at=begins_at, valid_until=valid_until, cause=cause,
        note=note,
    )  # fmt: skip


def withdraw_given_tier(
    member: Member, scheme: SchemeTerms, frozen: FrozenProgram, *, at: datetime
) -> MemberTier | None:
    """End a given tier now: the member has what was earned. None, and nothing changes, when it was not given."""
    present = _present(member.pk, scheme)
    if present is None or present.cause not in GIVEN:
        return None
    earned, valid_until = _earned(member, queries.primary_account(member.pk), scheme, frozen, at)
    change_tier(present, earned.id, at=at, valid_until=valid_until, cause="withdrawn")
    return present


def begin_granted_tier(
    member_id: int, account_id: int, scheme: SchemeTerms, tier: TierTerms, *, at: datetime, valid_until: date | None
) -> dict[str, Any]:
    """Give a member a tier beside what their points earn; what :func:`end_granted_tier` needs to undo it.

    Who stands higher stays there; who stands there keeps the tier at least until ``valid_until``.
    """
    present = _present(member_id, scheme)
    rank = scheme.by_id(present.tier_id).rank if present is not None else scheme.tiers[0].rank
    granted: dict[str, Any] = {"row": None, "before": None, "until_before": None}
    if rank > tier.rank or (present is None and rank == tier.rank):
        return granted
    if present is not None:
        granted |= {"before": present.tier_id, "until_before": _text(present.valid_until)}
    if present is not None and rank == tier.rank:
        if present.valid_until is not None and (valid_until is None or valid_until > present.valid_until):
            MemberTier.objects.filter(pk=present.pk).update(valid_until=valid_until)
            granted |= {"row": present.pk, "until": _text(valid_until)}
        return granted
    since = max(at, present.since_at) if present is not None else at
    if present is not None:
        MemberTier.objects.filter(pk=present.pk).update(ended_at=since)
    ((key,),) = bulk.insert(
        MemberTier,
        ["program", "member", "scheme", "tier", "since_at", "valid_until", "cause"],
        [(scope.program_id(), member_id, scheme.id, tier.id, since, valid_until, "promotion")],
        suffix="RETURNING id",
    )
    outbox.add(TIER_CHANGED, subject="member", subject_id=member_id, at=since, account_id=account_id)
    return granted | {"row": key, "until": _text(valid_until)}


def end_granted_tier(
    granted: Mapping[str, Any], account_id: int, scheme: SchemeTerms, frozen: FrozenProgram, *, at: datetime
) -> None:
    """Undo a granted tier that still holds: back to the one before, or to a higher one that the points earn."""
    rows = MemberTier.objects.select_for_update(no_key=True, of=("self",))
    row = rows.select_related("member").filter(pk=granted["row"], ended_at__isnull=True).first()
    if row is None:
        return
    until = _day(granted["until_before"])
    if row.tier_id == granted["before"]:
        if row.valid_until == _day(granted["until"]):
            MemberTier.objects.filter(pk=row.pk).update(valid_until=until)
        return
    before = scheme.by_id(granted["before"]) if granted["before"] is not None else scheme.tiers[0]
    deserved, deserved_until = _earned(row.member, account_id, scheme, frozen, at)
    if deserved.rank > before.rank:
        before, until = deserved, deserved_until
    change_tier(row, before.id, at=at, valid_until=until, cause="return")


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None


def _present(member_id: int, scheme: SchemeTerms) -> MemberTier | None:
    rows = MemberTier.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(member_id=member_id, scheme_id=scheme.id, ended_at__isnull=True).first()


def _earned(
    member: Member, account_id: int, scheme: SchemeTerms, frozen: FrozenProgram, at: datetime
) -> tuple[TierTerms, date]:
    """The tier that was earned by now, and the first day on which it is no longer valid."""
    today = arithmetic.local_day(at, frozen.zone)
    enrolled = arithmetic.local_day(member.enrolled_at, frozen.zone)
    value = qualifying.value_between(
        scheme, frozen, member_id=member.pk, account_id=account_id,
        first=arithmetic.window_start(today, scheme, enrolled), last=today,
    )  # fmt: skip
    return arithmetic.earned_tier(value, scheme.tiers), arithmetic.valid_until(today, scheme, enrolled)
