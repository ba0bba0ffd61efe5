"""From what happened to the occasions that it is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models.expressions import RawSQL

from members.activity.models import Event, Purchase, Return
from members.activity.occasions import metrics
from members.activity.occasions.starting import JUST_AFTER, Occasion, start
from members.profiles.models import Member, MemberTier
from programs.promotions import snapshots
from programs.promotions.snapshots import FrozenProgram
from programs.rules.compile import trigger_name

TIER_CHANGED = "tier_changed"


def of_event(event: Event) -> Occasion:
    """A declared event of a member."""
    return Occasion(
        f"event:{event.pk}", f"event:{event.kind.code}", event.member_id, event.occurred_at, event.attributes
    )


def of_enrolment(member: Member) -> Occasion:
    """Somebody has joined."""
    return Occasion(f"enrolment:{member.pk}", "enrolment", member.pk, member.enrolled_at + JUST_AFTER)


def after_purchases(purchases: Sequence[tuple[int, int, datetime]], frozen: FrozenProgram) -> int:
    """Start what purchases (id, member, instant) bring about under the snapshot that judged them: tiers and measures.

    How many occasions granted something.
    """
    if not _waits_for_consequences(frozen, {at for _id, _member, at in purchases}):
        return 0
    members = {member for _id, member, _at in purchases}
    return start([*_tiers_begun(members, frozen), *metrics.crossed(purchases, frozen)])


def after_returns(applied: Sequence[tuple[Return, Purchase]]) -> int:
    """Start what returns bring about, the return itself among it; how many occasions granted something."""
    frozen = snapshots.present()
    members = {purchase.member_id for _row, purchase in applied}
    returns = [
        Occasion(
            f"return:{row.pk}", "return", purchase.member_id, row.occurred_at + JUST_AFTER,
            {"purchase": purchase.external_id, "number": row.external_id},
        )
        for row, purchase in applied
    ]  # fmt: skip
    return start([*returns, *_tiers_begun(members, frozen)])


def after_tiers(member_ids: Collection[int]) -> int:
    """Start what tiers that began in this transaction bring about; how many occasions granted something."""
    return start(_tiers_begun(member_ids, snapshots.present()))


def may_change_members(purchases: Sequence[tuple[int, datetime]]) -> bool:
    """Whether what follows from one of these purchases (account, instant) may change what another is judged by."""
    accounts = [account for account, _at in purchases]
    if len(set(accounts)) == len(accounts):
        return False
    return _waits_for_consequences(snapshots.present(), {at for _account, at in purchases})


def _waits_for_consequences(frozen: FrozenProgram, instants: Collection[datetime]) -> bool:
    return any(frozen.at(at)[0].triggers.keys() & {TIER_CHANGED, metrics.TRIGGER} for at in instants)


def _tiers_begun(member_ids: Collection[int], frozen: FrozenProgram) -> list[Occasion]:
    if not any(trigger_name(rule.document) == TIER_CHANGED for rule in frozen.rules):
        return []
    rows = (
        MemberTier.objects.filter(member_id__any=member_ids, recorded_at__gte=RawSQL("transaction_timestamp()", ()))
        .select_related("tier", "scheme")
        .order_by("pk")
    )
    return [found for row in rows if (found := _of_tier(row, frozen)) is not None]


def _of_tier(row: MemberTier, frozen: FrozenProgram) -> Occasion | None:
    """A tier that began; None where no rule waits for this scheme and direction."""
    before = MemberTier.objects.filter(member_id=row.member_id, scheme_id=row.scheme_id, ended_at=row.since_at)
    earlier = before.exclude(pk=row.pk).order_by("-pk").select_related("tier").first()
    lowest = row.scheme.tiers.order_by("rank").first()
    assert lowest is not None, "a scheme in which somebody has a tier has tiers"
    present = earlier.tier if earlier else lowest
    direction = "up" if row.tier.rank > present.rank else "down"
    at = row.since_at + JUST_AFTER
    rules = {rule.code for rule in frozen.rules if rule.holds(at) and _waits(rule.document, row.scheme.code, direction)}
    if not rules or row.tier_id == present.pk:
        return None
    said = {"scheme": row.scheme.code, "tier": row.tier.code, "before": present.code, "direction": direction}
    return Occasion(f"tier:{row.pk}", TIER_CHANGED, row.member_id, at, said, frozenset(rules))


def _waits(document: Mapping[str, Any], scheme: str, direction: str) -> bool:
    trigger = document.get("trigger")
    if trigger == TIER_CHANGED:
        return True
    if not isinstance(trigger, Mapping) or trigger["on"] != TIER_CHANGED:
        return False
    return trigger.get("scheme", scheme) == scheme and trigger.get("direction", direction) == direction
