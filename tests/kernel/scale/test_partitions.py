"""Tables that were partitioned: the same rows, walls, rights and keys, and a month's rows in a month's partition."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.test import Client

from loyalty.kernel import clock, ids, scope
from loyalty.kernel.models import OutboxEvent
from loyalty.kernel.partitions import growing, standing, switching
from loyalty.kernel.partitions.standing import month_after
from loyalty.kernel.wall_checks import check_walls
from members.ledger import invariants
from members.ledger.models import LotUse, Posting
from tests.members.world import (
    START,
    World,
    add_member,
    bring_back,
    make_world,
    purchase,
    record_purchase,
    record_return,
)
from tests.platform.leading import close_all, led_to
from tests.platform.throw_away import Server

PROJECT = Path(__file__).resolve().parents[3]
NOW = START + timedelta(hours=1)
PROVEN_ON_PARTITIONS = (
    "tests/members/ledger/test_holds.py",
    "tests/members/ledger/test_transfers.py",
    "tests/members/ledger/test_sweeps.py",
    "tests/members/ledger/test_past.py",
    "tests/members/activity/test_record_purchase.py",
    "tests/members/activity/test_api_returns.py",
    "tests/members/activity/test_races.py",
    "tests/members/activity/test_tiers.py",
    "tests/kernel/test_walls.py",
    "tests/kernel/test_append_only.py",
)


def shapes() -> dict[str, Any]:
    """Keys, indexes, triggers, policies and rights of every table that can be partitioned."""
    with connections["owner"].cursor() as cursor:
        found = {table: switching._shape(cursor, table) for table in settings.PARTITIONED}
    return {
        table: (
            shape.constraints,
            [(name, definition.replace(" ON ONLY ", " ON ")) for name, definition in shape.indexes],
            shape.triggers,
            shape.policies,
            sorted(shape.rights),
        )
        for table, shape in found.items()
    }


def books() -> list[tuple[Any, ...]]:
    return list(Posting.objects.order_by("pk").values_list())


@contextmanager
def own_database(server: Server, name: str, blocker: Any) -> Iterator[str]:
    """A copy of the template for this module in this process, with Django's aliases led to it."""
    server.copy_template(name, PROJECT)
    with blocker.unblock(), led_to(server, name):
        yield name
    with server.superuser() as superuser:
        superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def untouched(server: Server, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database in which nothing is partitioned."""
    with own_database(server, f"untouched_{os.getpid()}", django_db_blocker) as name:
        yield name


@pytest.fixture(scope="module")
def database(server: Server, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The database whose tables this module partitions."""
    with own_database(server, f"partitioned_{os.getpid()}", django_db_blocker) as name:
        yield name


@pytest.fixture(scope="module")
def switched(database: str) -> dict[str, Any]:
    """A program with its books from before, then everything partitioned; what stood before."""
    world = make_world()
    buy_and_bring_back(world, "BEFORE")
    before = {"world": world, "shapes": shapes()}
    with world.entered():
        before["books"] = books()
    close_all()
    told = StringIO()
    call_command("partition", "--all", stdout=told)
    before["told"] = told.getvalue()
    return before


@pytest.fixture
def world(switched: dict[str, Any]) -> Iterator[World]:
    with switched["world"].entered():
        yield switched["world"]


def buy_and_bring_back(world: World, number: str) -> None:
    with world.entered(), clock.fixed(NOW):
        member = add_member(number)
        record_purchase(purchase(member.member_id, number, [(1, "12.00")]))
        record_return(bring_back(number, f"B-{number}", [("1", 1)], at=NOW))


def place_of(row: Any) -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


def event_at(at: datetime) -> OutboxEvent:
    return OutboxEvent.objects.create(
        id=ids.first_of(at) + 7, type="test.happened", subject="test", subject_id=1, occurred_at=NOW
    )


class TestWhatIsRefused:
    def test_while_the_product_runs(self, untouched, server):
        with (
            psycopg.connect(server.conninfo("app", untouched)),
            pytest.raises(CommandError, match=r"Stop the product first\. Sessions that it has open: 1"),
        ):
            call_command("partition", "members_posting")
        assert standing.partitions(connections["owner"]) == {}

    def test_a_table_with_other_unique_keys(self, untouched):
        close_all()
        with pytest.raises(CommandError, match="members_purchase_line cannot be partitioned"):
            call_command("partition", "members_purchase_line")
        assert standing.partitions(connections["owner"]) == {}

    def test_rows_of_a_later_month(self, untouched):
        world = make_world(code="EARLY")
        with world.entered():
            add = event_at(clock.now())
        close_all()
        long_ago = datetime(2024, 5, 5, tzinfo=UTC)
        with pytest.raises(switching.KeysAhead):
            switching.partition_table(add._meta.db_table, at=long_ago)
        assert standing.partitions(connections["owner"]) == {}


class TestTheSwitch:
    def test_every_row_is_where_it_was(self, switched, world):
        assert books() == switched["books"]
        assert len(switched["books"]) > 0
        assert {place_of(row) for row in Posting.objects.all()} == {"members_posting_first"}

    def test_keys_indexes_triggers_walls_and_rights_are_those_of_before(self, switched):
        assert shapes() == switched["shapes"]

    @pytest.mark.parametrize("table", settings.PARTITIONED)
    def test_foreign_keys_and_indexes_of_the_first_partition_were_taken_over_not_made_again(self, switched, table):
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(*) FILTER (WHERE conparentid <> 0) FROM pg_constraint "
                "WHERE conrelid = %s::regclass AND contype = 'f'",
                [f"{table}_first"],
            )
            keys = cursor.fetchone()
            cursor.execute("SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", [f"{table}_first"])
            indexes = cursor.fetchone()[0]
        before = switched["shapes"][table]
        count = sum(kind == "f" for _name, kind, _definition in before[0])
        assert keys == (count, count)
        assert indexes == len(before[1]) + sum(kind in "pu" for _name, kind, _definition in before[0])

    def test_the_walls_stand(self, switched):
        assert list(check_walls(databases=["default"])) == []

    def test_each_table_has_the_months_ahead(self, switched):
        begins = month_after(clock.now())
        names = []
        for _ in range(growing.MONTHS_AHEAD):
            names.append(f"{begins:%Y_%m}")
            begins = month_after(begins)
        for table in settings.PARTITIONED:
            expected = ", ".join(f"{table}_{name}" for name in ("first", *names))
            assert f"{table}: {expected}\n" in switched["told"]

    def test_a_second_time_is_refused(self, switched):
        close_all()
        with pytest.raises(switching.AlreadyPartitioned):
            switching.partition_table("members_posting", at=clock.now())

    def test_the_status_tells_partitions_and_rows(self, switched):
        told = StringIO()
        call_command("partition", "--status", stdout=told)
        assert "members_posting: 4 partitions\n  members_posting_first: the beginning to " in told.getvalue()
        assert f"rows: about {len(switched['books'])}\n" in told.getvalue()


