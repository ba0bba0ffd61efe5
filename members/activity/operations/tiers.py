"""Changing tiers within the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.kernel import bulk, outbox, scope
from members.activity import qualifying
from members.activity.decision import Decided
from members.activity.models import Purchase
from members.profiles import queries
from members.profiles.models import MemberTier
from programs.promotions.snapshots import FrozenProgram
from programs.rules import dates
from programs.tiers import arithmetic
from programs.tiers.arithmetic import SchemeTerms

TIER_CHANGED = outbox.declare("tier.changed")
TIER_ENDING = outbox.declare("tier.ending")
# Tiers that somebody or a promotion gave: at their end only what was earned counts.
GIVEN = frozenset({"manual", "promotion"})


def begin_tiers(decisions: Sequence[Decided]) -> None:
    """Write the tiers that purchases reached: the present one ends where the new one begins."""
    program = scope.program_id()
    changes = [(decision, change) for decision in decisions for change in decision.tier_changes]
    if not changes:
        return
    for index, (decision, change) in enumerate(changes):
        MemberTier.objects.filter(
            member_id=decision.member_id, scheme_id=change.scheme_id, ended_at__isnull=True
        ).update(ended_at=change.at)
        later = [
            other
            for other_decision, other in changes[index + 1 :]
            if other_decision.member_id == decision.member_id and other.scheme_id == change.scheme_id
        ]
        row = (
            program, decision.member_id, change.scheme_id, change.tier_id, change.at, change.valid_until,
            later[0].at if later else None, "purchase",
        )  # fmt: skip
        columns = ["program", "member", "scheme", "tier", "since_at", "valid_until", "ended_at", "cause"]
        bulk.insert(MemberTier, columns, [row])
        outbox.add(
            TIER_CHANGED, subject="member", subject_id=decision.member_id, at=change.at, account_id=decision.account_id
        )


def judge_tiers_again(returned: Sequence[tuple[Purchase, FrozenProgram, datetime]]) -> None:
    """After returns: a tier that no longer has enough for the moment it was reached is taken back.

    What counted then is counted again, net of every return since. Where it falls short, the tier ends with the return and
    the one that it does earn begins.
    """
    if not returned:
        return
    by_member: dict[int, list[tuple[Purchase, FrozenProgram, datetime]]] = {}
    for one in returned:
        by_member.setdefault(one[0].member_id, []).append(one)
    present = MemberTier.objects.filter(member_id__in=list(by_member), ended_at__isnull=True, cause="purchase")
    for row in present.order_by("pk").select_related("member"):
        counted = [one for one in by_member[row.member_id] if one[0].occurred_at <= row.since_at]
        if not counted:
            continue
        purchase, frozen, at = max(counted, key=lambda one: one[2])
        scheme = next((one for one in frozen.schemes if one.id == row.scheme_id), None)
        if scheme is not None:
            _judge_tier(row, purchase.account_id, scheme, frozen, at=at)


def _judge_tier(row: MemberTier, account_id: int, scheme: SchemeTerms, frozen: FrozenProgram, *, at: datetime) -> None:
    reached_on = arithmetic.local_day(row.since_at, frozen.zone)
    first = arithmetic.window_start(reached_on, scheme, arithmetic.local_day(row.member.enrolled_at, frozen.zone))
    value = qualifying.value_between(
        scheme, frozen, member_id=row.member_id, account_id=account_id, first=first, last=reached_on
    )
    deserved = arithmetic.earned_tier(value, scheme.tiers)
    if deserved.rank >= scheme.by_id(row.tier_id).rank:
        return
    before = MemberTier.objects.filter(member_id=row.member_id, scheme_id=scheme.id, ended_at=row.since_at).first()
    if before is not None and scheme.by_id(before.tier_id).rank > deserved.rank:
        deserved = scheme.by_id(before.tier_id)
    change_tier(row, deserved.id, at=at, valid_until=row.valid_until, cause="return")


def change_tier(present: MemberTier, tier_id: int, *, at: datetime, valid_until: object, cause: str) -> None:
    """End a member's present tier and begin another at the same instant."""
    ends_at = max(at, present.since_at)
    MemberTier.objects.filter(pk=present.pk).update(ended_at=ends_at)
    bulk.insert(
        MemberTier,
        ["program", "member", "scheme", "tier", "since_at", "valid_until", "cause"],
        [(present.program_id, present.member_id, present.scheme_id, tier_id, ends_at, valid_until, cause)],
    )
    outbox.add(TIER_CHANGED, subject="member", subject_id=present.member_id, at=ends_at)


def review_tier(row_id: int, frozen: FrozenProgram, *, at: datetime) -> int:
    """Review one tier whose time and grace are over, under its lock; 1 when it was still due.

    What counts is the window of the tier's last day, and the days of grace. The next validity begins where this ended,
    however late the review comes.
    """
    row = MemberTier.objects.select_for_update(no_key=True, of=("self",)).select_related("member").get(pk=row_id)
    scheme = next((one for one in frozen.schemes if one.id == row.scheme_id), None)
    today = arithmetic.local_day(at, frozen.zone)
    if scheme is None or row.ended_at is not None or row.valid_until is None:
        return 0
    if arithmetic.review_day(row.valid_until, scheme) > today:
        return 0
    enrolled = arithmetic.local_day(row.member.enrolled_at, frozen.zone)
    value = qualifying.value_between(
        scheme, frozen, member_id=row.member_id, account_id=queries.primary_account(row.member_id),
        first=arithmetic.review_window(row.valid_until, scheme, enrolled), last=today,
    )  # fmt: skip
    present = scheme.by_id(row.tier_id)
    tier = arithmetic.reviewed_tier(present, value, scheme, is_given=row.cause in GIVEN)
    valid_until = arithmetic.valid_until(row.valid_until - dates.DAY, scheme, enrolled)
    if tier.id == present.id and row.cause not in GIVEN:
        MemberTier.objects.filter(pk=row.pk).update(valid_until=valid_until, warned_at=None)
    else:
        change_tier(row, tier.id, at=at, valid_until=valid_until, cause="review")
    return 1


def warn_of_tier(row_id: int, frozen: FrozenProgram, *, at: datetime) -> int:
    """Announce that a tier will be lost unless more is earned; 1 when it was announced, once for each validity."""
    row = MemberTier.objects.select_for_update(no_key=True, of=("self",)).select_related("member").get(pk=row_id)
    scheme = next((one for one in frozen.schemes if one.id == row.scheme_id), None)
    if scheme is None or row.ended_at is not None or row.valid_until is None or row.warned_at is not None:
        return 0
    enrolled = arithmetic.local_day(row.member.enrolled_at, frozen.zone)
    value = qualifying.value_between(
        scheme, frozen, member_id=row.member_id, account_id=queries.primary_account(row.member_id),
        first=arithmetic.review_window(row.valid_until, scheme, enrolled), last=arithmetic.local_day(at, frozen.zone),
    )  # fmt: skip
    present = scheme.by_id(row.tier_id)
    MemberTier.objects.filter(pk=row.pk).update(warned_at=at)
    if arithmetic.reviewed_tier(present, value, scheme, is_given=row.cause in GIVEN).rank >= present.rank:
        return 0
    outbox.add(TIER_ENDING, subject="member", subject_id=row.member_id, at=at)
    return 1
