"""What wallets held right after an entry is read past what came before it, however much that is."""

import pytest
from django.db import connection

from loyalty.kernel import clock
from members.activity.held import _HELD
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db

CARD = "79927398713"


def test_only_what_came_later_is_read():
    shop = factories.make_program()
    member = factories.make_member(shop, card=CARD)
    with factories.entered(shop), clock.fixed(NOON), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        values = [[member.account_id], ["earn"], ["purchase:1"], [1], [None], shop.program_id]
        cursor.execute(f"EXPLAIN {_HELD}", values)
        plan = [line for (line,) in cursor.fetchall()]
    looked_into = [line for line in plan if "Index Cond" in line and "wallet_id" in line]
    assert len(looked_into) >= 1
    assert all("entry_id > a.after_id" in line for line in looked_into)
