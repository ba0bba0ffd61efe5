"""Reads that may lag come from a streaming replica, behind the same walls; without it from the primary."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.test import Client
from prometheus_client import REGISTRY

from loyalty.kernel import clock, jobs, replica, scope
from loyalty.kernel.models import Job
from loyalty.kernel.replica import State, lagging, reads_may_lag
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.models import Purchase
from members.ledger import statements
from members.ledger.exports import ledger_csv
from members.ledger.statements import Wanted
from members.profiles.models import Member
from members.segments import drafts
from members.whatif import services as whatif
from members.whatif.models import Simulation
from programs.promotions import services as promotions
from programs.setup.models import PointType, Program
from reports.library import services as reports
from reports.library.definitions import DEFINITIONS
from reports.library.models import ReportRun
from tests.browser import people
from tests.factories import Shop, client
from tests.kernel.pages.staff import signed_in
from tests.members.world import BASE, START, World, add_member, make_world, purchase, record_purchase
from tests.platform.replicated import Pair, led_to_pair, pair

# Two servers of its own, which the ordinary suite does not wait for.
pytestmark = [pytest.mark.proof, pytest.mark.long]
Tell = Callable[[int, int], None]
NOW = START + timedelta(hours=1)


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with pair() as found:
        yield found


@pytest.fixture(scope="module")
def shops(servers: Pair, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, World]]:
    """Two programs with a purchase each, which the replica has."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, led_to_pair(servers, patch):
        made = make_world(code="NORTH"), make_world(code="SOUTH")
        for world, amount in zip(made, ("12.00", "7.00"), strict=True):
            buy(world, first_of(world), amount)
        servers.caught_up()
        yield made


@pytest.fixture
def world(shops: tuple[World, World]) -> Iterator[World]:
    """The first of them, in its scope."""
    replica.forget()
    with shops[0].entered(), clock.fixed(NOW):
        yield shops[0]


def buy(world: World, number: str, amount: str) -> None:
    with world.entered(), clock.fixed(NOW):
        member = add_member(number=number)
        record_purchase(purchase(member.member_id, number, [(1, amount)]))


def first_of(world: World) -> str:
    """The number of a program's first receipt; its member's, too."""
    return f"R{world.program_id % 1_000_000_007}"


def numbers() -> list[str]:
    return sorted(Purchase.objects.values_list("external_id", flat=True))


def is_replica() -> bool:
    with replica.connection().cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return bool(cursor.fetchone()[0])


