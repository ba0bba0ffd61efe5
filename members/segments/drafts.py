"""A condition while it is being written: the designer's form of it, its words, its problems and its count."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing

from loyalty.kernel import clock, replica
from members.segments.documents import wrapped
from members.segments.queries import counting
from members.segments.queries.counting import Count
from members.segments.services.writing import problems_of
from programs.promotions import picking, queries, sentence
from programs.promotions.design import Part, edit_of, edited, normal, parts, read, tidied
from programs.promotions.design import kept as words
from programs.promotions.design.checking import placed
from programs.promotions.design.shape import Palette
from programs.promotions.sentence.conditions import condition
from programs.promotions.sentence.phrases import Phrases, merged
from programs.rules.language import Problem
from programs.setup.models import Program

# The designer knows a condition on members by the name of its part in a promotion.
ROOM = "audience"
SALT = "members.segments.drafts"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the page shows of a condition. ``kept`` carries it to the next change; nothing is saved meanwhile."""

    part: Part
    kept: str
    sentence: Phrases
    problems: list[str]
    is_for_all: bool
    count: Count | None


def begun(document: Mapping[str, Any]) -> dict[str, Any]:
    """The form's document of a segment, or of none yet."""
    return {ROOM: document["when"]} if document else {}


def changed(kept: str, data: Mapping[str, list[str]]) -> dict[str, Any]:
    """The form's document after what was typed and the button that was pressed.

    :raises signing.BadSignature: ``kept`` is not what a page carried.
    """
    palette = _palette()
    found = read(signing.loads(kept, salt=SALT), data, palette)
    room = [part for part in parts(normal(found), palette) if part.code == ROOM]
    edit = edit_of(next(iter(data.get("do", ())), ""), room)
    return tidied(edited(found, edit) if edit else found)


def document_of(form_document: Mapping[str, Any]) -> dict[str, Any]:
    """The ``segment/1`` document of a form's document; a condition without parts chooses everybody."""
    return wrapped(form_document.get(ROOM) or {"op": "true"})


def shown(form_document: Mapping[str, Any], code: str = "") -> Draft:
    """What the page shows of a form's document."""
    part = next(one for one in parts(normal(form_document), _palette()) if one.code == ROOM)
    document = document_of(form_document)
    problems = problems_of(document, code)
    left = placed([part], [Problem(one.path.replace("/when", f"/{ROOM}", 1), one.code, one.facts) for one in problems])
    picking.name_codes([part])
    words.tell([part], normal(form_document), sentence.names_for([document]))
    return Draft(
        part=part,
        kept=signing.dumps(dict(form_document), salt=SALT, compress=True),
        sentence=() if problems else said(document),
        problems=left,
        is_for_all=document["when"]["op"] == "true",
        count=None if problems else replica.lagging(lambda: counting.count_members(document["when"], clock.now())),
    )


def said(document: Mapping[str, Any]) -> Phrases:
    """The condition in the reader's language."""
    names = sentence.names_for([document])
    return merged(condition(document["when"], names, ROOM))


def _palette() -> Palette:
    program = Program.objects.get()
    return Palette(
        program.currency, queries.point_type_options(), queries.group_options(program), own=queries.own_attributes()
    )
