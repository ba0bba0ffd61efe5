"""Putting versions in force and ending them: each change makes one immutable snapshot."""

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from loyalty.kernel import audit
from loyalty.kernel.errors import Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from programs.promotions import operations, snapshots
from programs.promotions.models import Promotion, PromotionState, PromotionVersion, ReviewDeed, VersionState
from programs.promotions.services.reviewing import NeedsApproval
from programs.promotions.services.writing import NotADraft, check_document, refuse_clashes
from programs.setup.models import Program


class NotRunning(Refusal):
    """The promotion does not run."""

    code = "promotions.not_running"
    status = 409


class EndsBeforeItStarts(Refusal):
    """By its own schedule the promotion is over before it would be in force."""

    code = "promotions.ends_before_it_starts"


def publish_version(*, version_id: int, starts_at: datetime | None, now: datetime) -> PromotionVersion:
    """Put a draft in force from ``starts_at`` (at the earliest ``now``; nothing means always), ending its predecessor.

    One transaction writes the version and the snapshot that judges by it.

    :raises NotFound: no such version here.
    :raises NotADraft: it is published or put aside.
    :raises NeedsApproval: the program asks for a second person and nobody approved it.
    :raises EndsBeforeItStarts: its schedule is over before.
    :raises Malformed: the document is no longer valid.
    :raises Clashes: it contradicts a promotion that runs or is about to.
    """
    with unit_of_work():
        version = operations.lock_version(version_id)
        if version.state not in (VersionState.DRAFT, VersionState.REVIEW, VersionState.APPROVED):
            raise NotADraft()
        program = Program.objects.get()
        if program.is_approval_needed and version.state != VersionState.APPROVED:
            raise NeedsApproval()
        document = {**version.document, "id": version.promotion.code}
        check_document(document)
        refuse_clashes(document)
        ends_at = version.ends_at(program.zone)
        if ends_at is not None and ends_at <= max(starts_at or now, now):
            raise EndsBeforeItStarts()
        return _put_in_force(version, starts_at, now)


def _put_in_force(version: PromotionVersion, starts_at: datetime | None, now: datetime) -> PromotionVersion:
    earlier = version.promotion.versions.filter(effective__isnull=False, effective__upper_inf=True).first()
    if earlier is not None:
        starts_at = max(starts_at or now, now)
        if earlier.effective.lower is not None and earlier.effective.lower >= starts_at:
            # Scheduled and never in force: it gives way whole.
            earlier.effective, earlier.state = None, VersionState.DISCARDED
            earlier.save(update_fields=["effective", "state"])
        else:
            operations.end_version(earlier, starts_at)
    version.effective = DateTimeTZRange(starts_at, None)
    version.state = VersionState.PUBLISHED
    version.published_by_id, version.published_at = operations.user_id(), now
    version.save(update_fields=["effective", "state", "published_by", "published_at"])
    Promotion.objects.filter(pk=version.promotion_id).update(state=PromotionState.LIVE)
    operations.note(version, ReviewDeed.PUBLISHED)
    audit.record("promotion.published", version.promotion, changes={"version": (None, version.number)})
    snapshots.freeze(now)
    return version


def stop_promotion(*, promotion_id: int, now: datetime, comment: str = "", preview: bool = False) -> Promotion:
    """Stop a promotion at once: from ``now`` no purchase earns by it; earlier purchases that arrive late still do.

    :raises NotFound: no such promotion here.
    :raises NotRunning: it does not run.
    """
    with unit_of_work(preview=preview):
        promotion = operations.lock_promotion(promotion_id)
        running = promotion.versions.filter(effective__isnull=False, effective__upper_inf=True).first()
        if running is None:
            raise NotRunning()
        if running.effective.lower is not None and running.effective.lower >= now:
            running.effective, running.state = None, VersionState.DISCARDED
            running.save(update_fields=["effective", "state"])
        else:
            operations.end_version(running, now)
        Promotion.objects.filter(pk=promotion.pk).update(state=PromotionState.PAUSED)
        operations.note(running, ReviewDeed.STOPPED, comment)
        audit.record("promotion.stopped", promotion, changes={"version": (running.number, None)}, reason=comment)
        snapshots.freeze(now)
    return promotion


def resume_promotion(*, promotion_id: int, now: datetime) -> PromotionVersion:
    """Let a stopped promotion run again from ``now`` with the terms it had: the same document as a version of its own.

    :raises NotFound: no such promotion here.
    :raises NotRunning: it was not stopped.
    :raises EndsBeforeItStarts: its schedule is over.
    """
    with unit_of_work():
        promotion = operations.lock_promotion(promotion_id)
        last = promotion.versions.filter(effective__isnull=False).order_by("-number").first()
        if promotion.state != PromotionState.PAUSED or last is None:
            raise NotRunning()
        ends_at = last.ends_at(Program.objects.get().zone)
        if ends_at is not None and ends_at <= now:
            raise EndsBeforeItStarts()
        newest = promotion.versions.order_by("-number").first()
        assert newest is not None
        version = PromotionVersion.objects.create(
            promotion=promotion,
            number=newest.number + 1,
            document=last.document,
            document_hash=last.document_hash,
            created_by_id=operations.user_id(),
            edited_by_id=operations.user_id(),
        )
        return _put_in_force(version, now, now)


def freeze_settings(*, now: datetime) -> int:
    """Freeze the program's settings and tiers as they are now; the number of the snapshot that judges from now on."""
    with unit_of_work():
        return int(snapshots.freeze(now).number)
