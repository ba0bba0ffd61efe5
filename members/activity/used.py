"""How much of limits is used."""

from collections.abc import Collection

from django.db.models import Sum

from members.activity.periods import CounterKey
from programs.promotions.models import LimitCounter


def used_of(keys: Collection[CounterKey]) -> dict[CounterKey, int]:
    """How much of limits is used, read without a lock."""
    if not keys:
        return {}
    rows = LimitCounter.objects.filter(
        scope_key__any={key[1] for key in keys}, period_key__any={key[2] for key in keys}
    ).values_list("limit", "scope_key", "period_key")
    found = {tuple(row[:3]): int(row[3]) for row in rows.annotate(total=Sum("used"))}
    return {key: found.get(key, 0) for key in keys}
