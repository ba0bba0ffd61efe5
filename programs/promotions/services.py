"""Writing, publishing and stopping promotions."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from loyalty.kernel import audit, registries, scope
from loyalty.kernel.errors import Malformed, NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from programs.promotions import snapshots
from programs.promotions.models import Promotion, PromotionState, PromotionVersion
from programs.rules import validate
from programs.setup.models import PointType


class EffectNotOffered(Refusal):
    """The document uses an effect that nothing carries out."""

    code = "promotions.effect_not_offered"


class NotADraft(Refusal):
    """The version is published: it never changes; write a new version."""

    code = "promotions.not_a_draft"
    status = 409


def document_hash(document: Mapping[str, Any]) -> str:
    """What identifies a document's content."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def check_document(document: Mapping[str, Any]) -> None:
    """Refuse a document that cannot be published in the program in scope.

    :raises Malformed: it is not a valid ``promo/1`` document; the errors name the fields.
    :raises EffectNotOffered: an effect has no executor, or the point type is unknown.
    """
    problems = validate(document)
    if problems:
        raise Malformed(errors=[(problem.path, problem.code) for problem in problems])
    for effect in [*document["then"], *document.get("else", ())]:
        if effect["effect"] not in registries.effect_names():
            raise EffectNotOffered(effect=effect["effect"])
    known = set(PointType.objects.filter(archived_at__isnull=True).values_list("code", flat=True))
    unknown = {effect["type"] for effect in document["then"] if "type" in effect} - known
    if unknown:
        raise Malformed(errors=[("then", "unknown_point_type")])


def write_promotion(*, code: str, name: Mapping[str, str], document: Mapping[str, Any]) -> PromotionVersion:
    """Save a draft: a new promotion, or the next version of the one with this code.

    :raises Malformed: the document is not valid.
    """
    check_document({**document, "id": code})
    with unit_of_work():
        promotion = Promotion.objects.filter(code=code).first() or Promotion.objects.create(code=code, name=dict(name))
        if promotion.name != dict(name):
            Promotion.objects.filter(pk=promotion.pk).update(name=dict(name))
        last = promotion.versions.order_by("-number").first()
        if last is not None and last.effective is None:
            last.document, last.document_hash = dict(document), document_hash(document)
            last.save(update_fields=["document", "document_hash"])
            version = last
        else:
            version = PromotionVersion.objects.create(
                promotion=promotion,
                number=last.number + 1 if last else 1,
                document=dict(document),
                document_hash=document_hash(document),
                created_by_id=_user_id(),
            )
        audit.record("promotion.written", promotion, changes={"version": (None, version.number)})
    return version


def publish_version(*, version_id: int, starts_at: datetime | None, now: datetime) -> PromotionVersion:
    """Put a draft in force from ``starts_at`` (at the earliest ``now``; nothing means always), ending its predecessor.

    One transaction writes the version and the snapshot that judges by it.

    :raises NotFound: no such version here.
    :raises NotADraft: it is published already.
    :raises Malformed: the document is no longer valid.
    """
    with unit_of_work():
        version = PromotionVersion.objects.select_for_update(no_key=True, of=("self",)).filter(pk=version_id).first()
        if version is None:
            raise NotFound()
        if version.effective is not None:
            raise NotADraft()
        check_document({**version.document, "id": version.promotion.code})
        earlier = version.promotion.versions.filter(effective__isnull=False, effective__upper_inf=True).first()
        if earlier is not None:
            starts_at = max(starts_at or now, now)
            _end(earlier, starts_at)
        version.effective = DateTimeTZRange(starts_at, None)
        version.published_by_id, version.published_at = _user_id(), now
        version.save(update_fields=["effective", "published_by", "published_at"])
        Promotion.objects.filter(pk=version.promotion_id).update(state=PromotionState.LIVE)
        audit.record("promotion.published", version.promotion, changes={"version": (None, version.number)})
        snapshots.freeze(now)
    return version


def stop_promotion(*, promotion_id: int, now: datetime, preview: bool = False) -> Promotion:
    """Stop a promotion at once: from ``now`` no purchase earns by it; earlier purchases that arrive late still do.

    :raises NotFound: no such promotion here.
    :raises NotADraft: it does not run.
    """
    with unit_of_work(preview=preview):
        promotion = Promotion.objects.select_for_update(no_key=True, of=("self",)).filter(pk=promotion_id).first()
        if promotion is None:
            raise NotFound()
        running = promotion.versions.filter(effective__isnull=False, effective__upper_inf=True).first()
        if running is None:
            raise NotADraft()
        _end(running, now)
        Promotion.objects.filter(pk=promotion.pk).update(state=PromotionState.PAUSED)
        audit.record("promotion.stopped", promotion, changes={"version": (running.number, None)})
        snapshots.freeze(now)
    return promotion


def freeze_settings(*, now: datetime) -> int:
    """Freeze the program's settings and tiers as they are now; the number of the snapshot that judges from now on."""
    with unit_of_work():
        return int(snapshots.freeze(now).number)


def _end(version: PromotionVersion, at: datetime) -> None:
    version.effective = DateTimeTZRange(version.effective.lower, at)
    version.save(update_fields=["effective"])


def _user_id() -> int | None:
    actor = scope.actor()
    return actor.id if actor.kind == "user" else None
