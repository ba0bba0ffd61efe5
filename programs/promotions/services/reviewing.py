"""Having a draft looked at: submitted, approved by somebody else, or returned with a comment."""

from loyalty.kernel import audit
from loyalty.kernel.errors import Malformed, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from programs.promotions import operations
from programs.promotions.models import PromotionVersion, ReviewDeed, VersionState
from programs.promotions.services.writing import NotADraft, check_document

LONGEST_COMMENT = 500


class NotInReview(Refusal):
    """The version does not wait for approval."""

    code = "promotions.not_in_review"
    status = 409


class OwnWork(Refusal):
    """Who wrote a version does not approve it."""

    code = "promotions.own_work"
    status = 403


class NeedsApproval(Refusal):
    """The program asks for a second person before a promotion is published."""

    code = "promotions.needs_approval"
    status = 409


def submit_version(*, version_id: int, comment: str = "") -> PromotionVersion:
    """Send a finished draft for approval; it does not change until it is approved or returned.

    :raises NotFound: no such version here.
    :raises NotADraft: it is no draft.
    :raises Malformed: it cannot be published as it is; the errors name the fields.
    """
    with unit_of_work():
        version = operations.lock_version(version_id)
        if version.state != VersionState.DRAFT:
            raise NotADraft()
        check_document({**version.document, "id": version.promotion.code})
        return _move(version, VersionState.REVIEW, ReviewDeed.SUBMITTED, comment)


def approve_version(*, version_id: int, comment: str = "") -> PromotionVersion:
    """Say that a submitted version may be published.

    :raises NotFound: no such version here.
    :raises NotInReview: it does not wait for approval.
    :raises OwnWork: the actor wrote or last changed it.
    """
    with unit_of_work():
        version = _in_review(version_id)
        if operations.user_id() in (version.created_by_id, version.edited_by_id):
            raise OwnWork()
        return _move(version, VersionState.APPROVED, ReviewDeed.APPROVED, comment)


def return_version(*, version_id: int, comment: str) -> PromotionVersion:
    """Give a submitted or approved version back to be worked on; the comment says what is missing.

    :raises NotFound: no such version here.
    :raises NotInReview: it is neither submitted nor approved.
    :raises Malformed: no comment.
    """
    if not comment.strip():
        raise Malformed(errors=[("comment", "required")])
    with unit_of_work():
        version = operations.lock_version(version_id)
        if version.state not in (VersionState.REVIEW, VersionState.APPROVED):
            raise NotInReview()
        return _move(version, VersionState.DRAFT, ReviewDeed.RETURNED, comment)


def _in_review(version_id: int) -> PromotionVersion:
    version = operations.lock_version(version_id)
    if version.state != VersionState.REVIEW:
        raise NotInReview()
    return version


def _move(version: PromotionVersion, state: VersionState, deed: ReviewDeed, comment: str) -> PromotionVersion:
    before = version.state
    version.state = state
    version.save(update_fields=["state"])
    operations.note(version, deed, comment.strip()[:LONGEST_COMMENT])
    audit.record(f"promotion.{deed}", version.promotion, changes={"state": (before, state.value)}, reason=comment)
    return version
