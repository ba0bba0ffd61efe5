"""Writing promotions: drafts that may be unfinished, checked in full before they are published."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from loyalty.kernel import audit, clock, registries
from loyalty.kernel.errors import Malformed, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from programs.promotions import operations
from programs.promotions.models import Promotion, PromotionVersion, ReviewDeed, VersionState
from programs.rules import PointTypeSettings, ProgramSettings, clashes_of, validate
from programs.rules.compile import trigger_name
from programs.rules.language import Problem
from programs.setup.models import EventKind, PointType, Program

LARGEST_DOCUMENT = 200_000
MOST_EARLIER = 30


class EffectNotOffered(Refusal):
    """The document uses an effect that nothing carries out."""

    code = "promotions.effect_not_offered"


class NotADraft(Refusal):
    """The version is published, approved or being looked at: it does not change; write a new version."""

    code = "promotions.not_a_draft"
    status = 409


class ChangedMeanwhile(Refusal):
    """Somebody else saved the draft since it was read."""

    code = "promotions.changed_meanwhile"
    status = 409


class Clashes(Refusal):
    """Beside a promotion that runs or is about to, this one makes no sense; ``problem`` says why, the field where."""

    code = "promotions.clashes"
    status = 409

    def __init__(self, problem: Problem) -> None:
        super().__init__(rule=problem.facts["rule"], problem=problem.code)
        self.field = problem.path


def document_hash(document: Mapping[str, Any]) -> str:
    """What identifies a document's content."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def problems_of(document: Mapping[str, Any]) -> list[Problem]:
    """Everything that keeps a document from being published in the program in scope; the path names the field."""
    problems = validate(document)
    if problems:
        return problems
    found: list[Problem] = []
    found += _trigger_problems(document)
    for part in ("then", "else"):
        for index, effect in enumerate(document.get(part, ())):
            if effect["effect"] not in registries.effect_names():
                found.append(Problem(f"/{part}/{index}/effect", "effect_not_offered", {"effect": effect["effect"]}))
                continue
            wrong = registries.effect_problems(effect)
            found += [Problem(f"/{part}/{index}/{field}".rstrip("/"), code, facts) for field, code, facts in wrong]
    known = set(PointType.objects.filter(archived_at__isnull=True).values_list("code", flat=True))
    for index, effect in enumerate(document["then"]):
        if "type" in effect and effect["type"] not in known:
            found.append(Problem(f"/then/{index}/type", "unknown_point_type", {"type": effect["type"]}))
    return found


def _trigger_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """A trigger that nothing starts would never fire; an event must be declared."""
    kind, _colon, event = trigger_name(document).partition(":")
    if kind not in registries.trigger_names():
        yield Problem("/trigger", "trigger_not_offered", {})
    elif kind == "event" and not EventKind.objects.filter(code=event, archived_at__isnull=True).exists():
        yield Problem("/trigger", "unknown_event", {"event": event})


def clashes_with_live(document: Mapping[str, Any]) -> list[Problem]:
    """What keeps a valid document from being in force beside the promotions that run or are about to."""
    program = Program.objects.get()
    now = clock.now()
    running = PromotionVersion.objects.filter(effective__upper_inf=True).select_related("promotion")
    others = [
        {**one.document, "id": one.promotion.code}
        for one in running.exclude(promotion__code=document["id"])
        if (ends_at := one.ends_at(program.zone)) is None or ends_at > now
    ]
    found = clashes_of(document, others, _settings(program))
    return [Problem(path, code, facts) for _rule, path, code, facts in found]


def _settings(program: Program) -> ProgramSettings:
    types = PointType.objects.filter(archived_at__isnull=True).order_by("position", "id")
    return ProgramSettings(
        basis=program.basis,
        groups=program.groups,
        point_types=tuple(PointTypeSettings(one.code, one.decimals) for one in types),
    )


def refuse_clashes(document: Mapping[str, Any]) -> None:
    """Refuse to put a valid document in force beside promotions that contradict it.

    :raises Clashes: the first contradiction.
    """
    for problem in clashes_with_live(document):
        raise Clashes(problem)


def check_document(document: Mapping[str, Any]) -> None:
    """Refuse a document that cannot be published in the program in scope.

    :raises Malformed: it is not a valid ``promo/1`` document, or names what the program does not have; the errors name
        the fields.
    :raises EffectNotOffered: an effect has no executor.
    """
    problems = problems_of(document)
    for problem in problems:
        if problem.code == "effect_not_offered":
            raise EffectNotOffered(**problem.facts)
    if problems:
        raise Malformed(errors=[(problem.path, problem.code) for problem in problems])


