"""What one person asks for and another decides."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models.base import ProgramModel, public_id, recorded_at


class ProposalState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("proposal", "Waits")
    APPROVED = "approved", pgettext_lazy("proposal", "Approved")
    REJECTED = "rejected", pgettext_lazy("proposal", "Rejected")


class Proposal(ProgramModel):
    """A deed that needs a second person: what exactly, why, who asked, who decided, whether it is carried out."""

    public_id = public_id()
    kind = models.CharField(_("what"), max_length=40)
    arguments = models.JSONField(default=dict)
    note = models.CharField(_("why"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ProposalState.choices, default=ProposalState.WAITING)
    asker = models.ForeignKey("loyalty_kernel.User", models.PROTECT, verbose_name=_("asked for by"), related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    decider = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("decided by"), related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    done_at = models.DateTimeField(_("carried out"), null=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "loyalty_proposal"
        verbose_name = _("decision of a second person")
        verbose_name_plural = _("decisions of a second person")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", decider__isnull=True)
                | (~models.Q(state="waiting") & models.Q(decider__isnull=False)),
                name="loyalty_proposal_decided",
            ),
            # The database refuses whoever decides what they asked for, whatever page or program did it.
            models.CheckConstraint(
                condition=models.Q(decider__isnull=True) | ~models.Q(decider=models.F("asker")),
                name="loyalty_proposal_second_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "id"], condition=models.Q(done_at__isnull=True), name="loyalty_proposal_open"
            )
        ]

    def __str__(self) -> str:
        return self.kind
