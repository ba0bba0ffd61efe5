"""The whole product under load while its processes are killed: what was acknowledged stays, and nothing counts twice."""

import http.client
import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

import pytest

from loyalty.platform import processes, services
from tests.conftest import share
from tests.platform.conftest import kill
from tests.platform.whole import Platform, read_until

pytestmark = [pytest.mark.pure, pytest.mark.proof, pytest.mark.long]

CLIENTS = 4
MEMBERS = 8
ROUNDS = max(1, 20 * share // 100)
# The supervisor gives a service up that ends more than five times within a minute.
ROUND_TAKES = 13.0

SETUP = """
from tests import factories
shop = factories.make_program()
for number in range(8):
    factories.make_member(shop, card=f"CARD{number}", number=f"M{number}")
print("KEY", factories.make_key(shop, "purchases.write"))
"""
LOOK = """
import json
from loyalty.kernel import scope
from members.activity.models import Purchase, Return
from members.ledger import invariants
from members.ledger.models import Wallet
found = {}
for program in scope.every_program():
    with scope.enter([program], scope.SYSTEM):
        found = {
            "purchases": sorted(Purchase.objects.values_list("external_id", flat=True)),
            "returns": sorted(Return.objects.filter(state="applied").values_list("external_id", flat=True)),
            "points": sum(Wallet.objects.values_list("active", flat=True)),
        }
found["breaches"] = [str(one) for one in invariants.check("auditor")]
print("FOUND", json.dumps(found))
"""


def now() -> str:
    return datetime.now(UTC).isoformat()


class Client(threading.Thread):
    """A till that sells and takes back, one after the other, and asks again until it has an answer."""

    def __init__(self, platform: Platform, token: str, number: int, end: threading.Event) -> None:
        super().__init__(daemon=True)
        self.platform, self.token, self.number, self.end = platform, token, number, end
        self.sold: list[str] = []
        self.taken_back: list[str] = []
        self.problems: list[str] = []
        self.repeats = 0

    def run(self) -> None:
        count = 0
        while not self.end.is_set() and not self.problems:
            count += 1
            receipt = f"R{self.number}-{count}"
            self.acknowledged("/api/v1/transactions", self.sale(receipt, count))
            self.sold.append(receipt)
            if count % 3 == 0:
                back = {"external_id": f"B{self.number}-{count}", "at": now(), "lines": [{"line_id": "1", "qty": 1}]}
                self.acknowledged(f"/api/v1/transactions/{receipt}/returns", back)
                self.taken_back.append(back["external_id"])

    def sale(self, receipt: str, count: int) -> dict[str, Any]:
        card = {"kind": "card", "value": f"CARD{(self.number + count) % MEMBERS}"}
        lines = [{"line_id": "1", "sku": "A", "qty": 2, "unit_price": "5.00"}]
        return {"external_id": receipt, "member": card, "at": now(), "currency": "USD", "lines": lines}

    def acknowledged(self, path: str, body: dict[str, Any]) -> None:
        """Send until it is taken; only what no repetition can mend is a problem."""
        while not self.problems:
            status, answer = self.send(path, body)
            if status in (200, 201):
                return
            if status not in (0, 429, 502, 503, 504):
                self.problems.append(f"{path}: {status} {answer[:300]}")
            self.repeats += 1
            threading.Event().wait(0.05)

    def send(self, path: str, body: dict[str, Any]) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.platform.port, timeout=30)
        try:
            headers = {"Host": "localhost", "Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()


def told(platform: Platform, word: str, code: str) -> str:
    """What a piece of code says after a word, inside the product."""
    status, output = platform.perform("manage", "shell", "-v", "0", "-c", code)
    assert status == 0, output
    return next(line for line in output.splitlines() if line.startswith(word)).removeprefix(word).strip()


def drained(stream: IO[str]) -> threading.Thread:
    """Read what a process says, or it would stop when the pipe is full."""
    reader = threading.Thread(target=lambda: [None for _ in stream], daemon=True)
    reader.start()
    return reader


def victims(platform: Platform, round_number: int) -> Iterator[tuple[str, list[int]]]:
    """Those to kill in one round: a web worker or the whole web server, a worker, and the database server."""
    ours = processes.carries(services.MARK, str(platform.places.var))
    web = processes.find(lambda pid: ours(pid) and "granian" in " ".join(processes.command_line(pid)))
    yield "web", sorted(web)[-1:] if round_number % 2 else sorted(web)
    workers = processes.find(lambda pid: ours(pid) and "worker@%h" in processes.command_line(pid))
    yield "worker", sorted(workers)
    lock = platform.places.postgres / "data" / "postmaster.pid"
    yield "postgres", [int(lock.read_text().split("\n")[0])]


@contextmanager
def selling(platform: Platform, token: str) -> Iterator[list[Client]]:
    end = threading.Event()
    clients = [Client(platform, token, number, end) for number in range(CLIENTS)]
    for one in clients:
        one.start()
    yield clients
    end.set()
    for one in clients:
        one.join(timeout=120)
        assert not one.is_alive(), "a till never got its answer"


def goes_on(clients: Sequence[Client]) -> bool:
    """Whether something is sold again."""

    def count() -> int:
        return sum(len(one.sold) for one in clients)

    before = count()
    return processes.wait_until(lambda: count() > before + CLIENTS, seconds=60)


def test_no_acknowledged_write_is_lost_and_none_counts_twice(platform: Platform) -> None:
    with platform.start("run") as running:
        try:
            read_until(running.stdout, "Stop: Ctrl-C")
            assert running.stdout is not None
            drained(running.stdout)
            token = told(platform, "KEY", SETUP)
            with selling(platform, token) as clients:
                killed = 0
                for round_number in range(ROUNDS):
                    for name, pids in victims(platform, round_number):
                        assert pids
                        for pid in pids:
                            if processes.is_running(pid):
                                kill(pid)
                                killed += 1
                        assert goes_on(clients), (name, [one.problems for one in clients])
                        threading.Event().wait(ROUND_TAKES / 3)
            found = json.loads(told(platform, "FOUND", LOOK))
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=60)
        finally:
            running.kill()

    assert [problem for one in clients for problem in one.problems] == []
    assert killed >= 3 * ROUNDS
    assert sum(one.repeats for one in clients) > 0
    assert found["purchases"] == sorted(receipt for one in clients for receipt in one.sold)
    assert found["returns"] == sorted(receipt for one in clients for receipt in one.taken_back)
    assert found["points"] == 10 * len(found["purchases"]) - 5 * len(found["returns"])
    assert found["breaches"] == []
