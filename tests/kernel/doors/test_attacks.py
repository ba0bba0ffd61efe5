"""The walls under attack, by SQL and by Python that forgot everything: nothing of another program is read or written."""

import io
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

from loyalty.kernel import jobs, scope
from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import Job
from loyalty.kernel.tasks import run_job
from loyalty.kernel.wall_checks import walled_models
from programs.setup.models import PointType, Program
from tests.browser import routes
from tests.kernel.doors import test_api
from tests.kernel.doors.asking import ask, taken_back
from tests.kernel.doors.places import CANARY, Place
from tests.kernel.doors.watching import Watch

FEWEST_TABLES = 70


def column_of(model: Any) -> str:
    """The column that says whose a row is."""
    return "id" if model is Program else "program_id"


def tables() -> list[tuple[str, str]]:
    found = [(model._meta.db_table, column_of(model)) for model in walled_models()]
    assert len(found) >= FEWEST_TABLES
    return found


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def touched(statement: str, *values: Any) -> int | str:
    """How many rows a statement touches, or that it is not allowed to anybody."""
    try:
        with transaction.atomic():
            return int(sql(statement, *values)[0][0])
    except DatabaseError as problem:
        return "permission denied" if "permission denied" in str(problem) else str(problem)


def behind_the_wall(program: int) -> int:
    """How many members of another program are seen."""
    return int(sql("SELECT count(*) FROM members_member WHERE program_id = %s", program)[0][0])


@contextmanager
def refused() -> Iterator[None]:
    """The database refuses what the block does; the transaction around goes on."""
    with pytest.raises(DatabaseError), transaction.atomic():
        yield


@pytest.fixture
def inside(two: tuple[Place, Place]) -> Iterator[int]:
    """The key of the other program, from inside one's own."""
    with scope.enter([two[0].program], scope.SYSTEM):
        yield two[1].program


