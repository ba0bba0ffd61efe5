"""Segments: named sets of members, by a condition or by hand, with the history of who was in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at
from loyalty.kernel.text import TranslatedText
from programs.setup.models import CODE

# How many segments one mask holds: a bigint has a sign.
BITS = 62


class SegmentKind(models.TextChoices):
    DYNAMIC = "dynamic", pgettext_lazy("segment", "By a condition")
    STATIC = "static", pgettext_lazy("segment", "By hand")


class RefreshState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("segment", "Waiting to be counted")
    DONE = "done", pgettext_lazy("segment", "Up to date")
    FAILED = "failed", pgettext_lazy("segment", "Could not be counted")


class Segment(ProgramModel):
    """A set of members. One by a condition holds a ``segment/1`` document and a ``position``, its bit in the masks, which
    no other segment ever gets."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    kind = models.CharField(_("kind"), max_length=8, choices=SegmentKind.choices)
    document = models.JSONField(_("condition"), default=dict, blank=True)
    position = models.PositiveIntegerField(null=True, editable=False)
    member_count = models.BigIntegerField(_("members"), default=0, editable=False)
    state = models.CharField(max_length=8, choices=RefreshState.choices, default=RefreshState.DONE, editable=False)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_segment"
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="members_segment_code"),
            models.UniqueConstraint(fields=["program", "position"], name="members_segment_position"),
            models.CheckConstraint(
                condition=models.Q(kind="static", position__isnull=True)
                | models.Q(kind="dynamic") & (models.Q(position__isnull=False) | models.Q(archived_at__isnull=False)),
                name="members_segment_kind",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def is_dynamic(self) -> bool:
        return self.kind == SegmentKind.DYNAMIC

    @property
    def word(self) -> int:
        """The row of masks in which the bit stands."""
        assert self.position is not None, "a segment by a condition has a position"
        return int(self.position) // BITS

    @property
    def bit(self) -> int:
        """The bit itself."""
        assert self.position is not None, "a segment by a condition has a position"
        return 1 << int(self.position) % BITS

    @property
    def is_for_all(self) -> bool:
        """Whether the condition asks for nothing."""
        return bool(self.document) and self.document["when"]["op"] == "true"


class MembershipCause(models.TextChoices):
    """What put a member in who is in by hand."""

    HAND = "hand", pgettext_lazy("segment", "by hand")
    LIST = "list", pgettext_lazy("segment", "from a list")
    PROMOTION = "promotion", pgettext_lazy("segment", "a promotion")


class SegmentMember(ProgramModel):
    """A member in a segment by hand for a time; the row without ``ended_at`` is the present one and holds until
    ``until_at``."""

    segment = ProgramForeignKey(Segment, verbose_name=_("segment"), related_name="memberships", db_index=False)
    member = ProgramForeignKey(
        "members_profiles.Member", verbose_name=_("member"), related_name="segments", db_index=False
    )
    since_at = models.DateTimeField(_("since"))
    until_at = models.DateTimeField(_("until"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    cause = models.CharField(_("cause"), max_length=10, choices=MembershipCause.choices)
    cause_id = models.BigIntegerField(null=True)

    class Meta(ProgramModel.Meta):
        db_table = "members_segment_member"
        verbose_name = _("membership in a segment")
        verbose_name_plural = _("memberships in segments")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "segment"],
                condition=models.Q(ended_at__isnull=True),
                name="members_segment_member_present",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("since_at")),
                name="members_segment_member_period",
            ),
        ]
        indexes = [
            models.Index(fields=["segment", "id"], name="members_segment_member_list"),
            # Every purchase asks in which segments its member is and was.
            models.Index(fields=["member"], name="members_segment_member_of"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.member_id}"


class SegmentMask(ProgramModel):
    """The segments by a condition that a member is in since ``since_at``: a bit for each ``position``, ``BITS`` a row.

    Written by the refresh alone. Bits of segments that were archived mean nothing.
    """

    member = ProgramForeignKey("members_profiles.Member", related_name="+", db_index=False)
    word = models.PositiveSmallIntegerField()
    mask = models.BigIntegerField()
    since_at = models.DateTimeField()

    class Meta(ProgramModel.Meta):
        db_table = "members_segment_mask"
        verbose_name = _("segments of a member")
        verbose_name_plural = _("segments of members")
        constraints = [models.UniqueConstraint(fields=["member", "word"], name="members_segment_mask_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.word}"


class PastMask(ProgramModel):
    """What a mask was before a refresh changed it, from ``since_at`` to before ``ended_at``."""

    # Many at a time are written by one statement, which sees to the keys itself: whose member is of the program, so is it.
    program = models.ForeignKey(
        "programs_setup.Program", models.PROTECT, editable=False, related_name="+", db_index=False, db_constraint=False
    )
    member = ProgramForeignKey("members_profiles.Member", related_name="+", db_index=False, is_judged_together=True)
    word = models.PositiveSmallIntegerField()
    mask = models.BigIntegerField()
    since_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta(ProgramModel.Meta):
        db_table = "members_segment_past_mask"
        verbose_name = _("earlier segments of a member")
        verbose_name_plural = _("earlier segments of members")
        indexes = [models.Index(fields=["member", "ended_at"], name="members_segment_past_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.word} {self.since_at:%Y-%m-%d}"
