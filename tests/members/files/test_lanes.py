"""Two lanes side by side, each in a process of its own: the points and reasons of one, in less time."""

import threading
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

from loyalty.kernel import clock, companions
from loyalty.platform.processes import wait_until
from members.activity.models import Evaluation, Purchase
from members.files import lanes, recording, services
from members.files.lanes import Lanes
from members.ledger import invariants
from members.ledger.models import Wallet
from tests import factories
from tests.factories import NOON, Shop
from tests.members.files.writing import row, take_in, written

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])

CARDS = [f"40000000000{number:02d}" for number in range(10, 18)]
FOURTH = {
    "schema": "promo/1",
    "when": {"op": "purchase_number", "cmp": "eq", "value": 4},
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "100"}}],
}
ROWS = [
    row(f"R-{number}", f"{number + 1}.00", member=CARDS[number % len(CARDS)], at=f"2026-10-20T08:{number:02d}:00Z")
    for number in range(48)
]


def budget(scope: str) -> dict[str, Any]:
    """A gift of which there are five."""
    return {
        "schema": "promo/1",
        "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "7"}}],
        "limits": [{"id": "FIVE", "scope": scope, "period": "lifetime", "measure": "uses", "max": "5"}],
    }


def make_shop(code: str, document: dict[str, Any]) -> Shop:
    shop = factories.make_program(code)
    for card in CARDS:
        factories.make_member(shop, card=card, number=card)
    factories.publish(shop, "GIFT", document)
    return shop


def books(shop: Shop) -> tuple[dict[str, Any], list[int]]:
    """By receipt what was granted and why, and the balances."""
    with factories.entered(shop):
        rows = Evaluation.objects.values_list("purchase__external_id", "outcome")
        outcomes = {
            receipt: ([(one["rule"], one["amount"]) for one in outcome["grants"]], outcome["explanation"])
            for receipt, outcome in rows
        }
        return outcomes, list(Wallet.objects.order_by("pk").values_list("active", flat=True))


@pytest.fixture
def taken_here(monkeypatch) -> list[int]:
    """How many purchases this process was asked to record at once."""
    found: list[int] = []
    take = recording.take

    def noted(staged: Any, source: str) -> Any:
        found.append(len(staged))
        return take(staged, source)

    monkeypatch.setattr(recording, "take", noted)
    return found


@pytest.fixture
def started(monkeypatch) -> list[Any]:
    """The processes that were started, for files of any size, and waited for before the first purchase."""
    found: list[Any] = []
    start = companions.start

    def noted(command: str) -> Any:
        found.append(start(command))
        return found[-1]

    monkeypatch.setattr(companions, "start", noted)
    monkeypatch.setattr(lanes, "FEWEST", 1)
    monkeypatch.setattr(lanes, "PATIENCE", 60.0)
    return found


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def test_two_lanes_give_the_points_and_the_reasons_of_one(request, taken_here):
    alone = make_shop("ALONE", FOURTH)
    assert take_in(alone, written(ROWS))["recorded"] == 48
    assert taken_here == [48]

    processes = request.getfixturevalue("started")
    beside = make_shop("BESIDE", FOURTH)
    answer = take_in(beside, written(ROWS))

    # Every second member by the one, the others by the other, which has ended.
    assert taken_here == [48, 24]
    assert [one.poll() for one in processes] == [0]
    assert (answer["state"], answer["recorded"], answer["rejected"]) == ("done", 48, 0)
    assert answer["accepted_amount"] == answer["amount"]
    assert not connection.in_atomic_block
    assert books(beside) == books(alone)
    # Each member's fourth receipt, by the order of time.
    granted = [receipt for receipt, (grants, _why) in books(beside)[0].items() if ("GIFT", 100) in grants]
    assert sorted(granted) == sorted(f"R-{number}" for number in range(24, 32))
    assert list(invariants.check("auditor")) == []


def test_what_is_written_in_several_transactions_is_the_same(monkeypatch):
    whole = make_shop("WHOLE", FOURTH)
    assert take_in(whole, written(ROWS))["recorded"] == 48

    monkeypatch.setattr(recording, "TOGETHER", 7)
    in_parts = make_shop("PARTS", FOURTH)
    answer = take_in(in_parts, written(ROWS))

    assert (answer["recorded"], answer["accepted_amount"]) == (48, answer["amount"])
    assert books(in_parts) == books(whole)


@pytest.mark.parametrize(
    ("share", "given", "own", "other", "then"),
    [
        (0.5, 0.5, 4.0, 4.0, 0.5),
        # The one that took longer gets less, by half of what would have made both as long.
        (0.5, 0.5, 6.0, 4.0, 0.45),
        (0.5, 0.5, 4.0, 6.0, 0.55),
        # Never nearly all or nothing, and nothing is learnt from a chunk that went one way.
        (0.3, 0.5, 100.0, 1.0, lanes.LEAST),
        (0.7, 0.5, 1.0, 100.0, lanes.MOST),
        (0.5, 1.0, 4.0, 0.0, 0.5),
        (0.5, 0.0, 0.0, 4.0, 0.5),
    ],
)
def test_the_shares_of_the_lanes_follow_how_long_they_took(share, given, own, other, then):
    assert lanes.balanced(share, given, own, other) == pytest.approx(then)


def test_a_small_file_starts_no_process(monkeypatch, started):
    monkeypatch.setattr(lanes, "FEWEST", 49)
    shop = make_shop("SHOP", FOURTH)

    assert take_in(shop, written(ROWS))["recorded"] == 48

    assert started == []


