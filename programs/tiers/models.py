"""Tier schemes: what qualifies, for how long, with which benefit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel
from loyalty.kernel.text import TranslatedText
from programs.setup.models import CODE, PointType


class Measure(models.TextChoices):
    """What a scheme counts, net of returns."""

    POINTS = "points", _("Points earned")
    AMOUNT = "amount", _("Money spent")
    PURCHASES = "purchases", _("Purchases")


class Window(models.TextChoices):
    """Within which time a scheme counts."""

    ROLLING = "rolling", _("The last months")
    CALENDAR = "calendar", _("A calendar period of so many months")
    ANNIVERSARY = "anniversary", _("The member's own year, from the day of enrolment")


class Downgrade(models.TextChoices):
    """What happens at the end of a tier that was not earned again."""

    ONE_STEP = "one", _("One tier down")
    EARNED = "earned", _("Down to the tier that was earned")
    NEVER = "never", _("Nothing: a tier is kept for ever")


# Whole periods that a year is made of.
PERIODS = (1, 2, 3, 4, 6, 12)


class TierScheme(ProgramModel):
    """Qualify on points, money or purchases within a window; upgrade at once, keep until the end of a month or period."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    measure = models.CharField(_("counts"), max_length=10, choices=Measure, default=Measure.POINTS)
    point_type = ProgramForeignKey(
        PointType, verbose_name=_("points of type"), related_name="+", null=True, blank=True,
        help_text=_("Only for a scheme that counts points."),
    )  # fmt: skip
    window = models.CharField(_("within"), max_length=12, choices=Window, default=Window.ROLLING)
    window_months = models.PositiveSmallIntegerField(
        _("months of the window"), default=12, help_text=_("A calendar period has 1, 2, 3, 4, 6 or 12 months.")
    )
    valid_months = models.PositiveSmallIntegerField(
        _("kept for months"), default=12,
        help_text=_(
            "To the end of the month so many months later; in a calendar period or a member's year so many months longer "
            "than it lasts."
        ),
    )  # fmt: skip
    downgrade = models.CharField(_("when it ends"), max_length=8, choices=Downgrade, default=Downgrade.ONE_STEP)
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=0, help_text=_("So many days longer the tier is kept and can be earned again.")
    )
    warn_days = models.PositiveSmallIntegerField(
        _("warn before, days"),
        default=30,
        help_text=_("So many days before its end an event (tier.ending) names who would lose the tier; 0 for none."),
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_tier_scheme"
        verbose_name = _("tier scheme")
        verbose_name_plural = _("tier schemes")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_tier_scheme_code"),
            models.CheckConstraint(
                condition=models.Q(measure="points", point_type__isnull=False)
                | (~models.Q(measure="points") & models.Q(point_type__isnull=True)),
                name="programs_tier_scheme_measure",
            ),
            models.CheckConstraint(
                condition=models.Q(window_months__gte=1, window_months__lte=120)
                & (models.Q(window="rolling") | models.Q(window_months__in=PERIODS)),
                name="programs_tier_scheme_window",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)


class Tier(ProgramModel):
    """One tier; ``threshold`` and ``retain`` in what the scheme counts: smallest units of points, minor units, purchases."""

    scheme = ProgramForeignKey(TierScheme, models.PROTECT, related_name="tiers", verbose_name=_("scheme"))
    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    rank = models.PositiveSmallIntegerField(_("rank"))
    threshold = models.BigIntegerField(_("reached from"))
    retain = models.BigIntegerField(
        _("kept with"), null=True, blank=True, help_text=_("Empty: as much as to reach it.")
    )
    benefits = TranslatedText(_("benefits"), blank=True, default=dict, help_text=_("In the member's words."))
    multiplier = models.DecimalField(
        _("points multiplier"),
        max_digits=5,
        decimal_places=2,
        default=1,
        help_text=_("1 is no benefit, 1.25 a quarter more."),
    )

    class Meta(ProgramModel.Meta):
        db_table = "programs_tier"
        ordering = ["rank"]
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [
            models.UniqueConstraint(fields=["program", "scheme", "code"], name="programs_tier_code"),
            models.UniqueConstraint(fields=["program", "scheme", "rank"], name="programs_tier_rank"),
            models.CheckConstraint(condition=models.Q(threshold__gte=0, multiplier__gte=1), name="programs_tier_terms"),
            models.CheckConstraint(
                condition=models.Q(retain__isnull=True) | models.Q(retain__gte=0, retain__lte=models.F("threshold")),
                name="programs_tier_retain",
                violation_error_message=_("A tier cannot need more to be kept than to be reached."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)
