"""Making segments, changing and archiving them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loyalty.kernel import audit
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.text import Texts
from loyalty.kernel.unit_of_work import unit_of_work
from members.segments.documents import levels, referred
from members.segments.models import RefreshState, Segment, SegmentKind
from members.segments.operations import membership, refreshing
from members.segments.queries import finding
from members.segments.services.refreshing import queue_refresh
from members.segments.sql import refused_parts
from programs.rules import Problem, validate_segment
from programs.setup.models import CODE


class CodeTaken(Refusal):
    """Another segment of the program has the code, perhaps an archived one."""

    code = "segments.code_taken"
    status = 409
    field = "code"


class NotByHand(Refusal):
    """Who is in this segment is decided by its condition."""

    code = "segments.not_by_hand"
    status = 409


class NotByCondition(Refusal):
    """The segment has no condition: who is in it is decided by hand."""

    code = "segments.not_by_condition"
    status = 409


class AskedFor(Refusal):
    """Segments or promotions that run ask for the segment."""

    code = "segments.asked_for"
    status = 409


def problems_of(document: Any, code: str = "") -> list[Problem]:
    """Everything that keeps a document from defining the segment ``code``; the path names the field."""
    problems = validate_segment(document)
    if problems:
        return problems
    problems = refused_parts(document["when"])
    others = {one.code: one for one in finding.segments() if one.code != code}
    for name in sorted(referred(document) - others.keys() - {code}):
        problems.append(Problem("/when", "unknown_segment", {"segment": name}))
    asks = {one.code: referred(one.document) for one in others.values() if one.is_dynamic}
    if levels({**asks, code or " ": referred(document)}) is None:
        problems.append(Problem("/when", "segments_in_a_circle", {}))
    return problems


def create_segment(
    *, code: str, name: Texts | Mapping[str, str], kind: str, document: Mapping[str, Any] | None = None, now: datetime
) -> Segment:
    """Make a segment of the program in scope; one by a condition is counted by a job that begins at once.

    :raises Malformed: the code or the document is not one; ``errors`` names the fields.
    :raises CodeTaken: the code is in use.
    """
    if not re.search(CODE.regex, code):
        raise Malformed(errors=[("code", "wrong_format")])
    is_dynamic = kind == SegmentKind.DYNAMIC
    with unit_of_work():
        if Segment.objects.filter(code=code).exists():
            raise CodeTaken(code=code)
        refreshing.lock_dynamic()
        if is_dynamic:
            _check(document or {}, code)
        segment: Segment = Segment.objects.create(
            code=code, name=dict(name), kind=kind, document=document if is_dynamic else {},
            position=finding.next_position() if is_dynamic else None,
            state=RefreshState.WAITING if is_dynamic else RefreshState.DONE,
        )  # fmt: skip
        audit.record("segment.created", segment, changes={"document": (None, segment.document)})
        if is_dynamic:
            queue_refresh()
    return segment


def change_segment(
    *, code: str, name: Texts | Mapping[str, str], document: Mapping[str, Any] | None = None, now: datetime
) -> Segment:
    """Give a segment another name and, where it has one, another condition; then it is counted again.

    :raises NotFound: no such segment in use.
    :raises Malformed: the document is not one; ``errors`` names the fields.
    :raises NotByCondition: a condition for a segment by hand.
    """
    with unit_of_work():
        refreshing.lock_dynamic()
        segment = membership.lock_segment(code)
        if segment is None:
            raise NotFound()
        changes: dict[str, tuple[Any, Any]] = {}
        if document is not None and not segment.is_dynamic:
            raise NotByCondition(code=code)
        if dict(name) != dict(segment.name):
            changes["name"] = (dict(segment.name), dict(name))
            segment.name = dict(name)
        if document is not None and document != segment.document:
            _check(document, code)
            changes["document"] = (segment.document, document)
            segment.document, segment.state = dict(document), RefreshState.WAITING
        if changes:
            segment.save(update_fields=["name", "document", "state"])
            audit.record("segment.changed", segment, changes=changes)
        if "document" in changes:
            queue_refresh()
    return segment


def archive_segment(*, code: str, now: datetime) -> Segment:
    """Take a segment out of use: everybody leaves it, its history stays.

    :raises NotFound: no such segment in use.
    :raises AskedFor: promotions that run or other segments ask for it.
    """
    with unit_of_work():
        refreshing.lock_dynamic()
        segment = membership.lock_segment(code)
        if segment is None:
            raise NotFound()
        users = [*finding.users_of().get(code, ()), *finding.asked_by(code)]
        if users:
            raise AskedFor(code=code, users=", ".join(users))
        membership.end_all(segment.pk, at=now)
        segment.member_count, segment.archived_at = 0, now
        segment.save(update_fields=["member_count", "archived_at"])
        audit.record("segment.archived", segment)
    return segment


def _check(document: Mapping[str, Any], code: str) -> None:
    problems = problems_of(document, code)
    if problems:
        raise Malformed(errors=[(one.path.strip("/").replace("/", "."), one.code, one.facts) for one in problems])
