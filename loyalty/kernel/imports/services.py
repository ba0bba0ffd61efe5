"""Looking at what a file would do, and doing it: the same work, all of it or nothing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from import_export.results import Result, RowResult

from loyalty.kernel import audit, files
from loyalty.kernel.errors import Refusal
from loyalty.kernel.imports import reading
from loyalty.kernel.imports.resources import ProgramResource
from loyalty.kernel.models import StoredFile
from loyalty.kernel.pages import changes
from loyalty.kernel.unit_of_work import unit_of_work

KEPT_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of the file does: ``made`` holds (field, before, after)."""

    number: int
    name: str
    is_new: bool
    made: Sequence[tuple[str, Any, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file does, or why it cannot: ``problems`` holds (line, column, words)."""

    lines: Sequence[Line]
    added: int
    changed: int
    unchanged: int
    problems: Sequence[tuple[int, str, str]]


class ImportRefused(Refusal):
    """Some lines make no sense; nothing was done. ``plan`` tells which."""

    code = "imports.refused"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(problems=len(plan.problems))


def plan_import(resource: type[ProgramResource], content: IO[bytes], name: str) -> Plan:
    """What the file would do to the program in scope.

    :raises FileRefused: it cannot be read as a table of this kind.
    """
    return _plan(_run(resource, content, name, is_trial=True), resource)


def import_file(resource: type[ProgramResource], stored: StoredFile) -> Plan:
    """Take in the rows of a stored file, each with its audit record.

    :raises FileRefused: it cannot be read as a table of this kind.
    :raises ImportRefused: a line makes no sense; nothing was done.
    """
    with unit_of_work():
        with files.open_content(stored) as content:
            plan = _plan(_run(resource, content, stored.name, is_trial=False), resource)
        if plan.problems:
            raise ImportRefused(plan)
        noun = changes.noun(resource._meta.model)
        audit.record(f"{noun}.imported", stored, changes={"added": (None, plan.added), "changed": (None, plan.changed)})
    return plan


def import_asked(resource: type[ProgramResource], arguments: Mapping[str, Any]) -> Plan:
    """Take in the file of a proposal, judged again: what stopped making sense meanwhile changes nothing.

    :raises NotFound: the file is gone.
    :raises FileRefused: it cannot be read as a table of this kind.
    :raises ImportRefused: a line makes no sense; nothing was done.
    """
    return import_file(resource, files.find(uuid.UUID(arguments["file"])))


def let_file_go(arguments: Mapping[str, Any], at: datetime) -> None:
    """A file that a proposal waited for stays for those who ask what was in it, and goes then."""
    files.let_expire(uuid.UUID(arguments["file"]), at + KEPT_AFTER)


def _run(resource: type[ProgramResource], content: IO[bytes], name: str, *, is_trial: bool) -> Result:
    table = reading.read(content, name)
    made = resource(reason=_("Import of %(file)s") % {"file": name})
    result = made.import_data(table, dry_run=is_trial, rollback_on_validation_errors=True)
    for error in [*result.base_errors, *(each for _line, errors in result.row_errors() for each in errors)]:
        raise error.error
    return result


def _plan(result: Result, resource: type[ProgramResource]) -> Plan:
    model, lines, problems = resource._meta.model, [], []
    for place, row in enumerate(result.rows, start=2):
        if row.import_type == RowResult.IMPORT_TYPE_INVALID:
            for field, texts in row.validation_error.update_error_dict({}).items():
                label = "" if field == NON_FIELD_ERRORS else str(capfirst(model._meta.get_field(field).verbose_name))
                problems += [(place, label, text) for error in texts for text in error.messages]
        elif row.import_type != RowResult.IMPORT_TYPE_SKIP:
            is_new = row.import_type == RowResult.IMPORT_TYPE_NEW
            before = {} if is_new else changes.values(row.original)
            made = changes.between(before, changes.values(row.instance))
            shown = {name: list(pair) for name, pair in made.items() if name != "id"}
            lines.append(Line(place, str(row.instance), is_new, list(changes.explained(model, shown))))
    added = sum(line.is_new for line in lines)
    return Plan(
        lines, added, len(lines) - added, len(result.rows) - len(lines) - len({row[0] for row in problems}), problems
    )
