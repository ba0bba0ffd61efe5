"""What people look after: breaches that the self-audit found, corrections that wait for a decision."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from members.ledger.models.books import Entry


class Breach(ProgramModel):
    """A broken invariant that the self-audit found, with the wallet it concerns."""

    invariant = models.CharField(_("invariant"), max_length=40)
    wallet_id = models.BigIntegerField(_("wallet"), null=True)
    facts = models.JSONField(_("facts"), default=dict)
    recorded_at = recorded_at()
    resolved_at = models.DateTimeField(_("resolved"), null=True)

    class Meta(ProgramModel.Meta):
        db_table = "members_breach"
        verbose_name = _("breach of the ledger")
        verbose_name_plural = _("breaches of the ledger")

    def __str__(self) -> str:
        return self.invariant


class RequestState(models.TextChoices):
    WAITING = "waiting", _("Waits for a decision")
    APPROVED = "approved", pgettext_lazy("request", "Approved")
    REJECTED = "rejected", pgettext_lazy("request", "Rejected")


class AdjustmentRequest(ProgramModel):
    """A correction above its asker's limit, for a second person to decide. Decided once."""

    public_id = public_id()
    account = ProgramForeignKey("members_profiles.Account", verbose_name=_("account"), related_name="+")
    member = ProgramForeignKey("members_profiles.Member", verbose_name=_("member"), related_name="+")
    point_type = ProgramForeignKey(
        "programs_setup.PointType", verbose_name=_("point type"), related_name="+", db_index=False
    )
    reason = ProgramForeignKey("programs_setup.ReasonCode", verbose_name=_("reason"), related_name="+", db_index=False)
    amount = models.BigIntegerField(_("amount"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=RequestState.choices, default=RequestState.WAITING)
    request_key = models.CharField(_("request key"), max_length=120)
    asker_kind = models.CharField(max_length=10)
    asker_id = models.BigIntegerField(null=True)
    asker_label = models.CharField(_("asked by"), max_length=160)
    decider_kind = models.CharField(max_length=10, blank=True)
    decider_id = models.BigIntegerField(null=True)
    decider_label = models.CharField(_("decided by"), max_length=160, blank=True)
    decision_note = models.CharField(_("reason of the decision"), max_length=300, blank=True)
    entry = ProgramForeignKey(Entry, null=True, verbose_name=_("ledger entry"), related_name="+", db_index=False)
    recorded_at = recorded_at()
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta(ProgramModel.Meta):
        db_table = "members_adjustment_request"
        verbose_name = _("request for a correction")
        verbose_name_plural = _("requests for corrections")
        constraints = [
            models.UniqueConstraint(fields=["program", "request_key"], name="members_adjustment_request_once"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="members_adjustment_request_amount"),
            models.CheckConstraint(
                condition=models.Q(state="approved", entry__isnull=False)
                | (~models.Q(state="approved") & models.Q(entry__isnull=True)),
                name="members_adjustment_request_entry",
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "id"], condition=models.Q(state="waiting"), name="members_adjustment_waiting"
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)
