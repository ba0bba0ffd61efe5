"""Purchases of different members share no row that is written: the more members, the more at once."""

import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from loyalty.kernel import clock
from members.activity import services
from members.activity.models import Purchase
from tests.members.world import START, World, add_member, make_world, purchase, record_purchase
from tests.platform.throw_away import Server
from tests.races import names

NOW = START + timedelta(hours=1)
PATIENCE = "200ms"
_KEYS = """
SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
WHERE c.relkind = 'r' GROUP BY 1
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return make_world()


def versions(server: Server) -> Mapping[tuple[str, str], int]:
    """By table and key the transaction that wrote the row last."""
    found = {}
    with server.superuser(connection.settings_dict["NAME"]) as superuser:
        for table, key in superuser.execute(_KEYS).fetchall():
            for row, version in superuser.execute(f'SELECT row({key})::text, xmin::text::bigint FROM "{table}"'):
                found[table, row] = version
    return found


def changed(before: Mapping[Any, int], after: Mapping[Any, int]) -> set[tuple[str, str]]:
    """The rows that were there and were written again."""
    return {row for row, version in before.items() if after.get(row) != version}


def buy(world: World, member_id: int, number: str) -> Any:
    with world.entered(), clock.fixed(NOW):
        return record_purchase(purchase(member_id, number, [(1, "12.00"), (2, "60.00")]))


def members(world: World, count: int) -> list[int]:
    with world.entered():
        return [add_member(f"M{number}").member_id for number in range(count)]


def meeting(world: World, buyers: Sequence[int]) -> list[Any]:
    """What each buyer's purchase answered, where all of them have done all their work before any commits."""
    all_are_done, commit = threading.Barrier(len(buyers), timeout=20), BaseDatabaseWrapper.commit
    answers: list[Any] = [None] * len(buyers)

    def meet(wrapper: BaseDatabaseWrapper) -> None:
        all_are_done.wait()
        commit(wrapper)

    def run(number: int, member: int) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
            answers[number] = buy(world, member, f"SECOND-{number}")
        except Exception as problem:
            all_are_done.abort()
            answers[number] = problem
        finally:
            connection.close()

    with mock.patch.object(BaseDatabaseWrapper, "commit", meet):
        threads = [threading.Thread(target=run, args=one) for one in enumerate(buyers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return answers


def test_two_members_do_not_wait_for_each_other(world):
    anna, ben = members(world, 2)
    for member in (anna, ben):
        buy(world, member, f"FIRST-{member}")

    answers = meeting(world, (anna, ben))

    assert names(answers) == ["Recorded", "Recorded"]
    with world.entered():
        assert Purchase.objects.count() == 4


def test_one_member_at_two_tills_does_wait(world):
    """The row that these two share is found: the test before can fail."""
    anna = members(world, 1)[0]
    buy(world, anna, "FIRST")

    answers = meeting(world, (anna, anna))

    assert "Recorded" not in names(answers)
    with world.entered():
        assert Purchase.objects.count() == 1


@pytest.mark.parametrize("purchases", [1, 20])
def test_no_row_is_written_by_the_purchases_of_two_members(world, server, purchases):
    anna, ben = members(world, 2)
    seen = []
    for member in (anna, ben):
        buy(world, member, f"FIRST-{member}")
    for member in (anna, ben):
        before = versions(server)
        with world.entered(), clock.fixed(NOW):
            services.record_purchases(
                [purchase(member, f"{member}-{number}", [(1, "12.00")]) for number in range(purchases)]
            )
        seen.append(changed(before, versions(server)))

    assert all(seen), "each changes its own wallet at least"
    assert {table for table, _row in seen[0]} == {table for table, _row in seen[1]}
    assert seen[0] & seen[1] == set()
