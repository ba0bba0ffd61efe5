"""Tier schemes: what qualifies, for how long, with which benefit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel
from loyalty.kernel.text import TranslatedText
from programs.setup.models import CODE, PointType


class TierScheme(ProgramModel):
    """Qualify on points of one type within a rolling window of months; upgrade at once, keep until the end of a month."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    point_type = ProgramForeignKey(PointType, verbose_name=_("counts points of type"), related_name="+")
    window_months = models.PositiveSmallIntegerField(_("within the last months"), default=12)
    valid_months = models.PositiveSmallIntegerField(_("kept for months"), default=12)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_tier_scheme"
        verbose_name = _("tier scheme")
        verbose_name_plural = _("tier schemes")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="programs_tier_scheme_code")]

    def __str__(self) -> str:
        return str(self.name)


class Tier(ProgramModel):
    """One tier; ``threshold`` in smallest units of the scheme's point type."""

    scheme = ProgramForeignKey(TierScheme, models.PROTECT, related_name="tiers", verbose_name=_("scheme"))
    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    rank = models.PositiveSmallIntegerField(_("rank"))
    threshold = models.BigIntegerField(_("from points"))
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
        ]

    def __str__(self) -> str:
        return str(self.name)
