"""What tills do: a checkout from its quote to its refund, and every operation that a till sent."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from members.ledger.models import HoldState


class CheckoutState(models.TextChoices):
    QUOTED = "quoted", pgettext_lazy("checkout", "Quoted")
    RESERVED = "reserved", pgettext_lazy("checkout", "Points reserved")
    COMMITTED = "committed", pgettext_lazy("checkout", "Paid")
    CANCELED = "canceled", pgettext_lazy("checkout", "Canceled")
    EXPIRED = "expired", pgettext_lazy("checkout", "Time over")
    VOIDED = "voided", pgettext_lazy("checkout", "Voided")
    PARTIALLY_REFUNDED = "partially_refunded", pgettext_lazy("checkout", "Partly returned")
    REFUNDED = "refunded", pgettext_lazy("checkout", "Returned")


class Checkout(ProgramModel):
    """One basket at a till. Its state is read from what happened: its hold, its purchase and their returns."""

    public_id = public_id()
    member = ProgramForeignKey(
        "members_profiles.Member", null=True, verbose_name=_("member"), related_name="+", db_index=False
    )
    source = models.CharField(_("source"), max_length=40)
    till = models.CharField(_("till"), max_length=40, blank=True)
    hold = ProgramForeignKey("members_ledger.Hold", null=True, verbose_name=_("hold"), related_name="checkouts")
    purchase = ProgramForeignKey(
        "members_activity.Purchase", null=True, verbose_name=_("purchase"), related_name="checkouts"
    )
    quoted_at = models.DateTimeField(_("quoted"))
    canceled_at = models.DateTimeField(_("canceled"), null=True)
    voided_at = models.DateTimeField(_("voided"), null=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_checkout"
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")
        indexes = [models.Index(fields=["program", "quoted_at"], name="members_checkout_quoted")]

    def __str__(self) -> str:
        return str(self.public_id)

    def state(self, at: datetime) -> CheckoutState:
        """Where the basket stands at ``at``. A hold whose time is over has expired, whether or not a sweep was there."""
        if self.voided_at is not None:
            return CheckoutState.VOIDED
        if self.purchase is not None:
            if self.purchase.returned_amount == 0 or self.purchase.amount == 0:
                return CheckoutState.COMMITTED
            is_whole = self.purchase.returned_amount == self.purchase.amount
            return CheckoutState.REFUNDED if is_whole else CheckoutState.PARTIALLY_REFUNDED
        if self.canceled_at is not None:
            return CheckoutState.CANCELED
        if self.hold is None:
            return CheckoutState.QUOTED
        if self.hold.state == HoldState.OPEN:
            return CheckoutState.RESERVED if self.hold.is_live(at) else CheckoutState.EXPIRED
        return {
            HoldState.LAPSED: CheckoutState.EXPIRED, HoldState.RELEASED: CheckoutState.CANCELED,
            HoldState.CAPTURED: CheckoutState.COMMITTED,
        }[HoldState(self.hold.state)]  # fmt: skip


class OperationStatus(models.TextChoices):
    ACCEPTED = "accepted", pgettext_lazy("operation", "Accepted")
    ADJUSTED = "accepted_with_adjustment", pgettext_lazy("operation", "Accepted, adjusted")
    REJECTED = "rejected", pgettext_lazy("operation", "Rejected")
    RETRY_LATER = "retry_later", pgettext_lazy("operation", "To be sent again")


class TillOperation(ProgramModel):
    """What a till sent under its own ``op_id``, and what it was told. Taken in once.

    ``content`` is kept only while it could not be judged yet, with the member in place of what named them.
    """

    source = models.CharField(_("source"), max_length=40)
    till = models.CharField(_("till"), max_length=40)
    op_id = models.UUIDField(_("number of the operation"))
    sequence = models.BigIntegerField(_("number at the till"), null=True)
    kind = models.CharField(_("kind"), max_length=10)
    body_hash = models.BinaryField(max_length=32)
    status = models.CharField(_("status"), max_length=24, choices=OperationStatus.choices)
    http_status = models.PositiveSmallIntegerField()
    answer = models.TextField()
    content = models.JSONField(null=True)
    occurred_at = models.DateTimeField(_("when"))
    received_at = models.DateTimeField(_("received"))
    gap_found_at = models.DateTimeField(_("numbers before it missing since"), null=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_till_operation"
        verbose_name = _("operation of a till")
        verbose_name_plural = _("operations of tills")
        constraints = [
            models.UniqueConstraint(fields=["program", "source", "op_id"], name="members_till_operation_once"),
        ]
        indexes = [
            models.Index(fields=["program", "source", "till", "sequence"], name="members_till_sequence"),
            models.Index(
                fields=["program", "id"], condition=models.Q(content__isnull=False), name="members_till_unjudged"
            ),
        ]

    def __str__(self) -> str:
        return str(self.op_id)


class OfflineUse(ProgramModel):
    """Points that a till without a line took for one receipt, on a note of the balance.

    What a member's notes of a day allow is bounded by the sum of these rows, whichever till and note they name.
    """

    member = ProgramForeignKey("members_profiles.Member", verbose_name=_("member"), related_name="+", db_index=False)
    source = models.CharField(_("source"), max_length=40)
    receipt = models.CharField(_("receipt"), max_length=120)
    units = models.BigIntegerField(pgettext_lazy("points", "amount"))
    value = models.BigIntegerField(_("value"))
    used_at = models.DateTimeField(_("when"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_offline_use"
        verbose_name = _("points taken without a line")
        verbose_name_plural = _("points taken without a line")
        constraints = [
            models.UniqueConstraint(fields=["program", "source", "receipt"], name="members_offline_use_once"),
            models.CheckConstraint(condition=models.Q(units__gt=0, value__gte=0), name="members_offline_use_amounts"),
        ]
        indexes = [models.Index(fields=["member", "used_at"], name="members_offline_use_day")]

    def __str__(self) -> str:
        return self.receipt
