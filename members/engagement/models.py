"""Runs of promotions by the calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramModel, recorded_at


class ScheduledRun(ProgramModel):
    """One run of a promotion that the calendar starts, as of its instant; it goes on where it stopped."""

    rule = models.CharField(_("promotion"), max_length=64)
    due_at = models.DateTimeField(_("as of"))
    last_member_id = models.BigIntegerField(default=0)
    looked_at = models.PositiveIntegerField(_("members looked at"), default=0)
    granted = models.PositiveIntegerField(_("members granted something"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_scheduled_run"
        verbose_name = _("run by the calendar")
        verbose_name_plural = _("runs by the calendar")
        constraints = [models.UniqueConstraint(fields=["program", "rule", "due_at"], name="members_scheduled_run_once")]

    def __str__(self) -> str:
        return f"{self.rule} {self.due_at:%Y-%m-%d %H:%M}"
