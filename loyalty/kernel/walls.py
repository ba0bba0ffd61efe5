"""The walls between programs, built in the database by migrations.

A table with a ``program`` column gets, from :class:`BuildWalls`: forced row-level security by the session's scope,
``UNIQUE (program_id, id)``, composite foreign keys to other program tables, and for keys to shared tables a trigger that
refuses another program's row. :class:`AppendOnly` takes UPDATE and DELETE from the role that runs the product.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connections, models
from django.db.migrations.operations.base import Operation

PROGRAM_LABEL = "programs_setup.program"
IN_SCOPE = "{column} = ANY ((SELECT nullif(current_setting('app.programs', true), '')::bigint[])::bigint[])"
IS_OPERATOR = "(SELECT current_setting('app.operator', true) = 'on')"


def app_role() -> str:
    """The database role that runs the product."""
    return str(connections["default"].settings_dict["USER"])


def auditor_role() -> str:
    """The read-only role of the proofs over all programs."""
    return str(connections["auditor"].settings_dict["USER"])


def program_field(model: Any) -> Any | None:
    """The ``program`` key of a model that lives behind a wall, else nothing."""
    for field in model._meta.local_fields:
        if field.name == "program" and field.remote_field and _label(field) == PROGRAM_LABEL:
            return field
    return None


def _label(field: Any) -> str:
    target = field.remote_field.model
    return (target if isinstance(target, str) else target._meta.label).lower()


def _policies(table: str, column: str, *, shared: bool) -> Iterator[str]:
    inside = IN_SCOPE.format(column=column)
    read = f"({column} IS NULL OR {inside})" if shared else inside
    write = f"({inside} OR ({column} IS NULL AND {IS_OPERATOR}))" if shared else inside
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
    for name in ("wall_read", "wall_add", "wall_change", "wall_remove", "wall_owner", "wall_auditor"):
        yield f'DROP POLICY IF EXISTS {name} ON "{table}"'
    yield f'CREATE POLICY wall_read ON "{table}" FOR SELECT USING ({read})'
    yield f'CREATE POLICY wall_add ON "{table}" FOR INSERT WITH CHECK ({write})'
    yield f'CREATE POLICY wall_change ON "{table}" FOR UPDATE USING ({write}) WITH CHECK ({write})'
    yield f'CREATE POLICY wall_remove ON "{table}" FOR DELETE USING ({write})'
    # Data migrations run as the owner; proofs over all programs as the auditor, who may only read.
    yield f'CREATE POLICY wall_owner ON "{table}" TO CURRENT_USER USING (true) WITH CHECK (true)'
    yield f'CREATE POLICY wall_auditor ON "{table}" FOR SELECT TO "{auditor_role()}" USING (true)'


def key_name(table: str, column: str, *, is_by_trigger: bool) -> str:
    """The name of what keeps a key inside its program: a constraint, or a trigger where one side may be shared."""
    return f"wall_{table}_{column}"[: 59 if is_by_trigger else 63]


def _composite_key(table: str, column: str, target: str) -> Iterator[str]:
    name = key_name(table, column, is_by_trigger=False)
    yield f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"'
    yield (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (program_id, "{column}") '
        f'REFERENCES "{target}" (program_id, id)'
    )


def _trigger_key(table: str, column: str, target: str) -> Iterator[str]:
    """A key that triggers judge: the row that it names is of the same program or, in a table that programs share, of none.

    Added rows are judged once a statement, all together; a changed key row by row.
    """
    name = key_name(table, column, is_by_trigger=True)
    is_foreign = f"""NOT EXISTS (
            SELECT FROM "{target}" t
            WHERE t.id = {{row}}."{column}" AND (t.program_id IS NULL OR t.program_id = {{row}}.program_id)
          )"""
    message = f"{table}.{column} points across the wall of a program"
    refuse = f"RAISE foreign_key_violation USING MESSAGE = '{message}'"
    yield f"""
        CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
          IF {is_foreign.format(row="NEW")} THEN {refuse}; END IF;
          RETURN NEW;
        END $body$"""
    yield f"""
        CREATE OR REPLACE FUNCTION "{name}_all"() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
          IF EXISTS (
            SELECT FROM added a WHERE a."{column}" IS NOT NULL AND {is_foreign.format(row="a")}
          ) THEN {refuse}; END IF;
          RETURN NULL;
        END $body$"""
    yield f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"'
    yield (
        f'CREATE TRIGGER "{name}" BEFORE UPDATE OF "{column}", program_id ON "{table}" '
        f'FOR EACH ROW WHEN (NEW."{column}" IS NOT NULL) EXECUTE FUNCTION "{name}"()'
    )
    yield f'DROP TRIGGER IF EXISTS "{name}_all" ON "{table}"'
    yield (
        f'CREATE TRIGGER "{name}_all" AFTER INSERT ON "{table}" REFERENCING NEW TABLE AS added '
        f'FOR EACH STATEMENT EXECUTE FUNCTION "{name}_all"()'
    )


def wall_statements(model: Any) -> Iterator[str]:
    """The SQL that builds the wall of one model; every statement may be run again."""
    table = model._meta.db_table
    field = program_field(model)
    if model._meta.label_lower == PROGRAM_LABEL:
        yield from _policies(table, "id", shared=False)
        return
    if field is None:
        return
    yield from _policies(table, "program_id", shared=field.null)
    yield f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "wall_{table}_id" CASCADE'
    yield f'ALTER TABLE "{table}" ADD CONSTRAINT "wall_{table}_id" UNIQUE (program_id, id)'


def key_statements(model: Any) -> Iterator[str]:
    """The SQL that keeps a model's foreign keys inside the program."""
    for field, target, is_by_trigger in program_keys(model):
        build = _trigger_key if is_by_trigger else _composite_key
        yield from build(model._meta.db_table, field.column, target)