class TestPostingOnPartitions:
    def test_purchases_and_returns_balance(self, world):
        before = len(books())
        buy_and_bring_back(world, "AFTER")
        with world.entered():
            assert len(books()) > before
        assert list(invariants.check("auditor")) == []

    def test_a_row_of_the_next_month_goes_into_its_partition(self, world):
        begins = month_after(clock.now())
        row = event_at(begins)
        assert place_of(row) == f"loyalty_outbox_event_{begins:%Y_%m}"
        assert place_of(event_at(begins - timedelta(milliseconds=1))) == "loyalty_outbox_event_first"

    def test_a_row_for_which_there_is_no_partition_is_refused(self, world):
        with pytest.raises(DatabaseError, match="no partition"):
            event_at(clock.now() + timedelta(days=400))

    def test_a_key_into_another_program_is_refused(self, world, switched):
        posting = Posting.objects.filter(wallet__isnull=False).first()
        other = make_world(code="OTHER")
        with (
            other.entered(),
            pytest.raises(DatabaseError, match=r"violates foreign key|points across the wall"),
            transaction.atomic(),
        ):
            LotUse.objects.create(lot_id=posting.pk, entry_id=posting.entry_id, amount=1)

    def test_a_read_by_key_looks_into_one_partition(self, world):
        key = books()[0][0]
        with connections["default"].cursor() as cursor:
            cursor.execute("EXPLAIN SELECT * FROM members_posting WHERE id = %s", [key])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "members_posting_first" in plan
        assert "members_posting_20" not in plan


class TestWalls:
    def test_another_program_sees_nothing(self, switched):
        with scope.enter([1], scope.SYSTEM):
            assert books() == []

    @pytest.mark.parametrize("deed", ["SELECT * FROM {0}", "DELETE FROM {0}", "UPDATE {0} SET id = id"])
    def test_a_partition_is_not_reached_past_its_table(self, world, deed):
        for name in [part.name for part in standing.partitions()["members_posting"]]:
            with (
                pytest.raises(DatabaseError, match="permission denied"),
                transaction.atomic(),
                connections["default"].cursor() as cursor,
            ):
                cursor.execute(deed.format(name))

    @pytest.mark.parametrize("deed", ["DELETE FROM {0}", "UPDATE {0} SET amount = 1"])
    def test_the_ledger_stays_append_only(self, world, deed):
        for model in (Posting, LotUse):
            with (
                pytest.raises(DatabaseError, match="permission denied"),
                transaction.atomic(),
                connections["default"].cursor() as cursor,
            ):
                cursor.execute(deed.format(model._meta.db_table))

    def test_an_open_partition_fails_the_check(self, switched):
        with connections["owner"].cursor() as cursor:
            cursor.execute("GRANT SELECT ON members_posting_first TO app")
            assert [error.id for error in check_walls(databases=["default"])] == ["kernel.E003"]
            cursor.execute("REVOKE SELECT ON members_posting_first FROM app")
        assert list(check_walls(databases=["default"])) == []


class TestMonthsToCome:
    def test_are_made_once_and_closed(self, switched):
        now = clock.now()
        later = month_after(now) + timedelta(days=3)
        assert growing.add_partitions(now) == []
        made = growing.add_partitions(later)
        assert len(made) == len(settings.PARTITIONED)
        assert growing.add_partitions(later) == []
        assert list(check_walls(databases=["default"])) == []

    def test_health_tells_when_none_is_left(self, switched):
        assert Client().get("/health/ready").json() == {"status": "ok"}
        with clock.fixed(clock.now() + timedelta(days=300)):
            told = Client().get("/health/ready").json()
        assert told == {"status": "ok", "partitions_running_out": sorted(settings.PARTITIONED)}


@pytest.mark.django_db
@pytest.mark.parametrize("table", settings.PARTITIONED)
def test_every_table_of_the_list_can_be_partitioned(table):
    assert table in {model._meta.db_table for model in apps.get_models()}
    with connections["default"].cursor() as cursor:
        cursor.execute(switching._UNFIT, {"table": table})
        assert cursor.fetchone()[0] is False


@pytest.mark.proof
@pytest.mark.long
def test_the_tests_of_the_ledger_and_of_purchases_pass_on_partitions():
    environment = {**os.environ, "PARTITIONED": "1", "PROOF_SHARE": "0"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PROVEN_ON_PARTITIONS]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:]
