"""The walls between programs, seen from the role that runs the product."""

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from loyalty.kernel import ids, scope, walls
from loyalty.kernel.models import AuditRecord
from loyalty.kernel.wall_checks import check_walls, walled_models
from members.profiles.models import Member
from programs.catalog.models import Category, Location, Product
from programs.setup.models import PointType, Program, Region

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])


def make_program(code: str) -> int:
    key = ids.take(1)[0]
    with scope.enter([key], scope.SYSTEM):
        Program.objects.create(id=key, code=code, name={"en": code}, currency="USD", timezone="UTC")
        PointType.objects.create(code="POINTS", name={"en": "points"})
    return key


@pytest.fixture
def two_programs() -> tuple[int, int]:
    return make_program("ONE"), make_program("TWO")


def count_by_sql(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


class TestReading:
    def test_a_query_without_scope_is_a_mistake(self):
        with pytest.raises(scope.ScopeMissing):
            PointType.objects.count()

    def test_raw_sql_without_scope_sees_nothing(self, two_programs):
        assert count_by_sql("programs_point_type") == 0
        assert count_by_sql("programs_program") == 0

    def test_raw_sql_sees_the_program_in_scope_only(self, two_programs):
        one, two = two_programs
        with scope.enter([one], scope.SYSTEM):
            assert count_by_sql("programs_point_type") == 1
            assert not Program.objects.filter(pk=two).exists()
        with scope.enter([one, two], scope.SYSTEM):
            assert count_by_sql("programs_point_type") == 2

    def test_a_connection_used_again_sees_nothing_of_the_scope_before(self, two_programs):
        one, _two = two_programs
        with pytest.raises(ZeroDivisionError), scope.enter([one], scope.SYSTEM):
            raise ZeroDivisionError
        assert not scope.is_entered()
        assert count_by_sql("programs_point_type") == 0

    def test_an_inner_scope_gives_the_outer_one_back(self, two_programs):
        one, two = two_programs
        with scope.enter([one], scope.SYSTEM):
            with scope.enter([two], scope.SYSTEM):
                assert list(Program.objects.values_list("pk", flat=True)) == [two]
            assert list(Program.objects.values_list("pk", flat=True)) == [one]
            assert count_by_sql("programs_point_type") == 1

    def test_a_scope_that_the_database_was_not_told_shows_nothing_until_it_is(self, two_programs):
        one, two = two_programs
        with scope.enter([one], scope.SYSTEM, is_told=False):
            assert scope.program_id() == one
            assert (PointType.objects.count(), count_by_sql("programs_point_type")) == (0, 0)
            with scope.told():
                assert (PointType.objects.count(), count_by_sql("programs_point_type")) == (1, 1)
            assert count_by_sql("programs_point_type") == 0
            with scope.enter([two], scope.SYSTEM):
                assert list(Program.objects.values_list("pk", flat=True)) == [two]
            # What was told is taken back to what was told before, which is nothing.
            assert count_by_sql("programs_point_type") == 0
            with pytest.raises(DatabaseError), transaction.atomic():
                Region.objects.create(program_id=one, code="EAST", name={"en": "East"})
        with scope.enter([two], scope.SYSTEM), scope.enter([one], scope.SYSTEM, is_told=False):
            # The session goes on showing what it was told, the manager asks for what it was not.
            assert (PointType.objects.count(), count_by_sql("programs_point_type")) == (0, 1)
        assert not scope.is_entered()

    def test_the_auditor_sees_all_and_writes_nothing(self):
        with connections["auditor"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM programs_program")
        with pytest.raises(DatabaseError), connections["auditor"].cursor() as cursor:
            cursor.execute("DELETE FROM programs_program")


class TestWriting:
    def test_a_row_of_another_program_cannot_be_written(self, two_programs):
        one, two = two_programs
        with scope.enter([one], scope.SYSTEM):
            with pytest.raises(DatabaseError), transaction.atomic():
                Region(program_id=two, code="EAST", name={"en": "East"}).save()
            Region(program_id=one, code="EAST", name={"en": "East"}).save()
            assert Region.objects.count() == 1

    def test_a_row_of_another_program_cannot_be_changed_or_deleted_by_sql(self, two_programs):
        one, two = two_programs
        with scope.enter([one], scope.SYSTEM), connection.cursor() as cursor:
            cursor.execute("UPDATE programs_point_type SET code = 'STOLEN' WHERE program_id = %s", [two])
            assert cursor.rowcount == 0
            cursor.execute("DELETE FROM programs_point_type WHERE program_id = %s", [two])
            assert cursor.rowcount == 0
        with scope.enter([two], scope.SYSTEM):
            assert PointType.objects.get().code == "POINTS"

    def test_a_key_cannot_point_across_the_wall(self, two_programs):
        one, two = two_programs
        with scope.enter([two], scope.SYSTEM):
            region = Region.objects.create(code="WEST", name={"en": "West"})
        with scope.enter([one], scope.SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
            Member(number="1", region_id=region.pk, enrolled_at="2026-01-01T00:00Z").save()

    def test_a_shared_row_is_read_by_all_and_written_by_the_operator(self, two_programs):
        one, two = two_programs
        with scope.enter([one], scope.SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
            Category(program=None, code="all", name="All").save()
        with scope.enter([one], scope.SYSTEM, is_operator=True):
            Category(program=None, code="all", name="All").save()
        with scope.enter([two], scope.SYSTEM):
            assert Category.objects.get().code == "all"

    def test_a_key_to_anothers_shared_kind_of_row_is_refused(self, two_programs):
        one, two = two_programs
        with scope.enter([two], scope.SYSTEM):
            theirs = Category.objects.create(program_id=two, code="theirs", name="Theirs")
        with scope.enter([one], scope.SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
            Product.objects.create(program_id=one, sku="1", name="One", category_id=theirs.pk)

    def test_the_audit_trail_is_never_changed(self, two_programs):
        one, _two = two_programs
        with scope.enter([one], scope.SYSTEM):
            AuditRecord.objects.create(
                program_id=one, actor_kind="system", actor_label="system", action="x.done", object_kind="x",
                object_id="1", object_label="x",
            )  # fmt: skip
            with pytest.raises(DatabaseError), transaction.atomic():
                AuditRecord.objects.update(action="x.undone")
            with pytest.raises(DatabaseError), transaction.atomic():
                AuditRecord.objects.all().delete()
            assert AuditRecord.objects.get().action == "x.done"


class TestCompleteness:
    def test_every_program_table_has_its_wall(self):
        assert check_walls(databases=["default"]) == []
        assert len(walled_models()) > 20

    @pytest.mark.django_db(transaction=True, databases=["default", "owner"])
    @pytest.mark.parametrize(
        ("model", "taken_down", "named"),
        [
            (Location, "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", "{table} has no wall"),
            (Location, "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", "{table} has no wall"),
            (Location, "DROP POLICY wall_change ON {table}", "{table} has no wall"),
            (Location, "DROP TRIGGER wall_{table}_region_id_all ON {table}", "{table}.region_id may point across"),
            (Location, "ALTER TABLE {table} DISABLE TRIGGER wall_{table}_region_id", "{table}.region_id may point across"),
            (Member, "ALTER TABLE {table} DROP CONSTRAINT wall_{table}_region_id", "{table}.region_id may point across"),
        ],
    )  # fmt: skip
    def test_a_wall_that_was_taken_down_is_named(self, model, taken_down, named):
        # Keys of other tables lean on the wall of members: it stays.
        wall = walls.wall_statements(model) if model is Location else ()
        with connections["owner"].cursor() as cursor:
            cursor.execute(taken_down.format(table=model._meta.db_table))
        try:
            told = [problem.msg for problem in run_checks(databases=["default"], tags=["database"])]
            assert len(told) == 1
            assert named.format(table=model._meta.db_table) in told[0]
        finally:
            with connections["owner"].cursor() as cursor:
                for statement in (*wall, *walls.key_statements(model)):
                    cursor.execute(statement)

    def test_a_data_migration_that_forgets_the_program_cannot_point_across(self, two_programs):
        """The owner of the tables sees all programs; the keys hold for it as for everybody."""
        one, two = ids.take(2)
        owner = "owner"
        with scope.enter([one, two], scope.SYSTEM, is_operator=True), transaction.atomic(using=owner):
            for key in (one, two):
                Program.objects.using(owner).create(
                    id=key, code=f"P{key % 1000}", name={"en": "x"}, currency="USD", timezone="UTC"
                )
            theirs = Region.objects.using(owner).create(program_id=two, code="WEST", name={"en": "West"})
            mine = Member.objects.using(owner).create(program_id=one, number="1", enrolled_at="2026-01-01T00:00Z")
            with pytest.raises(IntegrityError), transaction.atomic(using=owner):
                Member.objects.using(owner).filter(pk=mine.pk).update(region_id=theirs.pk)
            transaction.set_rollback(True, using=owner)
