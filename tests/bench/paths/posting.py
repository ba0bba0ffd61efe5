"""Posting alone: an entry of the ledger beside a transfer of django-hordak, one after the other, one session each.

Ours locks the wallets, writes the entry, its postings and its lot, and brings the wallet up to date, behind row-level
security; theirs writes a transaction and two legs. Both commit each durably, on the same server.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from statistics import median

from psycopg import sql

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from loyalty.platform.postgres import PORT
from members.ledger import operations as ledger
from members.ledger import plans
from members.ledger.models import Wallet
from members.ledger.plans import Credit, EntryPlan
from tests.bench import timing
from tests.bench.paths import program
from tests.bench.paths.stage import Stage

ACCOUNTS = 1000
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
WARMING = 1.0
SEED = 7
PEER = "hordak"


@dataclass(frozen=True)
class Turn:
    """One turn: how many postings, in how many seconds, with how much CPU of the process that asked for them."""

    count: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Postings a second."""
        return self.count / self.seconds


def main(arguments: Sequence[str]) -> int:
    """Print both rates, without a target: the two do not keep the same. 0 when the peer was there to be measured."""
    stage = Stage.built(ACCOUNTS)
    own = _Own(stage)
    if importlib.util.find_spec(PEER) is None:
        print(f"django-hordak is not installed (make bench installs it); ours alone: {own.work(SECONDS).rate:.0f}/s")
        return 1
    with _peer(stage) as peer:
        for work in (own.work, peer.work):
            work(WARMING)
        rounds = [(own.work(SECONDS), peer.work(SECONDS)) for _ in range(ROUNDS)]
    ratio = median(ours.rate / theirs.rate for ours, theirs in rounds)
    rows = [
        _row("members.ledger", [ours for ours, _theirs in rounds]),
        _row(PEER, [theirs for _ours, theirs in rounds]),
    ]
    print(timing.table(["posting", "entries/s", "CPU us of the process"], rows))
    print(f"{ratio:.2f} times the entries of django-hordak. {timing.machine()}")
    return 0


def _row(name: str, turns: Sequence[Turn]) -> list[str]:
    each = median(one.cpu / one.count for one in turns) * timing.MICRO
    return [name, f"{median(one.rate for one in turns):.0f}", f"{each:.0f}"]


class _Own:
    def __init__(self, stage: Stage) -> None:
        self._program = stage.world.program_id
        self._random = Random(SEED)
        with program.entered(self._program):
            self._accounts = list(Wallet.objects.values_list("account_id", flat=True))
        self._number = 0

    def work(self, seconds: float) -> Turn:
        """Post for so long."""
        with program.entered(self._program):
            count, began, cpu = 0, time.perf_counter(), time.process_time()
            while time.perf_counter() - began < seconds:
                self._post(self._random.choice(self._accounts))
                count += 1
            return Turn(count, time.perf_counter() - began, time.process_time() - cpu)

    def _post(self, account_id: int) -> None:
        self._number += 1
        at = clock.now()
        with unit_of_work():
            wallet = next(iter(ledger.lock_accounts([account_id])[account_id].values()))
            plan = EntryPlan(
                account_id=account_id, kind="earn", cause_kind="bench", cause_id=None,
                request_key=f"posting:{self._number}", occurred_at=at, effective_at=at,
            )  # fmt: skip
            credit = Credit(500, "", None, None, activates_at=None, expires_at=at + timedelta(days=365))
            plans.credit(plan, wallet, [credit], at=at, source="issued", debt_share=100)
            ledger.post([plan])


class _Peer:
    """The peer in a process and a database of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def work(self, seconds: float) -> Turn:
        """Let it post for so long."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(seconds, file=self._process.stdin, flush=True)
        count, taken, cpu = self._process.stdout.readline().split()
        return Turn(int(count), float(taken), float(cpu))


@contextmanager
def _peer(stage: Stage) -> Iterator[_Peer]:
    """The peer with its tables and accounts, for the length of a block."""
    stage.superuser.execute(sql.SQL("CREATE DATABASE {} OWNER owner").format(sql.Identifier(PEER)))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.bench.peers.hordak_settings",
        "PEER_HOST": str(stage.installation.cluster.home.socket_folder),
        "PEER_PORT": str(PORT),
        "PEER_DATABASE": PEER,
        "PEER_USER": "owner",
        "PEER_PASSWORD": stage.installation.password("owner"),
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env=environment, cwd=stage.installation.places.project, check=True)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.peers.hordak_posting", str(ACCOUNTS)],
        env={**environment, "PEER_PREPARES": "yes"}, cwd=stage.installation.places.project,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready", "the peer did not begin"
        stage.superuser.execute("VACUUM ANALYZE")
        yield _Peer(process)
        assert process.stdin is not None
        process.stdin.close()
