"""Asking for a list as a file, and making it in the background."""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone, translation

from loyalty.kernel import audit, clock, documents, files, jobs, replica, scope
from loyalty.kernel.access.roles import PermissionRefused
from loyalty.kernel.documents.streaming import ROW_FORMATS
from loyalty.kernel.errors import Refusal
from loyalty.kernel.exports import table
from loyalty.kernel.models import Job, User
from loyalty.kernel.pages import paging, program
from loyalty.kernel.unit_of_work import unit_of_work

JOB_KIND = "lists.export"
QUEUE = "reports"
FILES_KEPT_FOR = timedelta(days=7)
ROWS_A_PART = 1000


class FormatRefused(Refusal):
    """No such format."""

    code = "exports.format_refused"


class FilterRefused(Refusal):
    """The search or the filters make no sense for the list."""

    code = "exports.filter_refused"


def request_export(*, model: Any, query: str, file_format: str, user: User) -> Job:
    """Queue the rows of a list, narrowed by the ``query`` of its address, as a file for ``user``.

    :raises FormatRefused: neither csv nor xlsx.
    :raises PermissionRefused: the user may not see the list in the program in scope.
    :raises FilterRefused: the query makes no sense.
    """
    if file_format not in ROW_FORMATS:
        raise FormatRefused()
    arguments = {
        "list": model._meta.label_lower,
        "query": query,
        "format": file_format,
        "language": translation.get_language() or "en",
        "zone": timezone.get_current_timezone_name(),
    }
    _rows(*_list(arguments, user))
    with unit_of_work():
        job = jobs.enqueue(JOB_KIND, arguments=arguments, queue=QUEUE, user=user)
        audit.record("export.requested", job, changes={"list": (None, arguments["list"]), "filters": (None, query)})
    return job


def run_export(work: jobs.Run) -> Mapping[str, Any]:
    """Make the file; the handler of the job. It sees what the person may see when it runs, not when it was asked for.

    :raises PermissionRefused: whoever asked may not see the list any more.
    """
    asked, user = work.job.arguments, work.job.requested_by
    if user is None:
        raise PermissionRefused()
    zone = ZoneInfo(asked["zone"])
    with ExitStack() as stack:
        stack.enter_context(scope.enter([scope.program_id()], program.actor_of(user), is_operator=user.is_operator))
        stack.enter_context(translation.override(asked["language"]))
        stack.enter_context(timezone.override(zone))
        model_admin, request = _list(asked, user)
        content = stack.enter_context(tempfile.TemporaryFile())
        count = replica.lagging(lambda: _write(work, model_admin, request, content, zone))
        content.seek(0)
        stored = files.store(
            content,
            kind="export",
            name=f"{model_admin.opts.model_name}-{clock.now().astimezone(zone):%Y-%m-%d-%H%M}.{asked['format']}",
            content_type=documents.CONTENT_TYPES[asked["format"]],
            expires_at=clock.now() + FILES_KEPT_FOR,
            user=user,
        )
    return {"file": str(stored.public_id), "rows": count}


def _write(work: jobs.Run, model_admin: Any, request: HttpRequest, content: Any, zone: ZoneInfo) -> int:
    # A second beginning, after a replica broke off, leaves nothing of the first.
    content.seek(0)
    content.truncate()
    with model_admin.scope_of_list(request):
        found, order = _rows(model_admin, request)
        columns = table.columns(model_admin, request)
        heading = [title for column in columns for title in column.titles]
        rows = ROW_FORMATS[work.job.arguments["format"]](content, heading, model_admin.list_name, zone)
        total, done = found.order_by().count(), 0
        for part in paging.parts(found, order, ROWS_A_PART):
            for row in part:
                rows.add([cell for column in columns for cell in column.cells(row)])
            done += len(part)
            work.report(done, max(total, done))
        rows.close()
    return done


def _list(asked: Mapping[str, Any], user: User) -> tuple[Any, HttpRequest]:
    """The list that was asked for, and a request for it as the person would make it."""
    model_admin = admin.site._registry[apps.get_model(asked["list"])]
    request = HttpRequest()
    request.method, request.user, request.GET = "GET", user, QueryDict(asked["query"])
    request.program_id = scope.program_id()  # type: ignore[attr-defined]
    if not model_admin.has_view_permission(request):
        raise PermissionRefused()
    return model_admin, request


def _rows(model_admin: Any, request: HttpRequest) -> tuple[Any, list[str]]:
    """The rows that the list would show, all parts of them, and the order of its parts."""
    try:
        changes = model_admin.get_changelist_instance(request)
    except (IncorrectLookupParameters, ValidationError, ValueError) as problem:
        raise FilterRefused() from problem
    return changes.queryset, changes.order
