"""Reports that were asked for, and those that come by themselves."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import codes
from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at


class Frequency(models.TextChoices):
    DAY = "day", _("Every day, about the day before")
    WEEK = "week", _("Every Monday, about the week before")
    MONTH = "month", _("On the first of each month, about the month before")


class ReportSchedule(ProgramModel):
    """A report that is made again and again; ``next_run_at`` is taken by a sweep."""

    public_id = public_id()
    report = models.CharField(_("report"), max_length=40)
    frequency = models.CharField(_("how often"), max_length=5, choices=Frequency.choices, default=Frequency.MONTH)
    hour = models.PositiveSmallIntegerField(_("at hour"), default=6)
    formats = ArrayField(models.CharField(max_length=4), verbose_name=_("formats"))
    emails = ArrayField(models.EmailField(), verbose_name=_("send to"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=7, default="en")
    created_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("made by"), related_name="+"
    )
    next_run_at = models.DateTimeField(pgettext_lazy("schedule", "next time"))
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "reports_schedule"
        verbose_name = _("report schedule")
        verbose_name_plural = _("report schedules")
        constraints = [models.CheckConstraint(condition=models.Q(hour__lte=23), name="reports_schedule_hour")]
        indexes = [
            models.Index(
                fields=["program", "next_run_at"],
                condition=models.Q(archived_at__isnull=True),
                name="reports_schedule_due",
            )
        ]

    def __str__(self) -> str:
        return codes.name(codes.REPORT, self.report)


class ReportRun(ProgramModel):
    """One making of a report for a period; its files expire, the run and its figures' period stay."""

    public_id = public_id()
    report = models.CharField(_("report"), max_length=40)
    first_date = models.DateField(_("from"))
    last_date = models.DateField(_("to"))
    formats = ArrayField(models.CharField(max_length=4), verbose_name=_("formats"))
    language = models.CharField(_("language"), max_length=7)
    headline = models.CharField(_("in a sentence"), max_length=300, blank=True)
    schedule = ProgramForeignKey(ReportSchedule, null=True, verbose_name=_("report schedule"), related_name="runs")
    job = models.ForeignKey(
        "loyalty_kernel.Job", models.PROTECT, null=True, verbose_name=_("job"), related_name="+", db_constraint=False
    )
    requested_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("asked for by"), related_name="+"
    )
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "reports_run"
        verbose_name = _("report run")
        verbose_name_plural = _("report runs")
        indexes = [models.Index(fields=["program", "-id"], name="reports_run_newest")]

    def __str__(self) -> str:
        return codes.name(codes.REPORT, self.report)


class ReportFile(ProgramModel):
    """A file of a run."""

    run = ProgramForeignKey(ReportRun, related_name="files")
    format = models.CharField(max_length=4)
    file = models.ForeignKey(
        "loyalty_kernel.StoredFile", models.SET_NULL, null=True, related_name="+", db_constraint=False
    )

    class Meta(ProgramModel.Meta):
        db_table = "reports_file"
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        constraints = [models.UniqueConstraint(fields=["run", "format"], name="reports_file_once")]

    def __str__(self) -> str:
        return self.format