def test_a_file_of_many_bytes_starts_it_before_it_is_read(monkeypatch, started, taken_here):
    monkeypatch.setattr(lanes, "FEWEST", 49)
    monkeypatch.setattr(services, "LARGE", 100)
    shop = make_shop("SHOP", FOURTH)

    assert take_in(shop, written(ROWS))["recorded"] == 48

    assert (len(started), taken_here) == (1, [24])


def test_until_the_process_has_started_this_one_takes_all(monkeypatch, started, taken_here):
    monkeypatch.setattr(lanes, "PATIENCE", 0.0)
    monkeypatch.setattr(services, "CHUNK", 24)
    shop = make_shop("SHOP", FOURTH)

    assert take_in(shop, written(ROWS))["recorded"] == 48

    assert (len(started), taken_here) == (1, [24, 24])


def test_what_more_than_points_and_prices_is_given_is_given_in_one_lane(started, taken_here):
    flag = {"effect": "flag", "flag": "SEEN", "severity": "block", "text": {"en": "Seen"}}
    shop = make_shop("SHOP", {**FOURTH, "then": [*FOURTH["then"], flag]})

    assert take_in(shop, written(ROWS))["recorded"] == 48

    assert (started, taken_here) == ([], [48])


@pytest.mark.parametrize(("scope", "lanes_used"), [("member", 2), ("program", 1)])
def test_where_members_share_a_limit_the_first_by_time_get_it(started, taken_here, scope, lanes_used):
    shop = make_shop("SHOP", budget(scope))

    assert take_in(shop, written(ROWS))["recorded"] == 48

    assert (1 + len(started), taken_here) == (lanes_used, [48 // lanes_used])
    granted = [receipt for receipt, (grants, _why) in books(shop)[0].items() if ("GIFT", 7) in grants]
    first = 5 if scope == "program" else 5 * len(CARDS)
    assert sorted(granted) == sorted(f"R-{number}" for number in range(first))


@pytest.mark.usefixtures("started")
def test_a_refusal_in_one_lane_leaves_the_rest_of_both():
    shop = make_shop("SHOP", FOURTH)
    wrong = [
        row(f"R-9{number}", "3.00", member=CARDS[number], basket_discount="4.00", at="2026-10-20T08:10:30Z")
        for number in (2, 3)
    ]

    answer = take_in(shop, written([*ROWS, *wrong]))

    assert (answer["recorded"], answer["rejected"]) == (48, 2)
    with factories.entered(shop):
        assert Purchase.objects.count() == 48
        assert Purchase.objects.filter(external_id__startswith="R-9").count() == 1


@pytest.mark.usefixtures("started")
def test_the_same_again_changes_nothing_and_is_counted_as_known():
    shop = make_shop("SHOP", FOURTH)
    assert take_in(shop, written(ROWS))["recorded"] == 48
    before = books(shop)

    again = [row("R-100", "5.00", member=CARDS[0], at="2026-10-20T09:00:00Z"), *ROWS]
    answer = take_in(shop, written(again))

    assert (answer["recorded"], answer["known"], answer["rejected"]) == (1, 48, 0)
    assert {receipt: why for receipt, why in books(shop)[0].items() if receipt != "R-100"} == before[0]


def test_a_process_that_dies_before_it_is_asked_is_not_missed(started, taken_here, monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 24)
    is_open = Lanes._is_open

    def killed_then(self: Lanes) -> bool:
        found = is_open(self)
        for one in started:
            one.kill()
            one.wait()
        return found

    monkeypatch.setattr(Lanes, "_is_open", killed_then)
    shop = make_shop("SHOP", FOURTH)

    answer = take_in(shop, written(ROWS))

    # Its half of the first chunk was recorded here, and all of the second.
    assert taken_here == [12, 12, 24]
    assert (answer["state"], answer["recorded"], answer["known"], answer["rejected"]) == ("done", 48, 0, 0)


def waiting(watching: "psycopg.Connection[Any]") -> int:
    """How many sessions wait for the lock."""
    found = watching.execute(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'loyalty_outbox_event'::regclass"
    ).fetchone()
    assert found is not None
    return int(found[0])


def test_a_process_killed_in_the_middle_of_writing_leaves_nothing_undone_or_done_twice(
    started, taken_here, monkeypatch
):
    alone = make_shop("ALONE", FOURTH)
    with monkeypatch.context() as patched:
        patched.setattr(lanes, "FEWEST", 49)
        assert take_in(alone, written(ROWS))["recorded"] == 48
    shop = make_shop("SHOP", FOURTH)

    one = connections.settings["owner"]
    address = make_conninfo(
        host=one["HOST"],
        port=one["PORT"] or None,
        dbname=one["NAME"],
        user=one["USER"],
        password=one["PASSWORD"] or None,
    )
    with psycopg.connect(address) as owner, psycopg.connect(address, autocommit=True) as watching:

        def kill_when_both_wait() -> None:
            try:
                assert wait_until(lambda: waiting(watching) == 2, seconds=60)
                started[0].kill()
                started[0].wait()
            finally:
                owner.rollback()

        # Nobody announces a purchase, which is almost the last of what is written of it, while this lock is held.
        owner.execute("LOCK TABLE loyalty_outbox_event IN SHARE MODE")
        killer = threading.Thread(target=kill_when_both_wait)
        killer.start()
        answer = take_in(shop, written(ROWS))
        killer.join()

    assert taken_here == [48, 24, 24]
    assert (answer["state"], answer["recorded"], answer["known"], answer["rejected"]) == ("done", 48, 0, 0)
    assert answer["accepted_amount"] == answer["amount"]
    assert books(shop) == books(alone)
    assert list(invariants.check("auditor")) == []
