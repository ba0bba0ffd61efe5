"""The keys of limit counters: whose, in which period. Pure."""

from datetime import date, timedelta

from programs.rules import LimitNeed, LimitUse

ROLLING = "rolling:"


def scope_key(scope: str, value: str | None, *, member_id: int, account_id: int) -> str:
    """Whose counter a limit uses."""
    if scope in {"member", "recipient"}:
        return f"member:{member_id}"
    if scope in {"account", "household"}:
        return f"account:{account_id}"
    return f"{scope}:{value}" if value else scope


def write_key(period_key: str, day: date) -> str:
    """The period that a use is written under; a rolling limit counts by day."""
    return f"day:{day.isoformat()}" if period_key.startswith(ROLLING) else period_key


def read_keys(period_key: str, day: date) -> tuple[str, ...]:
    """The periods that a limit adds up: one, or each of the last days of a rolling limit."""
    if not period_key.startswith(ROLLING):
        return (period_key,)
    days = int(period_key.removeprefix(ROLLING))
    return tuple(f"day:{(day - timedelta(days=back)).isoformat()}" for back in range(days))


CounterKey = tuple[str, str, str]


def read_counters(need: LimitNeed | LimitUse, day: date, *, member_id: int, account_id: int) -> list[CounterKey]:
    """(limit, scope, period) of every counter that tells how much of a limit is used."""
    scope = scope_key(need.scope, need.scope_value, member_id=member_id, account_id=account_id)
    return [(need.counter, scope, period) for period in read_keys(need.period_key, day)]


def written_counter(use: LimitUse, day: date, *, member_id: int, account_id: int) -> CounterKey:
    """(limit, scope, period) of the counter that a use is written to."""
    scope = scope_key(use.scope, use.scope_value, member_id=member_id, account_id=account_id)
    return use.counter, scope, write_key(use.period_key, day)
