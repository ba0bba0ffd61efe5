"""Simulations: what a draft would have done to what everybody really bought."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at


class Simulation(ProgramModel):
    """One replay of recorded purchases with a draft as it was then; ``result`` is empty until it is done.

    Points in ``result`` are smallest units, money minor units, members their keys.
    """

    public_id = public_id()
    promotion = ProgramForeignKey(
        "programs_promotions.Promotion", verbose_name=_("promotion"), related_name="+", db_index=False
    )
    version_number = models.PositiveIntegerField(_("version"))
    document = models.JSONField(_("document"))
    document_hash = models.CharField(max_length=64)
    days = models.PositiveSmallIntegerField(_("days"))
    result = models.JSONField(_("result"), null=True)
    job = models.ForeignKey(
        "loyalty_kernel.Job", models.PROTECT, null=True, verbose_name=_("job"), related_name="+", db_constraint=False
    )
    requested_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("asked for by"), related_name="+"
    )
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_simulation"
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        indexes = [models.Index(fields=["promotion", "-id"], name="members_simulation_newest")]
        constraints = [
            models.CheckConstraint(condition=models.Q(days__in=[30, 90, 365]), name="members_simulation_days")
        ]

    def __str__(self) -> str:
        return f"{self.promotion}, {self.days}"