def trigger_statements(model: Any) -> Iterator[str]:
    """The SQL of the triggers alone, for keys to shared tables."""
    for field, target, is_by_trigger in program_keys(model):
        if is_by_trigger:
            yield from _trigger_key(model._meta.db_table, field.column, target)


def program_keys(model: Any) -> Iterator[tuple[Any, str, bool]]:
    """The keys of a program table to program tables: field, table, whether triggers judge them instead of a constraint:
    where one of both tables may be shared by programs, and where the key asks for it."""
    own = program_field(model)
    if own is None:
        return
    for field in model._meta.local_fields:
        if not isinstance(field, models.ForeignKey) or field.name == "program":
            continue
        target = program_field(field.remote_field.model)
        if target is not None:
            is_together = getattr(field, "is_judged_together", False)
            yield field, field.remote_field.model._meta.db_table, target.null or own.null or is_together


class BuildWalls(Operation):
    """Build the walls of every model that the app has at this point of its history.

    List it last in each migration that adds a model with a program or a key between such models. With names it touches
    these models only; a wall that other tables already lean on must not be built again: ``keys_only`` builds the keys of
    such a table, ``triggers_only`` the triggers of keys to shared tables.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, *models: str, triggers_only: bool = False, keys_only: bool = False) -> None:
        self.models = models
        self.triggers_only = triggers_only
        self.keys_only = keys_only

    def deconstruct(self) -> tuple[str, list[str], dict[str, Any]]:
        chosen = {name: True for name in ("triggers_only", "keys_only") if getattr(self, name)}
        return (self.__class__.__qualname__, list(self.models), chosen)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state of the models does not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        found = list(to_state.apps.get_app_config(app_label).get_models())
        wanted = [model for model in found if not self.models or model.__name__ in self.models]
        assert not self.models or len(wanted) == len(self.models), f"unknown model among {self.models}"
        # Deferred constraints of the same migration would block ALTER TABLE.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for build in self._parts():
            for model in wanted:
                for statement in build(model):
                    schema_editor.execute(statement)

    def _parts(self) -> tuple[Callable[[Any], Iterator[str]], ...]:
        if self.triggers_only:
            return (trigger_statements,)
        return (key_statements,) if self.keys_only else (wall_statements, key_statements)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Dropping the tables drops their walls."""

    def describe(self) -> str:
        return "Build the walls between programs"


class AppendOnly(Operation):
    """Rows of these models may be added and read; the role that runs the product cannot change or delete them."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, *models: str) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[str], dict[str, Any]]:
        return (self.__class__.__qualname__, list(self.models), {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state of the models does not change."""

    def _each(self, app_label: str, schema_editor: Any, state: Any, statement: str) -> None:
        for name in self.models:
            table = state.apps.get_model(app_label, name)._meta.db_table
            schema_editor.execute(statement.format(table=table, role=app_role()))

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._each(app_label, schema_editor, to_state, 'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM "{role}"')

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._each(app_label, schema_editor, from_state, 'GRANT UPDATE, DELETE ON "{table}" TO "{role}"')

    def describe(self) -> str:
        return f"Append only: {', '.join(self.models)}"
