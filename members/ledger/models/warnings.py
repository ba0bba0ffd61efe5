"""When members are told that points end, and whom it was told."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at


class EndWarning(ProgramModel):
    """So many days before their last day members are told of points of a type by a message; of no fewer than ``least``."""

    point_type = ProgramForeignKey("programs_setup.PointType", verbose_name=_("point type"), related_name="+")
    days = models.PositiveSmallIntegerField(
        _("days before the last day"), validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    least = models.BigIntegerField(_("not for fewer points than"), default=0)
    template = ProgramForeignKey(
        "members_messaging.MessageTemplate", verbose_name=_("message"), related_name="+",
        help_text=_("{points} and {last_day} are filled in."),
    )  # fmt: skip
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "members_end_warning"
        verbose_name = _("warning before points end")
        verbose_name_plural = _("warnings before points end")
        constraints = [
            models.UniqueConstraint(fields=["program", "point_type", "days"], name="members_end_warning_once"),
            models.CheckConstraint(
                condition=models.Q(days__gte=1, days__lte=365, least__gte=0), name="members_end_warning_amounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point_type}, {self.days}"


class EndWarned(ProgramModel):
    """An account was told once of what ends on a day. Added, never changed."""

    warning = ProgramForeignKey(EndWarning, verbose_name=_("warning before points end"), related_name="told")
    account = ProgramForeignKey("members_profiles.Account", verbose_name=_("account"), related_name="+", db_index=False)
    last_day = models.DateField(_("last day"))
    points = models.BigIntegerField(_("points"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_end_warned"
        verbose_name = _("warning that was given")
        verbose_name_plural = _("warnings that were given")
        constraints = [
            models.UniqueConstraint(fields=["warning", "account", "last_day"], name="members_end_warned_once")
        ]

    def __str__(self) -> str:
        return f"{self.last_day} {self.points}"
