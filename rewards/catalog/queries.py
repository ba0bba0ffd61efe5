"""Reads of the reward catalog, within the program in scope."""

from datetime import datetime

from django.db.models import Q, QuerySet

from rewards.catalog.models import Reward


def on_sale(at: datetime) -> QuerySet[Reward]:
    """Rewards that can be had at ``at``, the cheapest first; those sold out are among them."""
    begun = Q(starts_at__isnull=True) | Q(starts_at__lte=at)
    not_over = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    return Reward.objects.filter(begun & not_over, archived_at__isnull=True).select_related("point_type", "picture")
