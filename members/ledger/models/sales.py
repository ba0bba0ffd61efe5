"""What members bought for their points: later ends, expired points, new points, points of another type."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from members.ledger.models.books import Entry
from members.ledger.models.prices import ConversionRate, PriceList


class SaleKind(models.TextChoices):
    EXTEND = "extend", _("Later end")
    REINSTATE = "reinstate", _("Expired points bought back")
    BUY = "buy", _("Points bought")
    CONVERT = "convert", _("Points converted")


class SaleState(models.TextChoices):
    PENDING = "pending", pgettext_lazy("sale", "Waits for the payment")
    PAID = "paid", pgettext_lazy("sale", "Paid")
    REFUNDED = "refunded", pgettext_lazy("sale", "Refunded")
    CANCELED = "canceled", pgettext_lazy("sale", "Canceled")


class PointSale(ProgramModel):
    """One sale: ``points`` smallest units of a type for ``price``, in money (``currency``) or in points (``pay_type``).

    Until it is paid nothing has moved. Money was taken outside, under ``payment``; points are taken by ``payment_entry``.
    """

    public_id = public_id()
    kind = models.CharField(_("what"), max_length=10, choices=SaleKind.choices)
    member = ProgramForeignKey("members_profiles.Member", verbose_name=_("member"), related_name="+", db_index=False)
    account = ProgramForeignKey("members_profiles.Account", verbose_name=_("account"), related_name="+", db_index=False)
    point_type = ProgramForeignKey(
        "programs_setup.PointType", verbose_name=_("point type"), related_name="+", db_index=False
    )
    points = models.BigIntegerField(pgettext_lazy("points", "amount"))
    pay_type = ProgramForeignKey(
        "programs_setup.PointType", null=True, verbose_name=_("paid in points of"), related_name="+", db_index=False
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    price = models.BigIntegerField(_("price"))
    payment = models.CharField(_("payment"), max_length=120, blank=True)
    price_list = ProgramForeignKey(PriceList, null=True, verbose_name=_("price list"), related_name="+", db_index=False)
    rate = ProgramForeignKey(
        ConversionRate, null=True, verbose_name=_("rate of conversion"), related_name="+", db_index=False
    )
    state = models.CharField(_("state"), max_length=8, choices=SaleState.choices)
    request_key = models.CharField(_("request key"), max_length=120)
    entry = ProgramForeignKey(Entry, null=True, verbose_name=_("ledger entry"), related_name="+", db_index=False)
    payment_entry = ProgramForeignKey(
        Entry, null=True, verbose_name=_("ledger entry of the payment"), related_name="+", db_index=False
    )
    refund_entry = ProgramForeignKey(
        Entry, null=True, verbose_name=_("ledger entry of the refund"), related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(_("asked for"))
    paid_at = models.DateTimeField(_("paid"), null=True)
    ended_at = models.DateTimeField(_("refunded or canceled"), null=True)
    end_reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_point_sale"
        verbose_name = _("sale of points")
        verbose_name_plural = _("sales of points")
        constraints = [
            models.UniqueConstraint(fields=["program", "request_key"], name="members_point_sale_once"),
            models.CheckConstraint(condition=models.Q(points__gt=0, price__gt=0), name="members_point_sale_amounts"),
            models.CheckConstraint(
                condition=models.Q(pay_type__isnull=False, currency="")
                | models.Q(pay_type__isnull=True) & ~models.Q(currency=""),
                name="members_point_sale_pay",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "canceled"], entry__isnull=True, paid_at__isnull=True)
                | models.Q(state="paid", entry__isnull=False, paid_at__isnull=False, refund_entry__isnull=True)
                | models.Q(state="refunded", entry__isnull=False, refund_entry__isnull=False),
                name="members_point_sale_state",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["member", "-id"], name="members_point_sale_member"),
            models.Index(fields=["account", "kind", "point_type", "asked_at"], name="members_point_sale_cap"),
            models.Index(fields=["program", "id"], condition=models.Q(state="pending"), name="members_point_sale_open"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
