"""Whether anything that a program holds has changed."""

from collections.abc import Collection

from django.db import connection

from tests.browser import routes
from tests.kernel.doors import places

_WRITTEN = """
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
    WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""


def checksums(program: int, tables: Collection[str] | None = None) -> dict[str, tuple[int, str]]:
    """Of every table, or of some, how many rows the program has and what they say."""
    names = [model._meta.db_table for model in places.program_models()]
    parts = [
        f"SELECT '{name}', count(*), coalesce(md5(string_agg(r::text, '|' ORDER BY r.id)), '')"
        f' FROM "{name}" r WHERE r.program_id = %(program)s'
        for name in names
        if tables is None or name in tables
    ]
    if not parts:
        return {}
    with routes.in_program(program), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"program": program})
        return {table: (count, digest) for table, count, digest in cursor.fetchall()}


def written() -> dict[str, int]:
    """How many rows of each table the transaction has written so far, those that were taken back included."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        return dict(cursor.fetchall())


class Watch:
    """What a program held before, to be compared after each request; ``changed`` names the tables that differ.

    All of it happens in one transaction, in which what is watched is written: PostgreSQL counts which tables were.
    """

    def __init__(self, program: int) -> None:
        assert connection.in_atomic_block, "PostgreSQL counts within one transaction"
        self.program, self.before = program, checksums(program)
        self.changed: list[str] = []
        self._written = written()

    def look(self) -> None:
        """Compare the tables that were written since the start; inside the transaction of the request."""
        touched = [table for table, count in written().items() if count != self._written.get(table)]
        now = checksums(self.program, touched)
        self.changed = sorted(table for table in now if now[table] != self.before[table])
