"""Rewards that members took."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at


class RedemptionState(models.TextChoices):
    ISSUED = "issued", _("Issued")
    CANCELED = "canceled", _("Canceled")


class Redemption(ProgramModel):
    """One or more units of a reward, paid by one entry of the ledger; ``price`` is what all of them cost together."""

    public_id = public_id()
    member = ProgramForeignKey("members_profiles.Member", related_name="redemptions")
    account = ProgramForeignKey("members_profiles.Account", related_name="+", db_index=False)
    reward = ProgramForeignKey("rewards_catalog.Reward", related_name="redemptions")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    price = models.BigIntegerField(_("price"))
    code = models.CharField(_("code"), max_length=16)
    state = models.CharField(_("state"), max_length=8, choices=RedemptionState.choices, default=RedemptionState.ISSUED)
    channel = models.CharField(_("channel"), max_length=20)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    request_key = models.CharField(max_length=220)
    entry = ProgramForeignKey("members_ledger.Entry", related_name="+", db_index=False)
    cancel_entry = ProgramForeignKey("members_ledger.Entry", null=True, related_name="+", db_index=False)
    redeemed_at = models.DateTimeField(_("redeemed"))
    canceled_at = models.DateTimeField(_("canceled"), null=True)
    cancel_reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "rewards_redemption"
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = [
            models.UniqueConstraint(fields=["program", "request_key"], name="rewards_redemption_once"),
            models.UniqueConstraint(fields=["program", "code"], name="rewards_redemption_code"),
            models.CheckConstraint(
                condition=models.Q(state="issued", cancel_entry__isnull=True)
                | models.Q(state="canceled", cancel_entry__isnull=False),
                name="rewards_redemption_end",
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0, price__gt=0), name="rewards_redemption_price"),
        ]
        indexes = [models.Index(fields=["program", "-redeemed_at", "-id"], name="rewards_redemption_newest")]

    def __str__(self) -> str:
        return self.code
