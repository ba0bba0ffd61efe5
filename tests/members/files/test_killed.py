"""Workers that are killed by the machine, not by an exception: the one after the last of them finishes the file."""

from datetime import timedelta
from functools import partial

import pytest

from loyalty.kernel import clock, jobs, scope
from loyalty.kernel.models import Job
from members.activity.models import Purchase
from members.files import services
from members.files.models import PurchaseFile
from members.ledger import invariants
from members.ledger.models import Wallet
from tests import another_process, factories
from tests.members.files.writing import ADDRESS, CARD, row, run_jobs, send, written

RECEIPTS = 4000
CARDS = (CARD, "4000000000006", "4000000000014", "4000000000022")
KILLS = 3

# Chunks of so few have two lanes as well, so that a worker dies in both.
WORKER = """
import sys, django
django.setup()
from django.conf import settings
settings.STORAGES["default"].update(
    BACKEND="django.core.files.storage.FileSystemStorage", OPTIONS={"location": sys.argv[3]}
)
from loyalty.kernel import jobs, scope
from members.files import lanes
lanes.FEWEST, lanes.PATIENCE = 10, 60.0
with scope.enter([int(sys.argv[1])], scope.SYSTEM):
    jobs.run(int(sys.argv[2]))
"""


def has_recorded(job_id: int, *, attempt: int, more_than: int) -> bool:
    """Whether a worker has taken the job, and more is recorded than was. The second lane of one that was killed before
    may still end what it was at: the count alone says nothing of this worker.
    """
    is_taken = Job.objects.filter(pk=job_id, attempts=attempt).exists()
    return is_taken and Purchase.objects.count() > more_than


@pytest.mark.proof
@pytest.mark.long
@pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])
def test_killed_three_times_and_resumed(settings, tmp_path, monkeypatch):
    folder = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": folder}
    shop = factories.make_program()
    for card in CARDS:
        factories.make_member(shop, card=card, number=card)
    noon = clock.now().replace(microsecond=0) - timedelta(days=1)
    monkeypatch.setattr(services, "CHUNK", 50)
    rows = [
        row(f"R-{n}", "2.00", member=CARDS[n % len(CARDS)], at=(noon + timedelta(seconds=n)).isoformat())
        for n in range(RECEIPTS)
    ]
    api = factories.client(shop, "files.write")
    file_id = send(api, written(rows)).json()["id"]
    with scope.enter([shop.program_id], scope.SYSTEM):
        job_id = Job.objects.get().pk
        counts = [0]
        for time in range(1, KILLS + 1):
            worker = another_process.start(WORKER, shop.program_id, job_id, tmp_path)
            another_process.kill_when(worker, partial(has_recorded, job_id, attempt=time, more_than=counts[-1]))
            counts.append(Purchase.objects.count())
            # The lease of the dead runs out.
            Job.objects.filter(pk=job_id).update(leased_until=clock.now() - jobs.LEASE)
        assert 0 < counts[1] < counts[2] < counts[3] < RECEIPTS
        assert PurchaseFile.objects.get().standing == "running"
        # A job that killed three workers is not given to a fourth by itself: somebody says so.
        assert jobs.run(job_id)
        assert Purchase.objects.count() < RECEIPTS
        assert api.get(f"{ADDRESS}/{file_id}").json()["state"] == "failed"
    assert api.post(f"{ADDRESS}/{file_id}/resume").json()["state"] == "waiting"
    run_jobs(shop)
    with scope.enter([shop.program_id], scope.SYSTEM):
        assert Purchase.objects.count() == RECEIPTS
        assert set(Wallet.objects.values_list("active", flat=True)) == {2 * RECEIPTS // len(CARDS)}
    answer = api.get(f"{ADDRESS}/{file_id}").json()
    assert (answer["state"], answer["recorded"], answer["known"], answer["rejected"]) == ("done", RECEIPTS, 0, 0)
    assert answer["accepted_amount"] == answer["amount"] == f"{2 * RECEIPTS}.00"
    assert list(invariants.check("auditor")) == []
