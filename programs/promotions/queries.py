"""Reads of promotions, within the program in scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from programs.promotions.models import Promotion, PromotionState, PromotionVersion, Standing, VersionState
from programs.tiers.models import Tier


def rule_names() -> Mapping[str, str]:
    """Names of promotions and of tier benefits by the code of their rule, in the active language."""
    found = {row.code: str(row.name) for row in Promotion.objects.all()}
    for tier in Tier.objects.select_related("scheme"):
        found[f"TIER:{tier.scheme.code}:{tier.code}"] = _("Benefit of the tier %(tier)s") % {"tier": tier.name}
    return found


def standing(promotion: Promotion, versions: Sequence[PromotionVersion], at: datetime, zone: ZoneInfo) -> Standing:
    """Where a promotion stands at ``at``: what is in force or will be, else what is being worked on.

    :param versions: all versions of it.
    """
    published = [one for one in versions if one.effective is not None]
    in_force = next((one for one in published if _contains(one, at)), None)
    coming = next((one for one in published if one.effective.lower is not None and one.effective.lower > at), None)
    if in_force is not None:
        starts_at, ends_at = in_force.starts_at(zone), in_force.ends_at(zone)
        if ends_at is not None and ends_at <= at and coming is None:
            return Standing.ENDED
        return Standing.SCHEDULED if starts_at is not None and starts_at > at else Standing.LIVE
    if coming is not None:
        return Standing.SCHEDULED
    if published:
        return Standing.PAUSED if promotion.state == PromotionState.PAUSED else Standing.ENDED
    newest = max(versions, key=lambda one: one.number, default=None)
    worked_on = {VersionState.REVIEW: Standing.REVIEW, VersionState.APPROVED: Standing.APPROVED}
    return worked_on.get(VersionState(newest.state), Standing.DRAFT) if newest else Standing.DRAFT


def _contains(version: PromotionVersion, at: datetime) -> bool:
    lower, upper = version.effective.lower, version.effective.upper
    return (lower is None or lower <= at) and (upper is None or at < upper)
