"""Reads of promotions, within the program in scope."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from programs.promotions.models import Promotion
from programs.tiers.models import Tier


def rule_names() -> Mapping[str, str]:
    """Names of promotions and of tier benefits by the code of their rule, in the active language."""
    found = {row.code: str(row.name) for row in Promotion.objects.all()}
    for tier in Tier.objects.select_related("scheme"):
        found[f"TIER:{tier.scheme.code}:{tier.code}"] = _("Benefit of the tier %(tier)s") % {"tier": tier.name}
    return found
