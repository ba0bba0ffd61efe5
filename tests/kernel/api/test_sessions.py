"""The first question of a request finds out whether the session of the database still lives."""

import pytest
from django.db import DatabaseError, connection, connections, transaction

from loyalty.kernel import scope
from loyalty.kernel.api import sessions
from tests import factories

CARD = "79927398713"


def pid() -> int:
    assert connection.connection is not None
    found: int = connection.connection.info.backend_pid
    return found


def end_session() -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid()])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
class TestALostSession:
    def test_is_opened_anew_and_the_request_is_answered(self):
        shop = factories.make_program(point_types=(("POINTS", 0),))
        factories.make_member(shop, card=CARD)
        api = factories.client(shop, "members.read")
        address = f"/api/v1/members/card:{CARD}/balance"
        first, before = api.get(address), pid()
        end_session()

        again = api.get(address)

        assert (first.status_code, again.status_code) == (200, 200)
        assert first.content == again.content
        assert pid() != before

    def test_is_not_asked_again_inside_a_scope(self):
        shop = factories.make_program()
        with scope.enter([shop.program_id], scope.SYSTEM):
            end_session()
            with pytest.raises(DatabaseError):
                sessions.first_row("SELECT 1", [])

        assert sessions.first_row("SELECT 1", []) == (1,)

    def test_is_not_asked_again_inside_a_transaction(self):
        connection.ensure_connection()

        @transaction.atomic
        def ask() -> None:
            end_session()
            sessions.first_row("SELECT 1", [])

        with pytest.raises(DatabaseError):
            ask()

        assert sessions.first_row("SELECT 1", []) == (1,)

    def test_is_told_from_a_question_that_cannot_be_answered(self):
        connection.ensure_connection()
        before = pid()

        with pytest.raises(DatabaseError):
            sessions.first_row("SELECT 1 / %s", [0])

        assert pid() == before


@pytest.mark.django_db
def test_a_balance_takes_five_statements(django_assert_num_queries):
    shop = factories.make_program(point_types=(("POINTS", 0), ("STATUS", 0)))
    factories.make_member(shop, card=CARD)
    api = factories.client(shop, "members.read")

    # The key, the scope, who it is, what they hold, the end of the scope.
    with django_assert_num_queries(5):
        assert api.get(f"/api/v1/members/card:{CARD}/balance").status_code == 200
