"""Changing tiers within the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.kernel import bulk, outbox, scope
from members.activity.decision import Decision
from members.activity.models import Purchase
from members.ledger import queries as ledger_queries
from members.profiles import queries
from members.profiles.models import MemberTier
from programs.promotions.snapshots import FrozenProgram
from programs.tiers import arithmetic
from programs.tiers.arithmetic import SchemeTerms

TIER_CHANGED = outbox.declare("tier.changed")


def begin_tiers(decisions: Sequence[Decision]) -> None:
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
    """After returns: a tier whose points did not suffice at the moment it was reached is taken back.

    The points that counted then are counted again, net of every return since. Where they fall short, the tier ends with
    the return and the one that they do earn begins.
    """
    if not returned:
        return
    by_member: dict[int, list[tuple[Purchase, FrozenProgram, datetime]]] = {}
    for one in returned:
        by_member.setdefault(one[0].member_id, []).append(one)
    present = MemberTier.objects.filter(member_id__in=list(by_member), ended_at__isnull=True, cause="purchase")
    for row in present.order_by("pk"):
        counted = [one for one in by_member[row.member_id] if one[0].occurred_at <= row.since_at]
        if not counted:
            continue
        purchase, frozen, at = max(counted, key=lambda one: one[2])
        scheme = next((one for one in frozen.schemes if one.id == row.scheme_id), None)
        if scheme is not None:
            _judge_tier(row, purchase.account_id, scheme, frozen, at=at)


def _judge_tier(row: MemberTier, account_id: int, scheme: SchemeTerms, frozen: FrozenProgram, *, at: datetime) -> None:
    points = _points_in_window(account_id, scheme, frozen, row.since_at)
    deserved = arithmetic.earned_tier(points, scheme.tiers)
    if deserved.rank >= scheme.by_id(row.tier_id).rank:
        return
    before = MemberTier.objects.filter(member_id=row.member_id, scheme_id=scheme.id, ended_at=row.since_at).first()
    if before is not None and scheme.by_id(before.tier_id).rank > deserved.rank:
        deserved = scheme.by_id(before.tier_id)
    change_tier(row, deserved.id, at=at, valid_until=row.valid_until, cause="return")


def _points_in_window(account_id: int, scheme: SchemeTerms, frozen: FrozenProgram, at: datetime) -> int:
    """Qualifying points of the window that ends with the local day of ``at``."""
    last = at.astimezone(frozen.zone).date()
    since = arithmetic.window_start(last, scheme.window_months)
    earned = ledger_queries.earned_by_day([account_id], frozen.point_type_id(scheme.point_type), since)
    return sum(amount for day, amount in earned.get(account_id, {}).items() if day <= last)


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
    """Review one tier whose time is over, under its lock; 1 when it was still due."""
    row = MemberTier.objects.select_for_update(no_key=True, of=("self",)).get(pk=row_id)
    scheme = next((one for one in frozen.schemes if one.id == row.scheme_id), None)
    is_due = row.ended_at is None and row.valid_until is not None
    if scheme is None or not is_due or row.valid_until > at.astimezone(frozen.zone).date():
        return 0
    account_id = queries.primary_account(row.member_id)
    points = _points_in_window(account_id, scheme, frozen, at)
    present = scheme.by_id(row.tier_id)
    tier = arithmetic.reviewed_tier(present, points, scheme.tiers)
    valid_until = arithmetic.valid_until(at, scheme.valid_months, frozen.zone)
    if tier.id == present.id:
        MemberTier.objects.filter(pk=row.pk).update(valid_until=valid_until)
    else:
        change_tier(row, tier.id, at=at, valid_until=valid_until, cause="review")
    return 1
