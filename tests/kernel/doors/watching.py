"""Whether anything that a program holds has changed."""

from django.db import connection

from tests.browser import routes
from tests.kernel.doors import places


def checksums(program: int) -> dict[str, tuple[int, str]]:
    """Of every table, how many rows the program has and what they say."""
    parts = [
        f"SELECT '{model._meta.db_table}', count(*), coalesce(md5(string_agg(r::text, '|' ORDER BY r.id)), '')"
        f' FROM "{model._meta.db_table}" r WHERE r.program_id = %(program)s'
        for model in places.program_models()
    ]
    with routes.in_program(program), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"program": program})
        return {table: (count, digest) for table, count, digest in cursor.fetchall()}


class Watch:
    """What a program held before, to be compared after each request; ``changed`` names the tables that differ."""

    def __init__(self, program: int) -> None:
        self.program, self.before = program, checksums(program)
        self.changed: list[str] = []

    def look(self) -> None:
        """Compare; inside the transaction of the request."""
        now = checksums(self.program)
        self.changed = sorted(table for table in now if now[table] != self.before[table])
