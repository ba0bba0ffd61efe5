"""The credit that a tier gives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at


class TierCredit(ProgramModel):
    """How far below zero members of a tier may spend points of a type, in smallest units. The newest row is in force.

    Rows are added, never changed: what was owed by an earlier one stays explained (invariant L25).
    """

    tier = ProgramForeignKey("programs_tiers.Tier", verbose_name=_("tier"), related_name="+", db_index=False)
    point_type = ProgramForeignKey(
        "programs_setup.PointType", verbose_name=_("point type"), related_name="+", db_index=False
    )
    limit = models.BigIntegerField(_("credit limit"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_tier_credit"
        verbose_name = _("credit of a tier")
        verbose_name_plural = _("credits of tiers")
        constraints = [
            models.CheckConstraint(condition=models.Q(limit__gte=0), name="members_tier_credit_not_negative")
        ]
        indexes = [models.Index(fields=["tier", "point_type", "-id"], name="members_tier_credit_newest")]

    def __str__(self) -> str:
        return f"{self.tier}: {self.limit}"
