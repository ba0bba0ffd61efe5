"""The night's sweeps: points become usable and expire, once, for all accounts or for some of them."""

from datetime import timedelta

import pytest
from django.db import connection

from loyalty.kernel import clock
from members.ledger import invariants, services
from members.ledger.models import Entry
from tests.members.world import START, add_member, make_world, purchase, record_purchase, wallet_of

pytestmark = pytest.mark.django_db(databases=["default", "auditor"])

LATER = START + timedelta(days=60)


@pytest.fixture
def accounts():
    """Two accounts, each with 60 points at once and 10 after five days."""
    world = make_world()
    with world.entered(), clock.fixed(START + timedelta(hours=1)):
        members = [add_member("M1"), add_member("M2")]
        for number, member in enumerate(members):
            record_purchase(purchase(member.member_id, f"R{number}", [(1, "60.00")]))
        yield [member.account_id for member in members]


def balances(accounts) -> list[tuple[int, int]]:
    return [(wallet_of(account).active, wallet_of(account).pending) for account in accounts]


def test_a_sweep_of_some_accounts_leaves_the_others_alone(accounts):
    first, second = accounts

    assert services.activate_due(at=START + timedelta(days=5), accounts=[first]) == 1
    assert balances(accounts) == [(70, 0), (60, 10)]

    assert services.expire_due(at=LATER, accounts=[second]) == 2
    assert balances(accounts) == [(70, 0), (0, 0)]

    assert services.activate_due(at=LATER, accounts=[]) == services.expire_due(at=LATER, accounts=[]) == 0
    assert list(invariants.check("default")) == []


def test_a_sweep_of_all_takes_what_is_left_and_then_nothing(accounts):
    services.activate_due(at=LATER, accounts=accounts[:1])

    assert (services.activate_due(at=LATER), services.expire_due(at=LATER)) == (1, 4)
    assert (services.activate_due(at=LATER), services.expire_due(at=LATER)) == (0, 0)
    assert balances(accounts) == [(0, 0), (0, 0)]
    assert list(invariants.check("default")) == []


def test_all_that_counts_from_one_instant_is_one_entry_however_small_the_chunks(accounts):
    first = wallet_of(accounts[0])
    again = purchase(first.account.members.get().member_id, "R9", [(1, "60.00")])
    record_purchase(again)

    assert services.activate_due(at=LATER, limit=1) == 2
    assert balances(accounts) == [(140, 0), (60, 10)]
    assert Entry.objects.filter(kind="activate", account=first.account).count() == 1

    assert services.activate_due(at=LATER, limit=1) == 1
    assert services.activate_due(at=LATER, limit=1) == 0
    assert list(invariants.check("default")) == []


def test_lots_of_several_ends_and_states_expire_at_once_each_with_an_entry_of_its_end(accounts):
    first = wallet_of(accounts[0])
    ends = sorted(first.lots.values_list("expires_at", flat=True))

    assert services.expire_due(at=LATER, accounts=accounts[:1]) == 2

    entries = Entry.objects.filter(kind="expire", account=first.account).order_by("effective_at")
    assert [entry.effective_at for entry in entries] == ends
    legs = [sorted(entry.postings.values_list("bucket", "amount")) for entry in entries]
    assert sorted(legs) == [[("active", -60), ("expired", 60)], [("expired", 10), ("pending", -10)]]
    after = wallet_of(accounts[0])
    assert (after.active, after.pending, after.version) == (0, 0, first.version + 2)
    assert list(first.lots.values_list("remaining", "is_open")) == [(0, False), (0, False)]
    assert list(invariants.check("default")) == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])
def test_many_lots_expire_in_two_lanes_once():
    world = make_world()
    with world.entered(), clock.fixed(START + timedelta(hours=1)):
        members = [add_member(f"M{number}") for number in range(12)]
        for number, member in enumerate(members):
            record_purchase(purchase(member.member_id, f"R{number}", [(1, "60.00")]))
    with world.entered():
        assert not connection.in_atomic_block

        # Two lots a member; the first chunk shows that there are many.
        assert services.expire_all_due(at=LATER, limit=2) == 24
        assert services.expire_all_due(at=LATER, limit=2) == 0

        assert {(wallet_of(one.account_id).active, wallet_of(one.account_id).pending) for one in members} == {(0, 0)}
        assert list(invariants.check("auditor")) == []