class TestBySql:
    def test_no_table_shows_a_row_of_the_other(self, inside):
        seen = {
            table: sql(f'SELECT count(*) FROM "{table}" WHERE {column} = %s', inside)[0][0]
            for table, column in tables()
        }

        assert {table for table, count in seen.items() if count} == set()

    def test_no_table_lets_a_row_of_the_other_be_changed_or_removed(self, inside):
        for table, column in tables():
            for statement in (
                f'UPDATE "{table}" SET {column} = {column} WHERE {column} = %s',
                f'DELETE FROM "{table}" WHERE {column} = %s',
            ):
                assert touched(statement, inside) in {0, "permission denied"}, statement

    def test_no_row_is_handed_over_to_the_other(self, inside):
        """A copy of one's own row under the other's name, and one's own row given away."""
        tried = 0
        for model in walled_models():
            if model is Program:
                continue
            names = [field.column for field in model._meta.local_concrete_fields if not field.generated]
            kept = ", ".join(f'"{name}"' for name in names)
            given = ", ".join({"program_id": str(inside), "id": "-id"}.get(name, f'"{name}"') for name in names)
            table, own = model._meta.db_table, scope.program_id()
            if not sql(f'SELECT 1 FROM "{table}" WHERE program_id = %s LIMIT 1', own):
                continue
            tried += 1
            with refused():
                sql(f'INSERT INTO "{table}" ({kept}) SELECT {given} FROM "{table}" WHERE program_id = %s LIMIT 1', own)
            with refused():
                sql(f'UPDATE "{table}" SET program_id = %s WHERE program_id = %s', inside, own)
        assert tried >= 55

    def test_copy_reads_ones_own_and_writes_nothing(self, inside):
        for table, _column in tables():
            with connection.cursor() as cursor:
                with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as stream:
                    text = b"".join(bytes(block) for block in stream)
                assert str(inside).encode() not in text, table
                assert CANARY.encode() not in text, table
        with (
            pytest.raises(psycopg.errors.FeatureNotSupported), transaction.atomic(), connection.cursor() as cursor,
            cursor.cursor.copy("COPY programs_region FROM STDIN") as stream,
        ):  # fmt: skip
            stream.write("")
        for target in ("'/tmp/rows'", "PROGRAM 'cat'"):
            with refused():
                sql(f"COPY programs_region TO {target}")

    @pytest.mark.parametrize(
        "statement",
        [
            "SET ROLE owner", "SET SESSION AUTHORIZATION owner", "ALTER TABLE members_member DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE members_member NO FORCE ROW LEVEL SECURITY", "DROP POLICY wall_read ON members_member",
            "CREATE POLICY open ON members_member USING (true)", "ALTER ROLE app BYPASSRLS", "ALTER ROLE app SUPERUSER",
            "TRUNCATE members_member CASCADE", "CREATE TABLE public.loot (a int)",
            "CREATE VIEW public.loot AS SELECT * FROM members_member", "GRANT app TO auditor", "CREATE EXTENSION dblink",
            "ALTER TABLE members_member DISABLE TRIGGER ALL", "SET session_replication_role = replica",
            "CREATE FUNCTION public.loot() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        ],
    )  # fmt: skip
    def test_the_running_role_cannot_take_the_wall_down(self, inside, statement):
        with refused():
            sql(statement)
        assert behind_the_wall(inside) == 0

    def test_switching_the_policies_off_is_an_error_and_no_way(self, inside):
        with refused():
            sql("SET LOCAL row_security = off")
            sql("SELECT count(*) FROM members_member")
        assert behind_the_wall(inside) == 0

    def test_a_condition_is_not_asked_about_rows_behind_the_wall(self, inside):
        """Else a division by zero would tell that they are there."""
        assert sql(
            "SELECT count(*) FROM members_member WHERE 1 / (CASE WHEN program_id = %s THEN 0 ELSE 1 END) = 0", inside
        ) == [(0,)]

    def test_statistics_of_the_database_show_no_values(self, inside):
        names = [table for table, _column in tables()]

        assert sql("SELECT tablename FROM pg_stats WHERE tablename = ANY(%s)", names) == []

    def test_the_role_owns_nothing_and_bypasses_nothing(self, inside):
        assert sql(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ) == [(False, False, False, False)]
        assert sql("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole AND relpersistence = 'p'") == [
            (0,)
        ]


class TestByPython:
    def test_a_filter_that_was_forgotten_finds_nothing_of_the_other(self, inside):
        for model in walled_models():
            column = "pk" if model is Program else "program_id"
            for found in (models.QuerySet(model), model._base_manager.all(), model._default_manager.all()):
                assert not found.filter(**{column: inside}).exists(), model

    def test_a_shell_without_a_scope_is_told_so_and_sees_nothing(self, two):
        told = io.StringIO()
        with pytest.raises(scope.ScopeMissing):
            call_command(
                "shell", command="from members.profiles.models import Member; Member.objects.count()", verbosity=0
            )
        code = (
            "from django.db import connection as c; k = c.cursor(); k.execute('SELECT count(*) FROM members_member'); "
        )
        with pytest.raises(SystemExit, match=r"^0$"):
            call_command("shell", command=code + "raise SystemExit(str(k.fetchone()[0]))", verbosity=0, stdout=told)

    def test_a_key_from_outside_names_nothing(self, inside, two):
        """What a page or a call forgets to check, the manager and the wall answer with nothing."""
        for name, given in two[1].things.items():
            for model in walled_models():
                public = {str(value) for value in given.values() if isinstance(value, uuid.UUID)}
                if public and any(field.name == "public_id" for field in model._meta.fields):
                    assert not models.QuerySet(model).filter(public_id__in=public).exists(), (name, model)


class TestByTask:
    def test_work_without_a_scope_is_a_mistake(self, two):
        with pytest.raises(scope.ScopeMissing):
            jobs.enqueue("lists.export", arguments={})
        with pytest.raises(scope.ScopeMissing):
            jobs.due()

    def test_a_job_of_the_other_is_not_run_from_here(self, inside, two):
        with routes.in_program(inside):
            waiting = Job.objects.filter(state="queued").earliest("pk").pk
        watch = Watch(inside)

        assert jobs.run(waiting) is False

        watch.look()
        assert watch.changed == []

    def test_a_task_with_a_made_up_number_does_nothing(self, two):
        watches = [Watch(place.program) for place in two]

        run_job(job_id=4711)

        for watch in watches:
            watch.look()
            assert watch.changed == []

    def test_a_job_of_one_program_about_a_row_of_another_finds_no_row(self, two):
        """An id in a job is no way through the wall: whoever made it up, the worker stands in the job's program."""
        own, other = two
        with routes.in_program(other.program):
            theirs = Job.objects.filter(kind="reports.run").earliest("pk").arguments
        watch = Watch(other.program)
        with routes.in_program(own.program):
            forged = jobs.enqueue("reports.run", arguments=theirs)
        with scope.enter([own.program], scope.SYSTEM):
            jobs.run(forged.pk)
            assert Job.objects.get(pk=forged.pk).state != "done"

        watch.look()
        assert watch.changed == []


def breaks_the_transaction() -> None:
    sql("SELECT 1 / 0")


def raises() -> None:
    raise ZeroDivisionError


class TestByConnection:
    @pytest.mark.parametrize("ends", [breaks_the_transaction, raises])
    def test_what_ends_badly_leaves_no_scope_behind(self, two, ends: Callable[[], None]):
        own, _other = two
        with (
            pytest.raises((ZeroDivisionError, DatabaseError)),
            transaction.atomic(),
            scope.enter([own.program], scope.SYSTEM),
        ):
            ends()

        assert not scope.is_entered()
        assert sql("SELECT current_setting('app.programs', true), current_setting('app.operator', true)")[0] in {
            ("", ""), (None, None), ("", None),
        }  # fmt: skip
        assert sql("SELECT count(*) FROM members_member") == [(0,)]

    def test_the_fault_of_the_database_itself_is_told(self, two):
        """Clearing the scope after a fault does not put another fault in its place."""
        own, _other = two
        with (
            pytest.raises(DatabaseError, match="division by zero"),
            transaction.atomic(),
            scope.enter([own.program], scope.SYSTEM),
        ):
            breaks_the_transaction()

    def test_a_setting_that_a_pool_left_on_the_connection_opens_nothing(self, two):
        """A request sets its own scope, whatever the connection did before; without one Python refuses."""
        own, other = two
        theirs, client = test_api.things(other), test_api.client_of(own, *SCOPES)
        with taken_back():
            sql(
                "SELECT set_config('app.programs', %s, false), set_config('app.operator', 'on', false)",
                f"{{{other.program}}}",
            )
            with pytest.raises(scope.ScopeMissing):
                PointType.objects.count()
            told = {test_api.send(client, name, "GET", theirs) for name in ("api-member", "api-balance", "api-voucher")}
            status, body, _headers = ask(test_api.APIClient(), "GET", "/admin/login/")

        assert {status for status, _body in told} == {404}
        assert status == 200
        assert CANARY.encode() not in body

    def test_a_scope_inside_a_scope_is_the_inner_one_alone(self, two):
        own, other = two
        with scope.enter([own.program], scope.SYSTEM), transaction.atomic():
            with pytest.raises(ZeroDivisionError), transaction.atomic(), scope.enter([other.program], scope.SYSTEM):
                raise ZeroDivisionError
            assert sql("SELECT id FROM programs_program") == [(own.program,)]
