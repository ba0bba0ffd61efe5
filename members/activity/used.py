"""How much of limits is used."""

from collections.abc import Collection

from django.db import connection

from loyalty.kernel import scope
from members.activity.periods import CounterKey

# Asked on the way of most purchases, so without models.
_USED = """
    SELECT "limit", scope_key, period_key, sum(used) FROM programs_limit_counter
    WHERE program_id = ANY(%s) AND scope_key = ANY(%s) AND period_key = ANY(%s) GROUP BY 1, 2, 3
"""


def used_of(keys: Collection[CounterKey]) -> dict[CounterKey, int]:
    """How much of limits is used, read without a lock."""
    if not keys:
        return {}
    scopes, periods = list({key[1] for key in keys}), list({key[2] for key in keys})
    with connection.cursor() as cursor:
        cursor.execute(_USED, [list(scope.current().programs), scopes, periods])
        found = {tuple(key): int(total) for *key, total in cursor.fetchall()}
    return {key: found.get(key, 0) for key in keys}
