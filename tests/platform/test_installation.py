"""The embedded database as the product finds it."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from loyalty.platform.installation import Installation
from loyalty.platform.places import Places
from loyalty.platform.problem import Problem

pytestmark = pytest.mark.pure


@pytest.fixture
def installation(places: Places) -> Iterator[Installation]:
    made = Installation.of(places)
    made.start()
    yield made
    made.cluster.stop()


def tables(installation: Installation) -> list[str]:
    with psycopg.connect(installation.conninfo("owner")) as owner:
        found = owner.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relowner = 'owner'::regrole")
        return [row[0] for row in found]


def create(installation: Installation, statement: str) -> None:
    with psycopg.connect(installation.conninfo("owner")) as owner:
        owner.execute(statement)


def test_tells_the_product_how_to_connect_as_each_role(installation: Installation, places: Places) -> None:
    installation.install_broker()
    told = json.loads((places.var / "environment.json").read_text())
    addresses = ("DATABASE_URL", "MIGRATE_DATABASE_URL", "AUDITOR_DATABASE_URL", "BROKER_CONNINFO")

    found = []
    for name in addresses:
        with psycopg.connect(told[name]) as connection:
            found.append(connection.execute("SELECT current_user, current_database()").fetchone())

    assert found == [("app", "loyalty"), ("owner", "loyalty"), ("auditor", "loyalty"), ("broker", "loyalty")]
    assert set(told) - set(addresses) == {"BROKER_URL", "SECRET_KEY", "FIELD_KEYS"}
    assert told["BROKER_URL"] == "pgmq://"


def test_a_second_start_changes_nothing(installation: Installation, places: Places) -> None:
    create(installation, "CREATE TABLE kept (id int)")
    before = (places.var / "environment.json").stat().st_mtime_ns

    second = Installation.of(places)
    second.start()

    assert second.cluster.is_attached
    assert tables(second) == ["kept"]
    assert (places.var / "environment.json").stat().st_mtime_ns == before


def test_starting_what_runs_already_keeps_hold_of_it(installation: Installation) -> None:
    installation.start()

    assert not installation.cluster.is_attached


def test_knows_whether_there_is_a_program(installation: Installation) -> None:
    assert not installation.holds_programs()
    create(installation, "CREATE TABLE programs_program (id int)")
    assert not installation.holds_programs()
    create(installation, "INSERT INTO programs_program VALUES (1)")
    assert installation.holds_programs()


class TestDemo:
    def test_that_was_cut_short_begins_anew(self, installation: Installation) -> None:
        def fill_halfway() -> None:
            with installation.filling_with_demo():
                create(installation, "CREATE TABLE half (id int)")
                raise Problem("cut")

        with pytest.raises(Problem, match="cut"):
            fill_halfway()

        assert installation.drop_half_filled()
        installation.start()

        assert tables(installation) == []
        assert not installation.drop_half_filled()

    def test_that_was_loaded_stays(self, installation: Installation) -> None:
        with installation.filling_with_demo():
            create(installation, "CREATE TABLE whole (id int)")

        assert not installation.drop_half_filled()
        assert tables(installation) == ["whole"]
