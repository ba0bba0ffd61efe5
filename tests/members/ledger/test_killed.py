"""A sweep of points that end, killed by the machine: the one after it goes on, and nothing expires twice."""

from datetime import timedelta

import pytest

from loyalty.kernel import clock
from members.ledger import invariants, services
from members.ledger.models import Entry, Lot, LotUse
from tests import another_process
from tests.members.world import START, add_member, make_world, purchase, record_purchase, wallet_of

LATER = START + timedelta(days=60)
MEMBERS = 300
LOTS = 2 * MEMBERS
KILLS = 3

# Small chunks, so that it dies between two of them, in both lanes.
SWEEP = """
import sys, django
django.setup()
from datetime import datetime
from loyalty.kernel import scope
from members.ledger import services
with scope.enter([int(sys.argv[1])], scope.SYSTEM):
    services.expire_all_due(at=datetime.fromisoformat(sys.argv[2]), limit=2)
"""


@pytest.mark.proof
@pytest.mark.long
@pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])
def test_killed_three_times_and_gone_on_with():
    world = make_world()
    with world.entered(), clock.fixed(START + timedelta(hours=1)):
        members = [add_member(f"M{number}") for number in range(MEMBERS)]
        for number, member in enumerate(members):
            record_purchase(purchase(member.member_id, f"R{number}", [(1, "60.00")]))
    with world.entered():
        assert Lot.objects.filter(is_open=True).count() == LOTS
        expired = [0]
        for _time in range(KILLS):
            sweep = another_process.start(SWEEP, world.program_id, LATER.isoformat())
            another_process.kill_when(sweep, lambda: LotUse.objects.count() > expired[-1])
            expired.append(LotUse.objects.count())
            assert list(invariants.check("auditor")) == []
        assert 0 < expired[1] < expired[2] < expired[3] < LOTS

        assert services.expire_all_due(at=LATER) == LOTS - expired[-1]
        assert services.expire_all_due(at=LATER) == 0

        assert LotUse.objects.count() == LOTS
        assert Entry.objects.filter(kind="expire").count() == LOTS
        assert {(wallet_of(one.account_id).active, wallet_of(one.account_id).pending) for one in members} == {(0, 0)}
        assert list(invariants.check("auditor")) == []
