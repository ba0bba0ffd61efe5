"""The self-audit: a planted fault is found and named, the wallet concerned is frozen, and released once it is whole."""

import gzip
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.urls import reverse

from loyalty.kernel import clock, jobs, scope, sealing
from loyalty.kernel.models import AuditRecord, Job
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import chain, operations, proofs, tasks
from members.ledger.chain import ENTRIES
from members.ledger.models import Breach, Entry, EntrySeal, Wallet
from tests.browser import people
from tests.kernel.pages.staff import signed_in
from tests.members.world import START, add_member, make_world, purchase, record_purchase, wallet_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])
NOW = START + timedelta(hours=1)


@pytest.fixture
def world():
    """Two members with 20 points each, from an entry each."""
    made = make_world()
    with made.entered(), clock.fixed(NOW):
        made_members = [add_member("M1"), add_member("M2")]
        for number, member in enumerate(made_members):
            record_purchase(purchase(member.member_id, f"R{number}", [(1, "20.00")]))
        yield made, made_members


def as_owner(statement: str, *values: object) -> None:
    """What no role of the product may, but an administrator of the database can."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def proved() -> dict:
    proofs.ask()
    job = Job.objects.filter(kind=proofs.JOB_KIND).latest("pk")
    assert jobs.run(job.pk)
    job.refresh_from_db()
    return job.result


def test_a_whole_ledger_is_whole(world):
    made, _members = world
    assert sealing.seal_due(made.program_id, ENTRIES) == 2
    result = proved()
    assert (result["findings"], result["sealed"], result["frozen"]) == (0, 2, 0)
    assert not Breach.objects.exists()


def test_a_point_too_many_is_found_named_and_its_wallet_alone_frozen(world):
    _made, (first, second) = world
    wallet = wallet_of(first.account_id)
    as_owner("UPDATE members_wallet SET active = active + 1 WHERE id = %s", wallet.pk)

    assert proved()["frozen"] == 1

    assert set(Breach.objects.values_list("invariant", "wallet_id")) >= {("L08", wallet.pk), ("L11", wallet.pk)}
    assert list(Wallet.objects.filter(is_frozen=True)) == [wallet]
    cause = operations.Cause("redemption", None, "s")
    with pytest.raises(operations.WalletFrozen), unit_of_work():
        operations.spend(wallet.pk, 5, cause=cause, at=NOW)
    with unit_of_work():
        operations.spend(wallet_of(second.account_id).pk, 5, cause=cause, at=NOW)
    assert AuditRecord.objects.filter(action="wallet.frozen", object_id=str(wallet.pk)).count() == 1


def test_what_was_found_before_is_not_noted_again_and_is_closed_when_it_is_gone(world):
    _made, (first, _second) = world
    wallet = wallet_of(first.account_id)
    as_owner("UPDATE members_wallet SET active = active + 1 WHERE id = %s", wallet.pk)
    proved()
    noted = Breach.objects.count()
    assert proved()["frozen"] == 0
    assert Breach.objects.count() == noted

    with pytest.raises(proofs.StillBroken):
        proofs.release_wallet(wallet_id=wallet.pk, reason="looked at")
    assert wallet_of(first.account_id).is_frozen

    as_owner("UPDATE members_wallet SET active = active - 1 WHERE id = %s", wallet.pk)
    proved()
    assert not Breach.objects.filter(resolved_at=None).exists()
    proofs.release_wallet(wallet_id=wallet.pk, reason="a restored backup")
    assert not wallet_of(first.account_id).is_frozen
    with pytest.raises(proofs.NotFrozen):
        proofs.release_wallet(wallet_id=wallet.pk, reason="again")


def test_an_edited_posting_breaks_the_sums_and_the_seal(world):
    _made, (first, _second) = world
    tasks.sweep_seals()
    entry = Entry.objects.get(account_id=first.account_id)
    as_owner("UPDATE members_posting SET amount = amount + 1 WHERE entry_id = %s AND bucket = 'active'", entry.pk)
    proved()
    broken = dict(Breach.objects.values_list("invariant", "facts"))
    assert broken["chain"] == {"broken": 1}
    assert broken["L01"]["entry"] == entry.pk
    assert wallet_of(first.account_id).is_frozen


def test_an_edited_note_breaks_the_seal_alone(world):
    tasks.sweep_seals()
    as_owner("UPDATE members_entry SET note = 'x' WHERE id = %s", Entry.objects.order_by("pk").first().pk)
    proved()
    assert list(Breach.objects.values_list("invariant", "facts")) == [("chain", {"broken": 1})]
    assert not Wallet.objects.filter(is_frozen=True).exists()


def test_new_entries_go_under_the_next_seal_once(world):
    made, (first, _second) = world
    tasks.sweep_seals()
    tasks.sweep_seals()
    record_purchase(purchase(first.member_id, "R9", [(1, "5.00")]))
    tasks.sweep_seals()
    assert [len(seal.records) for seal in EntrySeal.objects.order_by("position")] == [2, 1]
    assert list(sealing.verify(made.program_id, ENTRIES)) == [2, 3]


def test_a_copy_is_checked_without_the_database(world, tmp_path):
    made, _members = world
    out = StringIO()
    call_command("verify_ledger", "--seal", "--copy", str(tmp_path), stdout=out)
    copy = tmp_path / f"ledger-{made.program_id}.jsonl.gz"
    assert f"program {made.program_id}: 2 entries under 1 seals" in out.getvalue()

    again = StringIO()
    with scope.enter([], scope.SYSTEM):
        call_command("verify_ledger", "--file", str(copy), stdout=again)
    assert again.getvalue() == out.getvalue()

    text = gzip.decompress(copy.read_bytes()).decode()
    copy.write_bytes(gzip.compress(text.replace('\\"active\\", null, 20', '\\"active\\", null, 21', 1).encode()))
    with pytest.raises(CommandError):
        call_command("verify_ledger", "--file", str(copy), stdout=StringIO(), stderr=StringIO())

    copy.write_bytes(gzip.compress(text.encode())[:-30])
    with pytest.raises(chain.CopyUnreadable):
        chain.check_copy(copy)


def test_the_page_tells_what_was_found_and_releases(world):
    made, (first, _second) = world
    wallet = wallet_of(first.account_id)
    client = signed_in(people.make_staff(made.program_id, "supervisor"))
    assert "has not been checked yet" in client.get(reverse("ledger-proof")).content.decode()

    as_owner("UPDATE members_wallet SET active = active + 1 WHERE id = %s", wallet.pk)
    client.post(reverse("ledger-proof"), {"_program": made.program_id})
    assert jobs.run(Job.objects.filter(kind=proofs.JOB_KIND).latest("pk").pk)
    page = client.get(reverse("ledger-proof")).content.decode()
    assert "These sums do not come out" in page
    assert reverse("ledger-release", args=[wallet.pk]) in page

    as_owner("UPDATE members_wallet SET active = active - 1 WHERE id = %s", wallet.pk)
    proved()
    form = {"_program": made.program_id, "reason": "a restored backup"}
    assert client.post(reverse("ledger-release", args=[wallet.pk]), form).status_code == 302
    assert not wallet_of(first.account_id).is_frozen
    assert AuditRecord.objects.get(action="wallet.released").reason == "a restored backup"


def test_the_page_is_for_who_may_prove(world):
    made, _members = world
    assert signed_in(people.make_staff(made.program_id, "agent")).get(reverse("ledger-proof")).status_code == 403
