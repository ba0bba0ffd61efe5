"""Limits of requests a second: over several web processes together, and as the headers tell them."""

import threading

import pytest
from django.db import connection

from loyalty.kernel.api import rates
from loyalty.kernel.api.rates import Limiter, TooManyRequests
from loyalty.kernel.models import ApiKey, RateWindow
from tests import factories
from tests.factories import Shop

PROCESSES = 4
CARD = "79927398713"


class Clock:
    """A second that stands still until told otherwise."""

    def __init__(self) -> None:
        self.second = 1_000_000.5

    def __call__(self) -> float:
        return self.second


def taken(limiter: Limiter, *, bucket: int, limit: int, tries: int) -> int:
    """How many of so many requests a process lets through."""
    passed = 0
    for _try in range(tries):
        try:
            limiter.take(bucket, limit)
        except TooManyRequests:
            continue
        passed += 1
    return passed


class TestOverProcesses:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("limit", [1, 3, 8, 40, 600])
    def test_all_together_let_through_exactly_the_limit(self, limit):
        clock = Clock()
        processes = [Limiter(processes=PROCESSES, now=clock) for _number in range(PROCESSES)]
        passed = [0] * PROCESSES
        start = threading.Barrier(PROCESSES)

        def hammer(number: int) -> None:
            start.wait()
            passed[number] = taken(processes[number], bucket=7, limit=limit, tries=2 * limit + 5)
            connection.close()

        threads = [threading.Thread(target=hammer, args=(number,)) for number in range(PROCESSES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(passed) == limit
        clock.second += 1
        assert taken(processes[0], bucket=7, limit=limit, tries=1) == 1

    @pytest.mark.django_db
    def test_one_process_alone_gets_nearly_all_of_it(self):
        only = Limiter(processes=PROCESSES, now=Clock())

        passed = taken(only, bucket=7, limit=600, tries=1000)

        assert passed == 600 - (PROCESSES - 1) * only.free_share(600) == 555

    @pytest.mark.django_db
    def test_a_process_whose_clock_is_behind_opens_no_window_anew(self):
        ahead, behind = Clock(), Clock()
        behind.second -= 1
        first, second = (Limiter(processes=1, now=clock) for clock in (ahead, behind))

        passed = taken(first, bucket=7, limit=10, tries=20) + taken(second, bucket=7, limit=10, tries=20)

        # The free share alone is what each clock's own second gives.
        assert passed == 10 + first.free_share(10) == 11

    @pytest.mark.django_db
    def test_buckets_do_not_share(self):
        limiter = Limiter(processes=1, now=Clock())

        assert taken(limiter, bucket=7, limit=5, tries=9) == 5
        assert taken(limiter, bucket=8, limit=5, tries=9) == 5

    @pytest.mark.django_db
    def test_few_requests_ask_the_database_nothing_and_many_only_now_and_then(self, django_assert_num_queries):
        limiter = Limiter(processes=PROCESSES, now=Clock())

        with django_assert_num_queries(0):
            taken(limiter, bucket=7, limit=600, tries=15)
        with django_assert_num_queries(20):
            assert taken(limiter, bucket=7, limit=600, tries=540) == 540
        # The first try beyond asks once; after that the process knows.
        with django_assert_num_queries(1):
            assert taken(limiter, bucket=7, limit=600, tries=100) == 0

    @pytest.mark.django_db
    def test_old_windows_are_forgotten(self):
        taken(Limiter(processes=1, now=Clock()), bucket=7, limit=5, tries=5)
        taken(Limiter(processes=1), bucket=8, limit=5, tries=5)

        assert rates.forget_old() == 1
        assert list(RateWindow.objects.values_list("bucket", flat=True)) == [8]


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    return made


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The limits of this process, in a second that does not end by itself."""
    clock = Clock()
    monkeypatch.setattr(rates, "limiter", Limiter(processes=1, now=clock))
    return clock


@pytest.mark.django_db
class TestHeaders:
    def test_tell_what_is_left(self, shop, still):
        api = factories.client(shop, "members.read", "rewards.read")

        first, second = api.get("/api/v1/rewards"), api.get("/api/v1/rewards")

        assert [first[name] for name in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")] == [
            "600",
            "599",
            "1",
        ]
        assert second["RateLimit-Remaining"] == "598"

    def test_a_key_beyond_its_own_limit_waits(self, shop, still):
        api = factories.client(shop, "rewards.read")
        with factories.entered(shop):
            ApiKey.objects.update(rate_per_second=2)
        assert [api.get("/api/v1/rewards").status_code for _time in range(2)] == [200, 200]

        refused = api.get("/api/v1/rewards")

        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert refused["Content-Type"] == "application/problem+json"
        assert (refused["Retry-After"], refused["RateLimit-Limit"], refused["RateLimit-Remaining"]) == ("1", "2", "0")
        assert factories.client(shop, "rewards.read").get("/api/v1/rewards").status_code == 200
        still.second += 1
        assert api.get("/api/v1/rewards").status_code == 200

    def test_a_refused_write_changes_nothing(self, shop, still):
        api = factories.client(shop, "members.write", "members.read")
        with factories.entered(shop):
            ApiKey.objects.update(rate_per_second=1)
        api.get("/api/v1/members/card:0")

        refused = api.post("/api/v1/members", {"cards": ["4539578763621486"]}, HTTP_IDEMPOTENCY_KEY="k")

        assert refused.status_code == 429
        still.second += 1
        assert api.get("/api/v1/members/card:4539578763621486").status_code == 404

    def test_one_member_is_not_read_without_end_whoever_asks(self, shop, still, settings):
        settings.API_RATE_PER_MEMBER = 3
        keys = [factories.client(shop, "members.read") for _key in range(2)]

        seen = [api.get(f"/api/v1/members/card:{CARD}/balance").status_code for _time in range(2) for api in keys]

        assert seen == [200, 200, 200, 429]
        assert keys[0].get("/api/v1/members/member:M1/balance").status_code == 200
