"""Promotions, their immutable versions, the snapshots that judge purchases, and the counters of their limits."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at
from loyalty.kernel.text import TranslatedText
from programs.setup.models import CODE


class PromotionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    DISCARDED = "discarded", _("Put aside")


class Standing(models.TextChoices):
    """Where a promotion stands at a moment: what its versions and its own schedule say together."""

    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    APPROVED = "approved", _("Approved")
    SCHEDULED = "scheduled", _("Scheduled")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class Promotion(ProgramModel):
    """A rule of the program under its lasting code; what it says is in its versions."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    state = models.CharField(_("state"), max_length=8, choices=PromotionState.choices, default=PromotionState.DRAFT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_promotion"
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="programs_promotion_code")]

    def __str__(self) -> str:
        return str(self.name)


class PromotionVersion(ProgramModel):
    """What a promotion said for a time. Immutable once published; ``effective`` is empty while it is a draft."""

    promotion = ProgramForeignKey(Promotion, verbose_name=_("promotion"), related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    document = models.JSONField(_("terms"))
    document_hash = models.CharField(max_length=64)
    # What a draft said before its last changes, the newest last: for taking a change back.
    earlier = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    effective = DateTimeRangeField(_("in force"), null=True)
    created_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("written by"), related_name="+"
    )
    edited_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("last changed by"), related_name="+"
    )
    published_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("published by"), related_name="+"
    )
    published_at = models.DateTimeField(_("published"), null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_promotion_version"
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["program", "promotion", "number"], name="programs_version_number"),
            ExclusionConstraint(
                name="programs_version_one_at_a_time",
                expressions=[("promotion", RangeOperators.EQUAL), ("effective", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promotion} {self.number}"

    def starts_at(self, zone: ZoneInfo) -> datetime | None:
        """When the schedule of the document begins, in program time."""
        return _moment(self.document.get("schedule", {}).get("from"), zone)

    def ends_at(self, zone: ZoneInfo) -> datetime | None:
        """When the schedule of the document is over, in program time."""
        return _moment(self.document.get("schedule", {}).get("to"), zone)


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=zone) if text else None


class ReviewDeed(models.TextChoices):
    WRITTEN = "written", _("Written")
    SUBMITTED = "submitted", _("Sent for approval")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Given back")
    PUBLISHED = "published", _("Published")
    STOPPED = "stopped", _("Stopped")


class PromotionReview(ProgramModel):
    """Who did what to a version, and what they said. Added, never changed."""

    version = ProgramForeignKey(PromotionVersion, related_name="reviews")
    deed = models.CharField(_("deed"), max_length=10, choices=ReviewDeed.choices)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    user = models.ForeignKey("loyalty_kernel.User", models.PROTECT, null=True, related_name="+")
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "programs_promotion_review"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.deed


class Snapshot(ProgramModel):
    """Everything that judges a purchase, frozen at one publish: versions with their times, settings, tier benefits.

    ``content`` holds ``settings``, ``rules`` (list of ``{version, from, to, document}``) and ``tiers``; a purchase names
    the snapshot's number and is judged by the rules of it that were in force at the purchase's time.
    """

    number = models.BigIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_snapshot"
        verbose_name = _("version of the rules")
        verbose_name_plural = _("versions of the rules")
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="programs_snapshot_number")]

    def __str__(self) -> str:
        return f"{self.number}"


class LimitCounter(ProgramModel):
    """How much of a limit is used in one scope and period. ``limit`` is its name by C25."""

    limit = models.CharField(max_length=80)
    scope_key = models.CharField(max_length=60)
    period_key = models.CharField(max_length=20)
    stripe = models.SmallIntegerField(default=0)
    used = models.BigIntegerField(default=0)

    class Meta(ProgramModel.Meta):
        db_table = "programs_limit_counter"
        verbose_name = _("counter of a limit")
        verbose_name_plural = _("counters of limits")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "scope_key", "period_key", "limit", "stripe"], name="programs_limit_counter_key"
            ),
            models.CheckConstraint(condition=models.Q(used__gte=0), name="programs_limit_counter_used"),
        ]

    def __str__(self) -> str:
        return f"{self.limit} {self.scope_key} {self.period_key}"


class LimitUse(ProgramModel):
    """One taking of a limit, or its giving back (negative). The counter is their sum."""

    counter = ProgramForeignKey(LimitCounter, related_name="uses")
    evaluation = ProgramForeignKey("members_activity.Evaluation", related_name="+")
    amount = models.BigIntegerField()
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "programs_limit_use"
        verbose_name = _("use of a limit")
        verbose_name_plural = _("uses of limits")
        indexes = [
            models.Index(fields=["evaluation"], name="programs_limit_use_evaluation"),
            models.Index(fields=["counter"], name="programs_limit_use_counter"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
