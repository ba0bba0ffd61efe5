"""Reading tier schemes: as snapshots freeze them."""

from typing import Any

from programs.tiers.arithmetic import SchemeTerms, scheme_from
from programs.tiers.models import TierScheme


def document_of(scheme: TierScheme) -> dict[str, Any]:
    """A scheme with its tiers as a snapshot holds it."""
    return {
        "id": scheme.pk,
        "code": scheme.code,
        "measure": scheme.measure,
        "point_type": scheme.point_type.code if scheme.point_type else None,
        "window": scheme.window,
        "window_months": scheme.window_months,
        "valid_months": scheme.valid_months,
        "downgrade": scheme.downgrade,
        "grace_days": scheme.grace_days,
        "warn_days": scheme.warn_days,
        "tiers": [
            {"id": tier.pk, "code": tier.code, "rank": tier.rank, "threshold": tier.threshold, "retain": tier.retain}
            for tier in sorted(scheme.tiers.all(), key=lambda tier: tier.rank)
        ],
    }


def terms_of(scheme: TierScheme) -> SchemeTerms:
    """The terms of a scheme as it is now."""
    return scheme_from(document_of(scheme))
