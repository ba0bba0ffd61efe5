"""Steps on versions that need an open transaction, and their locks."""

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from loyalty.kernel import scope
from loyalty.kernel.errors import NotFound
from programs.promotions.models import Promotion, PromotionReview, PromotionVersion, ReviewDeed


def lock_promotion(promotion_id: int) -> Promotion:
    """A promotion under its lock: versions are written, reviewed and published one after the other.

    :raises NotFound: no such promotion here.
    """
    found: Promotion | None = (
        Promotion.objects.select_for_update(no_key=True, of=("self",)).filter(pk=promotion_id).first()
    )
    if found is None:
        raise NotFound()
    return found


def lock_version(version_id: int) -> PromotionVersion:
    """A version under the lock of its promotion.

    :raises NotFound: no such version here.
    """
    promotion_id = PromotionVersion.objects.filter(pk=version_id).values_list("promotion_id", flat=True).first()
    if promotion_id is None:
        raise NotFound()
    promotion = lock_promotion(promotion_id)
    version: PromotionVersion = promotion.versions.get(pk=version_id)
    version.promotion = promotion
    return version


def end_version(version: PromotionVersion, at: datetime) -> None:
    """A version in force judges nothing from ``at`` on."""
    version.effective = DateTimeTZRange(version.effective.lower, at)
    version.save(update_fields=["effective"])


def note(version: PromotionVersion, deed: ReviewDeed, comment: str = "") -> None:
    """Keep who did what to a version, and what they said."""
    PromotionReview.objects.create(version=version, deed=deed, comment=comment, user_id=user_id())


def user_id() -> int | None:
    """The person who acts, if it is one."""
    actor = scope.actor()
    return actor.id if actor.kind == "user" else None
