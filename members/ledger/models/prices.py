"""What later ends, expired points and bought points cost, and at which rate points of one type become another's."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at


class PriceKind(models.TextChoices):
    """What is sold for money or points."""

    EXTEND = "extend", _("a later end of points")
    REINSTATE = "reinstate", _("points back after their end")
    BUY = "buy", _("new points")


class CapPeriod(models.TextChoices):
    DAY = "day", pgettext_lazy("period", "a day")
    MONTH = "month", pgettext_lazy("period", "a month")
    YEAR = "year", pgettext_lazy("period", "a year")


class PriceList(ProgramModel):
    """The price of one thing for points of one type, paid in money of the program or in points (``pay_type``).

    Amounts of points are smallest units. ``days``: by how many days an end moves, or how long points that come back live.
    ``window_days``: how near the end must be, or how long ago it may have been.
    """

    kind = models.CharField(_("what is sold"), max_length=10, choices=PriceKind.choices)
    point_type = ProgramForeignKey("programs_setup.PointType", verbose_name=_("point type"), related_name="+")
    pay_type = ProgramForeignKey(
        "programs_setup.PointType", null=True, blank=True, verbose_name=_("paid in points of"), related_name="+",
        help_text=_("Empty: paid in money."),
    )  # fmt: skip
    days = models.PositiveIntegerField(
        _("days that it gives"), null=True, blank=True,
        help_text=_("By how many days the end moves, or how long points that come back live."),
    )  # fmt: skip
    window_days = models.PositiveIntegerField(
        _("window in days"), null=True, blank=True,
        help_text=_("How many days before their end it is sold, or how many days after it points come back."),
    )  # fmt: skip
    most_times = models.PositiveSmallIntegerField(
        _("times for the same points"), null=True, blank=True,
        help_text=_("How often the end of the same points may move. Empty: without a limit."),
    )  # fmt: skip
    least = models.BigIntegerField(_("at least"), default=0)
    most = models.BigIntegerField(_("at most at once"), null=True, blank=True)
    member_cap = models.BigIntegerField(_("at most for a member"), null=True, blank=True)
    cap_period = models.CharField(_("within"), max_length=5, choices=CapPeriod.choices, default=CapPeriod.YEAR)
    refund_days = models.PositiveSmallIntegerField(
        _("days to give them back"), default=14,
        help_text=_("So many days after the payment bought points can be refunded. 0: never."),
    )  # fmt: skip
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "members_price_list"
        verbose_name = _("price list of points")
        verbose_name_plural = _("price lists of points")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "kind", "point_type", "pay_type"], condition=models.Q(archived_at__isnull=True),
                nulls_distinct=False, name="members_price_list_in_use",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="buy") | models.Q(pay_type__isnull=True), name="members_price_list_money"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="buy") | models.Q(days__gt=0), name="members_price_list_days"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="reinstate") | models.Q(window_days__gt=0), name="members_price_list_window"
            ),
            models.CheckConstraint(
                condition=models.Q(least__gte=0)
                & (models.Q(most__isnull=True) | models.Q(most__gt=0))
                & (models.Q(member_cap__isnull=True) | models.Q(member_cap__gt=0)),
                name="members_price_list_amounts",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.point_type}"


class PriceStep(ProgramModel):
    """What so many points cost from ``from_points`` on: ``fixed``, and ``each`` for every ``block`` of them begun.

    Prices are minor units of the program's currency, or smallest units of the points that pay.
    """

    price_list = ProgramForeignKey(PriceList, verbose_name=_("price list"), related_name="steps")
    from_points = models.BigIntegerField(_("from points"), default=0)
    fixed = models.BigIntegerField(_("fixed price"), default=0)
    each = models.BigIntegerField(_("and for each block"), default=0)
    block = models.BigIntegerField(_("points in a block"), default=1)

    class Meta(ProgramModel.Meta):
        db_table = "members_price_step"
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(fields=["price_list", "from_points"], name="members_price_step_once"),
            models.CheckConstraint(
                condition=models.Q(from_points__gte=0, fixed__gte=0, each__gte=0, block__gt=0)
                & (models.Q(fixed__gt=0) | models.Q(each__gt=0)),
                name="members_price_step_amounts",
            ),
        ]

    def __str__(self) -> str:
        return str(self.from_points)

    def price_of(self, points: int) -> int:
        """What ``points`` smallest units cost: every block begun is paid whole."""
        return self.fixed + self.each * -(-points // self.block)


class ConversionRate(ProgramModel):
    """From a day on ``give`` smallest units of one type become ``get`` of another. Added, never changed: the rate of a past
    conversion stays known. The newest row of the latest day that has begun is in force; a rate of 0 ends the conversion.
    """

    from_type = ProgramForeignKey("programs_setup.PointType", verbose_name=_("from points of"), related_name="+")
    to_type = ProgramForeignKey("programs_setup.PointType", verbose_name=_("to points of"), related_name="+")
    since_date = models.DateField(_("from the day"))
    give = models.BigIntegerField(_("so many"))
    get = models.BigIntegerField(_("become so many"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_conversion_rate"
        verbose_name = _("rate of conversion")
        verbose_name_plural = _("rates of conversion")
        constraints = [
            models.CheckConstraint(condition=models.Q(give__gt=0, get__gte=0), name="members_conversion_rate_amounts"),
            models.CheckConstraint(
                condition=~models.Q(from_type=models.F("to_type")), name="members_conversion_rate_types"
            ),
        ]
        indexes = [
            models.Index(fields=["from_type", "to_type", "-since_date", "-id"], name="members_conversion_newest")
        ]

    def __str__(self) -> str:
        return f"{self.from_type}: {self.to_type}"
