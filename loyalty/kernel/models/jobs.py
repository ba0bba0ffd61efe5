"""Long work: the table is the truth, the broker only a doorbell."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import codes
from loyalty.kernel.models.base import SharedModel, public_id, recorded_at


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Stopped")


class Job(SharedModel):
    """One piece of long work with its progress. A worker that dies loses its lease and another takes the job over."""

    public_id = public_id()
    kind = models.CharField(_("kind"), max_length=60)
    queue = models.CharField(max_length=20, default="default")
    arguments = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    note = models.CharField(_("what it is doing"), max_length=200, blank=True)
    result = models.JSONField(default=dict)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    is_stop_wanted = models.BooleanField(default=False)
    run_after = models.DateTimeField()
    requested_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("asked for by"), related_name="+"
    )
    recorded_at = recorded_at()
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta(SharedModel.Meta):
        db_table = "loyalty_job"
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(
                fields=["program", "run_after"],
                condition=models.Q(state__in=["queued", "running"]),
                name="loyalty_job_due",
            )
        ]

    def __str__(self) -> str:
        return codes.name(codes.JOB, self.kind)

    @property
    def is_finished(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELED}

    @property
    def percent(self) -> int | None:
        """How much is done, 0 to 100; unknown while the total is."""
        return min(100, self.done * 100 // self.total) if self.total else None
