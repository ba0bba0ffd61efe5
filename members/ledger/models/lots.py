"""The points of one earning with their own life, what was taken of them, and what a day earned."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at
from members.ledger.models.books import Entry, Wallet


class LotState(models.TextChoices):
    PENDING = "pending", _("not usable yet")
    ACTIVE = "active", _("usable")
    CLOSED = "closed", _("used up, expired or taken back")


class Lot(ProgramModel):
    """Points of one earning with their own life. ``is_open`` flips once, when nothing remains: partial takings stay HOT.

    Pending points may await a declared event; ``activates_at`` is then the latest instant. With ``idle_days`` and
    ``idle_months`` the end moves on with every purchase and every spending of the account.
    """

    wallet = ProgramForeignKey(Wallet, verbose_name=_("wallet"), related_name="lots", db_index=False)
    entry = ProgramForeignKey(Entry, verbose_name=_("ledger entry"), related_name="lots")
    amount = models.BigIntegerField(pgettext_lazy("points", "amount"))
    remaining = models.BigIntegerField(_("left"))
    is_open = models.BooleanField(_("something is left"), default=True)
    is_pending = models.BooleanField(_("not usable yet"), default=False)
    earned_at = models.DateTimeField(_("earned"))
    activates_at = models.DateTimeField(_("usable from"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    awaits = models.CharField(_("awaits the event"), max_length=32, default="", db_default="", blank=True)
    idle_days = models.PositiveSmallIntegerField(null=True)
    idle_months = models.PositiveSmallIntegerField(null=True)
    rule = models.CharField(_("by the rule"), max_length=80, blank=True)
    version_id = models.BigIntegerField(null=True)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, verbose_name=_("paid by"), related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_lot"
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0, remaining__lte=models.F("amount"), amount__gt=0),
                name="members_lot_remaining",
            ),
            models.CheckConstraint(
                condition=models.Q(is_open=True, remaining__gt=0) | models.Q(is_open=False, remaining=0),
                name="members_lot_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["wallet", "expires_at", "id"], condition=models.Q(is_open=True), name="members_lot_queue"
            ),
            models.Index(
                fields=["program", "expires_at"],
                condition=models.Q(is_open=True, expires_at__isnull=False),
                name="members_lot_expiry",
            ),
            models.Index(
                fields=["program", "activates_at"],
                condition=models.Q(is_open=True, is_pending=True),
                name="members_lot_activation",
            ),
            models.Index(
                fields=["wallet"],
                condition=models.Q(is_open=True, is_pending=True) & ~models.Q(awaits=""),
                name="members_lot_awaits",
            ),
            models.Index(
                fields=["wallet"], condition=models.Q(is_open=True, idle_days__isnull=False), name="members_lot_idle"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount}"


class LotUse(ProgramModel):
    """What an entry took from a lot (positive) or gave back to it (negative): remaining = amount - sum of uses."""

    lot = ProgramForeignKey(Lot, verbose_name=_("lot"), related_name="uses")
    entry = ProgramForeignKey(Entry, verbose_name=_("ledger entry"), related_name="lot_uses")
    amount = models.BigIntegerField(pgettext_lazy("points", "amount"))

    class Meta(ProgramModel.Meta):
        db_table = "members_lot_use"
        verbose_name = _("use of a lot")
        verbose_name_plural = _("uses of lots")
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="members_lot_use_not_zero")]

    def __str__(self) -> str:
        return f"{self.amount}"


class LotEnd(ProgramModel):
    """The end of a lot moved to later by an entry. The newest row of a lot says its present end (invariant L53)."""

    lot = ProgramForeignKey(Lot, verbose_name=_("lot"), related_name="ends")
    entry = ProgramForeignKey(Entry, verbose_name=_("ledger entry"), related_name="lot_ends")
    before = models.DateTimeField(_("end before"))
    after = models.DateTimeField(_("end after"))

    class Meta(ProgramModel.Meta):
        db_table = "members_lot_end"
        verbose_name = _("moved end of a lot")
        verbose_name_plural = _("moved ends of lots")
        constraints = [
            models.CheckConstraint(condition=models.Q(after__gt=models.F("before")), name="members_lot_end_later"),
            models.UniqueConstraint(fields=["lot", "entry"], name="members_lot_end_once"),
        ]

    def __str__(self) -> str:
        return f"{self.before} {self.after}"


class EarnedDay(ProgramModel):
    """What a wallet earned on one local day of the program, net of what returns of that day's purchases took back.

    Tiers ask for the points of a window. Counted day by day the answer costs the same with ten purchases and with ten
    thousand. It agrees with the entries at any time (invariant L12).
    """

    wallet = ProgramForeignKey(Wallet, related_name="earned_days", db_index=False)
    day = models.DateField()
    amount = models.BigIntegerField()

    class Meta(ProgramModel.Meta):
        db_table = "members_earned_day"
        constraints = [models.UniqueConstraint(fields=["wallet", "day"], name="members_earned_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.amount}"
