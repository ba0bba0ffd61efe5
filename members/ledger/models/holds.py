"""Points set aside for a till."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from members.ledger.models.books import Entry, Wallet


class HoldState(models.TextChoices):
    OPEN = "open", pgettext_lazy("hold", "Open")
    CAPTURED = "captured", pgettext_lazy("hold", "Taken")
    RELEASED = "released", pgettext_lazy("hold", "Let go")
    LAPSED = "lapsed", pgettext_lazy("hold", "Lapsed")


class Hold(ProgramModel):
    """Points set aside for a till until ``expires_at``: taken from their lots by ``entry``. It ends once.

    Taken (``captured`` of them by ``capture_entry``), let go or lapsed; ``release_entry`` gave what it held back to the
    very lots. After ``expires_at`` it counts as lapsed, whether or not a sweep has been there.
    """

    public_id = public_id()
    account = ProgramForeignKey("members_profiles.Account", verbose_name=_("account"), related_name="+", db_index=False)
    wallet = ProgramForeignKey(Wallet, verbose_name=_("wallet"), related_name="holds", db_index=False)
    member = ProgramForeignKey("members_profiles.Member", verbose_name=_("member"), related_name="+", db_index=False)
    amount = models.BigIntegerField(pgettext_lazy("points", "amount"))
    captured = models.BigIntegerField(_("taken of it"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=HoldState.choices, default=HoldState.OPEN)
    request_key = models.CharField(_("request key"), max_length=120)
    source = models.CharField(_("source"), max_length=40)
    till = models.CharField(_("till"), max_length=40, blank=True)
    entry = ProgramForeignKey(Entry, verbose_name=_("ledger entry"), related_name="+", db_index=False)
    release_entry = ProgramForeignKey(Entry, null=True, related_name="+", db_index=False)
    capture_entry = ProgramForeignKey(
        Entry, null=True, verbose_name=_("ledger entry of the taking"), related_name="+", db_index=False
    )
    held_at = models.DateTimeField(_("held"))
    expires_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_key = models.CharField(max_length=120, blank=True)
    end_reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_hold"
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(fields=["program", "request_key"], name="members_hold_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, captured__gte=0, captured__lte=models.F("amount")),
                name="members_hold_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at__isnull=True, release_entry__isnull=True, captured=0)
                | models.Q(state="captured", ended_at__isnull=False, capture_entry__isnull=False, captured__gt=0)
                | models.Q(state__in=["released", "lapsed"], ended_at__isnull=False, captured=0),
                name="members_hold_end",
            ),
        ]
        indexes = [
            models.Index(fields=["wallet"], condition=models.Q(state="open"), name="members_hold_open"),
            models.Index(fields=["program", "expires_at"], condition=models.Q(state="open"), name="members_hold_lapse"),
            models.Index(fields=["member", "-id"], name="members_hold_member"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.get_state_display()}"

    def is_live(self, at: datetime) -> bool:
        """Whether it can still be taken at ``at``."""
        return self.state == HoldState.OPEN and at < self.expires_at
