"""The suite's own database: who connects, and what a test leaves to the next."""

import psycopg
import pytest
from django.contrib.auth.models import Permission
from django.db import connections, transaction
from django.db.utils import ProgrammingError
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule

from tests.platform import cleaning
from tests.platform.throw_away import Server


@pytest.mark.django_db(databases=["default", "owner", "auditor"])
def test_each_alias_connects_as_its_role() -> None:
    found = {}
    for alias in ("default", "owner", "auditor"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_user")
            found[alias] = cursor.fetchone()[0]

    assert found == {"default": "app", "owner": "owner", "auditor": "auditor"}


@pytest.mark.django_db
def test_the_product_cannot_create_tables() -> None:
    with pytest.raises(ProgrammingError, match="permission denied for schema public"), transaction.atomic():
        connections["default"].cursor().execute("CREATE TABLE mine (id int)")


class TestCleaning:
    """Runs twice over the same tables: what the first writes and deletes, the second must not see."""

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("turn", [1, 2])
    def test_starts_from_the_rows_of_the_migrations(self, turn: int) -> None:
        assert not IntervalSchedule.objects.exists()
        assert Permission.objects.filter(codename="add_intervalschedule").exists()

        IntervalSchedule.objects.create(every=turn, period="seconds")
        Permission.objects.filter(codename="add_intervalschedule").delete()
        assert not Permission.objects.filter(codename="add_intervalschedule").exists()

    @pytest.mark.django_db(transaction=True)
    def test_names_a_connection_that_holds_rows_locked(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        name = connections["default"].settings_dict["NAME"]
        CrontabSchedule.objects.create(minute="5")
        monkeypatch.setattr(cleaning, "LOCK_TIMEOUT", "100ms")

        with psycopg.connect(server.conninfo("app", name), application_name="forgotten") as other:
            other.execute("SELECT FROM django_celery_beat_crontabschedule FOR UPDATE")
            with server.superuser(name) as superuser, pytest.raises(AssertionError, match="forgotten"):
                cleaning.clean(superuser)
            other.rollback()
            with server.superuser(name) as superuser:
                cleaning.clean(superuser)

        assert not CrontabSchedule.objects.exists()
        assert not ClockedSchedule.objects.exists()
