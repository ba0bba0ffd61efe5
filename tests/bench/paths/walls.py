"""What row-level security costs: R of earning as the product's role, and as one whom the policies let pass, in turn."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from psycopg import sql

from loyalty.platform import roles
from tests.bench import timing
from tests.bench.paths import raw
from tests.bench.paths.http import MEMBERS, ROUNDS, SECONDS
from tests.bench.paths.requests import KINDS
from tests.bench.paths.stage import Stage, variables

FREE = "bench_free"
MOST = 0.10


def main(arguments: Sequence[str]) -> int:
    """Print both rates; 0 when the walls cost no more than a tenth."""
    stage, kind = Stage.built(MEMBERS), KINDS["earn"]
    unlike = stage.learn(kind)
    assert not unlike, unlike
    _make_free(stage)
    parts, slower = [], {}
    for name, scripts in (("request", stage.scripts[kind.name]), ("its transactions", stage.writing[kind.name])):
        rates: list[tuple[float, float]] = []
        for _ in range(ROUNDS):
            pair = [
                raw.run(
                    stage.installation, scripts, variables(stage.reserve(raw.CLIENTS), raw.CLIENTS), seconds=SECONDS,
                    role=role,
                ).rate
                for role in (roles.APP, FREE)
            ]  # fmt: skip
            rates.append((pair[0], pair[1]))
        slower[name] = median(1 - own / free for own, free in rates)
        parts.append(
            [name, f"{median(own for own, _free in rates):.0f}", f"{median(free for _own, free in rates):.0f}",
             f"{slower[name] * 100:.1f} %"]
        )  # fmt: skip
    is_met = slower["request"] <= MOST
    print(timing.table(["earn", "with walls/s", "without/s", "walls cost"], parts))
    print(f"At most {MOST * 100:.0f} %: {'met' if is_met else 'NOT met'}. {timing.machine()}")
    return 0 if is_met else 1


def _make_free(stage: Stage) -> None:
    """A role with the rights of the product's own and past every policy."""
    name = sql.Identifier(FREE)
    password = stage.installation.password(roles.APP)
    stage.superuser.execute(
        sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {} IN ROLE {}").format(
            name, sql.Literal(password), sql.Identifier(roles.APP)
        )
    )
    stage.superuser.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(roles.DATABASE), name))