def write_promotion(*, code: str, name: Mapping[str, str], document: Mapping[str, Any]) -> PromotionVersion:
    """Save a finished draft: of a new promotion, or as the next version of the one with this code.

    :raises Malformed: the document is not valid.
    :raises NotADraft: the newest version is being looked at.
    """
    check_document({**document, "id": code})
    with unit_of_work():
        promotion = Promotion.objects.filter(code=code).first() or Promotion.objects.create(code=code, name=dict(name))
        promotion = operations.lock_promotion(promotion.pk)
        if promotion.name != dict(name):
            Promotion.objects.filter(pk=promotion.pk).update(name=dict(name))
        version = _draft_of(promotion, document)
        audit.record("promotion.written", promotion, changes={"version": (None, version.number)})
    return version


def save_draft(
    *,
    promotion_id: int,
    document: Mapping[str, Any],
    name: Mapping[str, str],
    seen: str | None,
) -> PromotionVersion:
    """Save what is being designed, finished or not; only publishing asks for a valid document.

    :param seen: the hash of the draft as it was read, empty when there was none; nothing means to write over it.
    :raises NotFound: no such promotion here.
    :raises ChangedMeanwhile: somebody else saved the draft since.
    :raises NotADraft: the newest version is being looked at or approved.
    :raises Malformed: too large to be a promotion.
    """
    if len(json.dumps(document)) > LARGEST_DOCUMENT:
        raise Malformed(errors=[("", "too_large")])
    with unit_of_work():
        promotion = operations.lock_promotion(promotion_id)
        last = promotion.versions.order_by("-number").first()
        present = last.document_hash if last is not None and last.state == VersionState.DRAFT else ""
        if seen is not None and present != seen and present != document_hash(document):
            raise ChangedMeanwhile()
        if promotion.name != dict(name):
            Promotion.objects.filter(pk=promotion.pk).update(name=dict(name))
            audit.record("promotion.named", promotion, changes={"name": (dict(promotion.name), dict(name))})
        return _draft_of(promotion, document)


def _draft_of(promotion: Promotion, document: Mapping[str, Any]) -> PromotionVersion:
    last = promotion.versions.order_by("-number").first()
    if last is not None and last.state in (VersionState.REVIEW, VersionState.APPROVED):
        raise NotADraft()
    if last is not None and last.state == VersionState.DRAFT:
        if last.document_hash != document_hash(document):
            last.earlier = [*last.earlier, last.document][-MOST_EARLIER:]
            _write(last, document)
        return last
    made: PromotionVersion = PromotionVersion.objects.create(
        promotion=promotion,
        number=last.number + 1 if last else 1,
        document=dict(document),
        document_hash=document_hash(document),
        created_by_id=operations.user_id(),
        edited_by_id=operations.user_id(),
    )
    operations.note(made, ReviewDeed.WRITTEN)
    return made


def _write(draft: PromotionVersion, document: Mapping[str, Any]) -> None:
    draft.document, draft.document_hash = dict(document), document_hash(document)
    draft.edited_by_id = operations.user_id()
    draft.save(update_fields=["document", "document_hash", "edited_by", "earlier"])


def undo_draft(*, promotion_id: int) -> PromotionVersion:
    """Take the last change of a draft back.

    :raises NotFound: no such promotion here.
    :raises NotADraft: there is no draft, or nothing to take back.
    """
    with unit_of_work():
        promotion = operations.lock_promotion(promotion_id)
        last = promotion.versions.order_by("-number").first()
        if last is None or last.state != VersionState.DRAFT or not last.earlier:
            raise NotADraft()
        document = last.earlier.pop()
        _write(last, document)
        return last


def begin_promotion(*, code: str, name: Mapping[str, str], document: Mapping[str, Any]) -> Promotion:
    """A new promotion with a first draft, finished or not.

    :raises Malformed: the code is taken.
    """
    with unit_of_work():
        made, is_new = Promotion.objects.get_or_create(code=code, defaults={"name": dict(name)})
        if not is_new:
            raise Malformed(errors=[("code", "taken")])
        _draft_of(made, document)
        audit.record("promotion.written", made, changes={"version": (None, 1)})
    return cast("Promotion", made)


def discard_draft(*, version_id: int) -> None:
    """Put an unpublished draft aside; a promotion that never had anything else goes to the archive with it.

    :raises NotFound: no such version here.
    :raises NotADraft: it is no draft.
    """
    with unit_of_work():
        version = operations.lock_version(version_id)
        if version.state != VersionState.DRAFT:
            raise NotADraft()
        promotion = version.promotion
        version.state = VersionState.DISCARDED
        version.save(update_fields=["state"])
        if not promotion.versions.exclude(state=VersionState.DISCARDED).exists():
            Promotion.objects.filter(pk=promotion.pk).update(archived_at=clock.now())
        audit.record("promotion.discarded", promotion, changes={"version": (version.number, None)})
