"""The export of the ledger over HTTP beside psql with the very COPY that the product sends, in turn."""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from collections.abc import Sequence
from statistics import median

from loyalty.platform import binaries, roles
from tests.bench import timing
from tests.bench.paths import product, recording
from tests.bench.paths.growth import grow_ledger
from tests.bench.paths.product import Web
from tests.bench.paths.requests import Sent
from tests.bench.paths.stage import Stage

ROWS = int(os.environ.get("BENCH_EXPORT", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MEMBERS = 1000
MUST, AIM = 0.45, 0.60
ADDRESS = "/api/v1/exports/ledger"
_BLOCK = 1 << 20


def main(arguments: Sequence[str]) -> int:
    """Print both rates; 0 when the export is fast enough."""
    stage = Stage.built(MEMBERS)
    grow_ledger(stage, 0, ROWS // 2)
    statement = _statement(stage)
    found = []
    with product.web(stage.installation.places) as web:
        _over_http(stage, web)
        for _ in range(ROUNDS):
            rows, seconds = _over_http(stage, web)
            own_rows, own_seconds = _by_psql(stage, statement)
            assert rows == own_rows, (rows, own_rows)
            found.append((rows, seconds, own_seconds))
    rows = found[0][0]
    ratio = median(own / seconds for _rows, seconds, own in found)
    rates = [f"{rows / median(one[place] for one in found):.0f}" for place in (1, 2)]
    is_met = ratio >= MUST
    row = [f"export of {rows:,} postings", *rates, f"{ratio:.3f}", str(MUST), str(AIM), "yes" if is_met else "NO"]
    print(timing.table(["path", "product rows/s", "psql COPY rows/s", "of R", "must", "aim", "met"], [row]))
    print(timing.machine())
    return 0 if is_met else 1


def _statement(stage: Stage) -> str:
    """The COPY that the product sends, with its values in it."""
    with recording.relayed(stage.superuser) as (relay, _texts), relay.recording() as exchanges:
        stage.caller.send(Sent("GET", ADDRESS, 200, {}, headers={"Accept": "text/csv"}))
    (copy,) = [one.sql for one in exchanges if one.sql.lstrip().upper().startswith("COPY")]
    return copy


def _over_http(stage: Stage, web: Web) -> tuple[int, float]:
    """Postings that came, and the seconds that it took."""
    connection = http.client.HTTPConnection(web.host, web.port)
    headers = {"Authorization": f"Bearer {stage.world.token}", "Accept": "text/csv", "X-Forwarded-Proto": "https"}
    began = time.perf_counter()
    connection.request("GET", ADDRESS, headers={**headers, "Host": "localhost"})
    response = connection.getresponse()
    assert response.status == 200, response.read()[:1000]
    lines = sum(block.count(b"\n") for block in iter(lambda: response.read(_BLOCK), b""))
    connection.close()
    return lines - 1, time.perf_counter() - began


def _by_psql(stage: Stage, statement: str) -> tuple[int, float]:
    """The same by psql as the same role, within the walls."""
    home = stage.installation.cluster.home
    environment = {
        **os.environ, "PGPASSWORD": stage.installation.password(roles.APP), "PGHOST": str(home.socket_folder),
        "PGUSER": roles.APP, "PGDATABASE": roles.DATABASE,
        "PGOPTIONS": f"-c app.programs={{{stage.world.program_id}}}",
    }  # fmt: skip
    command = [binaries.bundled().program("psql"), "-X", "-q", "-c", statement]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd="/") as child:
        assert child.stdout is not None
        read = child.stdout.read
        lines = sum(block.count(b"\n") for block in iter(lambda: read(_BLOCK), b""))
    assert child.returncode == 0
    return lines - 1, time.perf_counter() - began
