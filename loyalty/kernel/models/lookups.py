"""``field__any=[...]``: one of a list that travels as one array.

``field__in`` writes a placeholder for each value, so every length is another statement for the server to plan and for the
driver to keep. Reads on the way of a purchase use this instead.
"""

from typing import Any

from django.db import models
from django.db.models.sql.compiler import SQLCompiler


@models.Field.register_lookup
@models.ForeignObject.register_lookup
class AnyOf(models.Lookup):  # type: ignore[type-arg]
    """The column equals one of the values given."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """``column = ANY(array)``."""
        column, values = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*values, list(self.rhs))
