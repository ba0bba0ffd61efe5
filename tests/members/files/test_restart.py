"""A worker that dies at any point: another goes on, and nothing is recorded twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from loyalty.kernel import clock, jobs
from loyalty.kernel.models import Job
from members.activity.models import Purchase
from members.files import services
from members.files.models import FileReject
from members.ledger.models import Wallet
from members.profiles.models import Identifier, IdentifierState
from tests import factories
from tests.factories import NOON, Shop
from tests.members.files.writing import ADDRESS, CARD, row, run_jobs, send, the_file, written

pytestmark = pytest.mark.django_db

ROWS = [
    *(row(f"R-{number}", f"{number}.00", at=f"2026-10-20T0{number}:00:00Z") for number in range(1, 9)),
    row("R-9", member="1234567890"),
    row("R-10", "3.00", basket_discount="4.00", at="2026-10-20T02:30:00Z"),
]
CONTENT = written(ROWS)
# Eight receipts of 1 to 8; one of nobody, and one with a discount beyond it.
RIGHT = {"recorded": 8, "known": 0, "rejected": 2, "purchases": 10, "amount": "49.00", "accepted_amount": "36.00"}


class Killed(BaseException):
    """The worker is gone: no handler of the product sees it."""


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 3)


def make_shop(code: str = "SHOP") -> Shop:
    shop = factories.make_program(code)
    factories.make_member(shop, card=CARD)
    return shop


@contextmanager
def at_statement(number: int, act: Any, holding: str = "") -> Iterator[list[str]]:
    """Call ``act`` in place of the n-th statement that holds a text; the statements seen."""
    seen: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if holding in str(sql):
            seen.append(str(sql))
            if len(seen) == number:
                act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def kill() -> None:
    raise Killed


def as_is(shop: Shop, file_id: str) -> dict[str, Any]:
    answer = factories.client(shop, "files.write").get(f"{ADDRESS}/{file_id}").json()
    return {name: answer[name] for name in RIGHT}


def books(shop: Shop) -> tuple[list[str], int, int]:
    with factories.entered(shop):
        names = sorted(Purchase.objects.values_list("external_id", flat=True))
        return names, Wallet.objects.get().active, FileReject.objects.count()


IN_BOOKS = (sorted(f"R-{number}" for number in range(1, 9)), 36, 2)


@pytest.mark.proof
@pytest.mark.long
def test_killed_at_any_statement_and_taken_over():
    with clock.fixed(NOON), at_statement(-1, kill) as seen:
        shop = make_shop("WHOLE")
        file_id = send(factories.client(shop, "files.write"), CONTENT).json()["id"]
        before = len(seen)
        run_jobs(shop)
        count = len(seen) - before
    assert (as_is(shop, file_id), books(shop)) == (RIGHT, IN_BOOKS)

    # One in seven: what a worker does between two statements cannot be seen from outside.
    for place in range(2, count, 7):
        with clock.fixed(NOON):
            shop = make_shop(f"KILLED-{place}")
            file_id = send(factories.client(shop, "files.write"), CONTENT).json()["id"]
            with at_statement(place, kill) as seen, pytest.raises(Killed):
                run_jobs(shop)
            assert len(seen) >= place
        with clock.fixed(NOON + jobs.LEASE + timedelta(seconds=1)):
            run_jobs(shop)
            assert (as_is(shop, file_id), books(shop)) == (RIGHT, IN_BOOKS), f"killed at {seen[place - 1]}"
            assert the_file(shop).standing == "done"


def test_a_card_taken_away_meanwhile_leaves_out_the_receipts_that_are_not_recorded():
    shop = make_shop()
    with clock.fixed(NOON):
        file_id = send(factories.client(shop, "files.write"), CONTENT).json()["id"]
        with at_statement(2, kill, holding='"known_ahead" = '), pytest.raises(Killed):
            run_jobs(shop)
        with factories.entered(shop):
            Identifier.objects.update(state=IdentifierState.BLOCKED)
    with clock.fixed(NOON + jobs.LEASE + timedelta(seconds=1)):
        run_jobs(shop)

    assert the_file(shop).standing == "done"
    answer = as_is(shop, file_id)
    assert (answer["recorded"], answer["rejected"], answer["accepted_amount"]) == (2, 8, "3.00")
    assert books(shop)[:2] == (["R-1", "R-2"], 3)


def test_stopped_and_resumed():
    shop = make_shop()

    def ask_to_stop() -> None:
        Job.objects.update(is_stop_wanted=True)

    with clock.fixed(NOON):
        api = factories.client(shop, "files.write")
        file_id = send(api, CONTENT).json()["id"]
        with at_statement(1, ask_to_stop, holding='"chunks_done" = '):
            run_jobs(shop)

        stopped = api.get(f"{ADDRESS}/{file_id}").json()
        assert (stopped["state"], stopped["recorded"]) == ("stopped", 2)
        assert books(shop)[0] == ["R-1", "R-2"]

        assert api.post(f"{ADDRESS}/{file_id}/resume").json()["state"] == "waiting"
        assert api.post(f"{ADDRESS}/{file_id}/resume").status_code == 409
        run_jobs(shop)

        assert api.get(f"{ADDRESS}/{file_id}").json()["state"] == "done"
        assert (as_is(shop, file_id), books(shop)) == (RIGHT, IN_BOOKS)


def test_one_that_waits_is_stopped_at_once():
    shop = make_shop()
    with clock.fixed(NOON):
        api = factories.client(shop, "files.write")
        file_id = send(api, CONTENT).json()["id"]

        assert api.post(f"{ADDRESS}/{file_id}/stop").json()["state"] == "stopped"
        run_jobs(shop)

        assert books(shop) == ([], 0, 0)
        api.post(f"{ADDRESS}/{file_id}/resume")
        run_jobs(shop)
        assert (as_is(shop, file_id), books(shop)) == (RIGHT, IN_BOOKS)


def test_a_worker_that_lost_its_lease_lets_go():
    shop = make_shop()

    def another_takes_over() -> None:
        Job.objects.update(lease="00000000-0000-4000-8000-000000000000")

    with clock.fixed(NOON):
        file_id = send(factories.client(shop, "files.write"), CONTENT).json()["id"]
        with at_statement(1, another_takes_over, holding='"chunks_done" = '):
            run_jobs(shop)
        assert books(shop)[0] == ["R-1", "R-2"]
    with clock.fixed(NOON + jobs.LEASE + timedelta(seconds=1)):
        run_jobs(shop)
    assert (as_is(shop, file_id), books(shop)) == (RIGHT, IN_BOOKS)