def counted(state: State) -> float:
    return REGISTRY.get_sample_value("loyalty_replica_reads_total", {"state": state}) or 0.0


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Which reports were built, and whether from the replica."""
    found: list[tuple[str, bool]] = []
    for code, definition in list(DEFINITIONS.items()):

        def watched(request: Any, tell: Tell, code: str = code, build: Any = definition.build) -> Any:
            found.append((code, is_replica()))
            return build(request, tell)

        monkeypatch.setitem(DEFINITIONS, code, type(definition)(**{**_parts(definition), "build": watched}))
    return found


def _parts(definition: Any) -> dict[str, Any]:
    return {name: getattr(definition, name) for name in ("code", "title", "question", "icon")}


class TestWhereReadsGo:
    def test_models_and_statements_of_a_marked_block_come_from_the_replica(self, world, servers):
        servers.caught_up()
        with reads_may_lag():
            assert is_replica()
            assert Purchase.objects.get(external_id=first_of(world))._state.db == "replica"
        assert not is_replica()
        assert Purchase.objects.first()._state.db == "default"

    def test_an_open_transaction_of_the_primary_reads_from_the_primary(self, world):
        with unit_of_work(), reads_may_lag():
            assert not is_replica()
        with reads_may_lag():
            assert is_replica()
            with unit_of_work():
                assert not is_replica()
            assert is_replica()

    def test_what_a_block_writes_goes_to_the_primary(self, world, servers):
        with reads_may_lag():
            program = Program.objects.get()
            program.name = {"en": "North, renamed"}
            program.save(update_fields=["name"])
        assert Program.objects.get().name == {"en": "North, renamed"}

    def test_the_replica_refuses_to_write(self, world):
        for statement in ("UPDATE members_wallet SET active = active + 1", "CREATE TABLE mine (id int)"):
            with (
                pytest.raises(DatabaseError, match="read-only transaction"),
                reads_may_lag(),
                replica.connection().cursor() as cursor,
            ):
                cursor.execute(statement)
            replica.forget()


class TestWalls:
    def test_the_replica_shows_the_programs_of_the_scope_alone(self, shops, servers):
        servers.caught_up()
        for world, other in (shops, shops[::-1]):
            with world.entered(), reads_may_lag():
                assert is_replica()
                assert first_of(world) in numbers()
                assert first_of(other) not in numbers()

    def test_a_scope_entered_within_a_block_is_told_to_the_replica_and_taken_back(self, shops, servers):
        north, south = shops
        servers.caught_up()
        with north.entered(), reads_may_lag():
            with south.entered():
                assert numbers() == [first_of(south)]
            assert first_of(north) in numbers()
            assert first_of(south) not in numbers()

    def test_after_a_block_the_session_of_the_replica_sees_nothing(self, world):
        with reads_may_lag():
            assert numbers()
        with connections["replica"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM members_purchase")
            assert cursor.fetchone()[0] == 0


class TestReportsAndExports:
    def test_a_report_comes_from_the_replica_and_is_kept_by_the_primary(self, world, servers, seen):
        run = reports.request_report(
            report="movement", first=START.date(), last=START.date(), formats=["csv"], language="en", user=None
        )
        servers.caught_up()
        assert jobs.run(run.job.pk)

        assert seen == [("movement", True)]
        assert Job.objects.get(pk=run.job.pk).state == "done"
        assert ReportRun.objects.get(pk=run.pk).headline

    def test_the_ledger_as_csv_comes_from_the_replica_as_far_as_it_has_come(self, world, servers):
        servers.caught_up()
        before = b"".join(ledger_csv(since=None, until=None))
        with servers.replay_paused():
            buy(world, "LATE", "3.00")
            with world.entered():
                with reads_may_lag():
                    assert is_replica()
                    late = b"".join(ledger_csv(since=None, until=None))
                whole = b"".join(ledger_csv(since=None, until=None))
        assert late == before
        assert len(whole.splitlines()) > len(before.splitlines())


class TestFallingBack:
    def test_a_replica_too_far_behind_is_not_read_from(self, world, servers, settings):
        servers.caught_up()
        behind = counted(State.BEHIND)
        with servers.replay_paused():
            buy(world, "BEHIND", "4.00")
            settings.REPLICA_MOST_LAG = 0
            with world.entered(), reads_may_lag():
                assert not is_replica()
                assert "BEHIND" in numbers()
            assert Client().get("/health/ready").json() == {"status": "ok", "replica": "behind"}
        assert counted(State.BEHIND) == behind + 1
        servers.caught_up()
        with world.entered(), reads_may_lag():
            assert is_replica()

    def test_a_replica_that_has_become_a_primary_is_not_read_from(self, world, servers, monkeypatch):
        with connections["replica"].cursor() as cursor:
            cursor.execute("SELECT 1")
        monkeypatch.setitem(connections.settings, "replica", connections.settings["default"])
        connections["replica"].close()
        del connections["replica"]
        assert replica.state() == State.AWAY
        del connections["replica"]

    def test_without_the_replica_everything_comes_from_the_primary(self, world, servers, seen):
        servers.standby.stop()
        try:
            away = counted(State.AWAY)
            with reads_may_lag():
                assert not is_replica()
                assert first_of(world) in numbers()
            assert counted(State.AWAY) == away + 1
            assert Client().get("/health/ready").json() == {"status": "ok", "replica": "away"}
        finally:
            servers.standby.start()
        servers.caught_up()
        replica.forget()
        assert Client().get("/health/ready").json() == {"status": "ok", "replica": "ready"}

    def test_a_replica_that_breaks_off_in_the_middle_is_read_again_from_the_primary(self, world, servers):
        tried: list[bool] = []

        def read() -> list[str]:
            tried.append(is_replica())
            if tried[-1]:
                servers.standby.stop()
            return numbers()

        try:
            found = lagging(read)
        finally:
            servers.standby.start()
        assert tried == [True, False]
        assert first_of(world) in found

    def test_what_the_primary_refuses_is_not_tried_twice(self, world):
        tried: list[int] = []

        def read() -> None:
            tried.append(1)
            with transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

        with pytest.raises(DatabaseError, match="division by zero"):
            lagging(read)
        assert tried == [1]


class TestDoors:
    """What a person or a machine asks for, through its door, with the statements that the replica was sent."""

    @pytest.fixture
    def sent(self, world: World, servers: Pair) -> Iterator[list[str]]:
        found: list[str] = []

        def note(execute: Any, sql: Any, *rest: Any) -> Any:
            found.append(str(sql))
            return execute(sql, *rest)

        with connections["replica"].execute_wrapper(note):
            yield found

    def test_the_dashboard(self, world, servers, sent):
        analyst = signed_in(people.make_staff(world.program_id, "analyst"))
        servers.caught_up()
        assert analyst.get("/admin/").status_code == 200
        assert any("count(DISTINCT member_id)" in sql for sql in sent)

    def test_a_list_as_a_file(self, world, servers, sent):
        marketer = signed_in(people.make_staff(world.program_id, "marketer"))
        assert marketer.post("/admin/programs_catalog/product/export/", {"format": "csv"}).status_code == 302
        servers.caught_up()
        with world.entered():
            job = Job.objects.filter(kind="lists.export").latest("pk")
            assert jobs.run(job.pk)
            assert Job.objects.get(pk=job.pk).state == "done"
        assert any("programs_product" in sql for sql in sent)

    def test_counting_a_segment_before_it_is_saved(self, world, servers, sent):
        servers.caught_up()
        count = drafts.shown({}).count
        assert count is not None
        assert (count.members, count.chosen) == (Member.objects.count(), Member.objects.count())
        assert any("FROM judged" in sql for sql in sent)

    def test_a_simulation(self, world, servers, sent):
        version = promotions.write_promotion(code="DRAFT", name={"en": "Draft"}, document=BASE)
        asked = whatif.request_simulation(code="DRAFT", days=30, user=None)
        servers.caught_up()
        with clock.fixed(NOW + timedelta(days=1)):
            assert jobs.run(asked.job_id)
        assert Simulation.objects.get(pk=asked.pk).result["purchases"] == Purchase.objects.count()
        assert version.number == 1
        assert any("members_purchase_line" in sql for sql in sent)

    def test_a_long_statement(self, world, servers, sent):
        user = people.make_staff(world.program_id, "agent")
        member = Member.objects.order_by("pk").first()
        job = statements.ask_statement(Wanted(member, START.date(), START.date(), "csv"), user=user)
        servers.caught_up()
        assert jobs.run(job.pk)
        assert Job.objects.get(pk=job.pk).state == "done"
        assert any("members_posting" in sql for sql in sent)

    def test_the_ledger_over_the_api(self, world, servers, sent):
        api = client(Shop(world.program_id, {}), "exports.read")
        servers.caught_up()
        with servers.replay_paused():
            buy(world, "UNSEEN", "3.00")
            answer = api.get("/api/v1/exports/ledger", headers={"Accept": "text/csv"})
            rows = b"".join(answer.streaming_content)
        assert answer.status_code == 200
        assert first_of(world).encode() in rows
        assert b"UNSEEN" not in rows

    def test_a_balance_is_that_of_the_primary(self, world, servers, sent):
        api = client(Shop(world.program_id, {}), "members.read")
        with servers.replay_paused():
            with world.entered(), clock.fixed(NOW):
                add_member("FRESH", card="79927398713")
            answer = api.get("/api/v1/members/card:79927398713/balance")
        assert answer.status_code == 200
        assert sent == []


def test_point_types_of_no_scope_are_not_read_from_the_replica(shops, servers):
    servers.caught_up()
    replica.forget()
    with scope.enter([], scope.SYSTEM), reads_may_lag():
        assert is_replica()
        assert not PointType.objects.exists()
