"""What was taken in before is looked up name by name, also in a table of which the planner knows nothing yet."""

import pytest
from django.db import connection

from members.activity import received
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = [("till", f"receipt-{number}") for number in range(500)]


def filled(shop: factories.Shop) -> None:
    """As many purchases as a first file brings before anybody counts them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_received (program_id, source, kind, external_id, fact_id, body_hash) "
            "SELECT %s, 'till', 'purchase', 'receipt-' || n, n, sha256(n::text::bytea) FROM generate_series(1, 16000) n",
            [shop.program_id],
        )


def test_no_name_is_compared_with_every_row():
    shop = factories.make_program()
    with factories.entered(shop), connection.cursor() as cursor:
        filled(shop)
        cursor.execute(f"EXPLAIN {received._PURCHASES}", received._asked(NAMES))
        plan = [line for (line,) in cursor.fetchall()]
    looked_into = [line for line in plan if "Index Cond" in line and "program_id" in line]
    assert len(looked_into) == 1
    assert "external_id" in looked_into[0]


def test_what_another_program_was_told_is_not_found():
    shop, other = factories.make_program("ONE"), factories.make_program("TWO")
    with factories.entered(other):
        filled(other)
        assert len(received.purchases(NAMES)) == 499
    with factories.entered(shop):
        assert received.purchases(NAMES) == {}
