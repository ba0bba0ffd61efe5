"""One condition means the same in memory and in PostgreSQL: random conditions over thousands of random members."""

from dataclasses import replace

import pytest

from loyalty.kernel import scope
from members.segments.queries import scan
from members.segments.queries.ground import ground_at
from members.segments.sql import Wanted, select_members
from programs.promotions import snapshots
from tests.members.segments import oracle, population
from tests.members.segments.random_conditions import Generator

pytestmark = pytest.mark.django_db

MEMBERS, CONDITIONS, AT_ONCE = 4200, 320, 16


def judged_in_sql(conditions):
    """Truth by member for each condition, all of one statement."""
    wanted = [Wanted(f"w{place}", condition) for place, condition in enumerate(conditions)]
    select = select_members(ground_at(population.NOW), wanted, keeps_unknown=True)
    rows = scan.rows(select.whole("SELECT * FROM judged"), select.parameters)
    return [{row[0]: row[place] for row in rows} for place in range(1, len(conditions) + 1)]


def chosen_in_parts(conditions, quarters):
    """Who is chosen by each condition where unknown is as good as false, of one statement for each share of the members."""
    chosen = [set() for _ in conditions]
    wanted = [Wanted(f"w{place}", condition) for place, condition in enumerate(conditions)]
    for members in scan.ranges(quarters, scan.MOST_SHARES * scan.SMALLEST_SHARE):
        select = select_members(replace(ground_at(population.NOW), members=members), wanted)
        for row in scan.rows(select.whole("SELECT * FROM judged"), select.parameters):
            for place, found in enumerate(chosen, 1):
                if row[place]:
                    found.add(row[0])
    return chosen


def test_random_conditions_choose_the_same_members():
    made = population.make(MEMBERS)
    generator = Generator(20260301)
    with scope.enter([made.program_id], scope.SYSTEM):
        frozen = snapshots.present()
        states = oracle.states_of(frozen, population.NOW)
        assert len(states) > 4000
        assert len(oracle.purchases_of(states)) > 4000
        quarters = [sorted(states)[len(states) * number // 4] for number in (1, 2, 3)]
        conditions = [generator.condition() for _ in range(CONDITIONS)]
        seen = {True: 0, False: 0, None: 0}
        for start in range(0, CONDITIONS, AT_ONCE):
            some = conditions[start : start + AT_ONCE]
            chosen = chosen_in_parts(some, quarters)
            for condition, found, true in zip(some, judged_in_sql(some), chosen, strict=True):
                expected = oracle.judge(condition, frozen.settings, states)
                assert found == expected, (condition, differences(found, expected))
                assert true == {key for key, truth in expected.items() if truth}, condition
                for truth in expected.values():
                    seen[truth] += 1
    # All three answers were really compared.
    assert min(seen.values()) > 100_000


def differences(found, expected):
    """A few members about whom the two disagree."""
    return [(key, found.get(key), expected[key]) for key in expected if found.get(key) != expected[key]][:5]
