"""On which terms goods are taken back: by category, tier and channel, from a day on."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at


class PointsMode(models.TextChoices):
    """What happens to the points of a purchase when goods come back."""

    RECOMPUTE = "recompute", _("what is kept is judged again by the rules of its day")
    PROPORTIONAL = "proportional", _("the part that came back loses its points")
    KEEP = "keep", _("the member keeps them")


class ReturnTerms(ProgramModel):
    """Terms of one category with everything below it, tier and channel; each empty for all.

    They hold for purchases of the day ``since_date`` and later, up to the day before ``until_date``, and are never changed
    but ended: a purchase keeps those of its day. ``bonus_percent`` of the money given up becomes points of ``bonus_type``.
    """

    category = models.ForeignKey(
        "programs_catalog.Category", models.PROTECT, null=True, blank=True, verbose_name=_("category"),
        related_name="+", db_constraint=False, help_text=_("With everything below it. Empty: all goods."),
    )  # fmt: skip
    tier = ProgramForeignKey(
        "programs_tiers.Tier", null=True, blank=True, verbose_name=_("tier"), related_name="+",
        help_text=_("Which the member had before the purchase. Empty: all members."),
    )  # fmt: skip
    channel = models.CharField(
        _("channel"), max_length=20, default="", blank=True,
        help_text=_("As the till or the shop sends it: store, online, app. Empty: all channels."),
    )  # fmt: skip
    since_date = models.DateField(_("for purchases from the day"))
    until_date = models.DateField(_("no more from the day"), null=True, editable=False)
    days = models.PositiveSmallIntegerField(
        _("days to return"), null=True, blank=True, validators=[MaxValueValidator(3650)],
        help_text=_("So many days after the day of the purchase goods are taken back, to midnight. Empty: without an end."),
    )  # fmt: skip
    points_mode = models.CharField(
        pgettext_lazy("return", "points of the purchase"), max_length=12, choices=PointsMode.choices,
        default=PointsMode.RECOMPUTE,
    )  # fmt: skip
    gives_money = models.BooleanField(
        _("money is given back"),
        default=True,
        help_text=_("If not: only an exchange, or the bonus where one is offered."),
    )
    bonus_percent = models.PositiveSmallIntegerField(
        _("bonus instead of money, %"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("So much of the money becomes points, if the member wants that. Empty: no bonus is offered."),
    )  # fmt: skip
    bonus_type = ProgramForeignKey(
        "programs_setup.PointType", null=True, blank=True, verbose_name=_("bonus in points of"), related_name="+"
    )
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "programs_return_terms"
        verbose_name = _("terms of return")
        verbose_name_plural = _("terms of return")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "category", "tier", "channel", "since_date"], nulls_distinct=False,
                name="programs_return_terms_once",
            ),
            models.CheckConstraint(
                condition=models.Q(until_date__isnull=True) | models.Q(until_date__gte=models.F("since_date")),
                name="programs_return_terms_period",
            ),
            models.CheckConstraint(
                condition=models.Q(bonus_percent__isnull=True, bonus_type__isnull=True)
                | models.Q(bonus_percent__gte=1, bonus_percent__lte=1000, bonus_type__isnull=False),
                name="programs_return_terms_bonus",
            ),
            models.CheckConstraint(
                condition=models.Q(days__isnull=True) | models.Q(days__lte=3650), name="programs_return_terms_days"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.since_date}"
