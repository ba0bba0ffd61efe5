"""Rewards that members took."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at


class RedemptionState(models.TextChoices):
    ISSUED = "issued", pgettext_lazy("redemption", "Issued")
    CANCELED = "canceled", pgettext_lazy("redemption", "Canceled")


class Redemption(ProgramModel):
    """One or more units of a reward, paid by one entry of the ledger; ``price`` is what all of them cost together."""

    public_id = public_id()
    member = ProgramForeignKey("members_profiles.Member", verbose_name=_("member"), related_name="redemptions")
    account = ProgramForeignKey("members_profiles.Account", verbose_name=_("account"), related_name="+", db_index=False)
    reward = ProgramForeignKey("rewards_catalog.Reward", verbose_name=_("reward"), related_name="redemptions")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    price = models.BigIntegerField(_("price"))
    code = models.CharField(_("code"), max_length=16)
    state = models.CharField(_("state"), max_length=8, choices=RedemptionState.choices, default=RedemptionState.ISSUED)
    channel = models.CharField(_("channel"), max_length=20)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, verbose_name=_("partner"), related_name="+",
        db_constraint=False,
    )  # fmt: skip
    request_key = models.CharField(_("request key"), max_length=220)
    entry = ProgramForeignKey("members_ledger.Entry", verbose_name=_("ledger entry"), related_name="+", db_index=False)
    cancel_entry = ProgramForeignKey(
        "members_ledger.Entry", null=True, verbose_name=_("ledger entry of the cancellation"), related_name="+",
        db_index=False,
    )  # fmt: skip
    cancel_key = models.CharField(_("request key of the cancellation"), max_length=220, blank=True, db_default="")
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
