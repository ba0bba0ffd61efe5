"""What holds a member back for a while: a contact that changed lately, a block."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at
from members.profiles.models.people import Member


class ContactChange(ProgramModel):
    """E-mail or phone of a member changed: who changed it, until when nothing is spent, whether the old address was told.

    ``tell_sealed`` is the e-mail that was known before, sealed, and only until the letter is sent.
    """

    member = ProgramForeignKey(Member, verbose_name=_("member"), related_name="+", db_index=False)
    parts = ArrayField(models.CharField(max_length=5), verbose_name=_("what changed"))
    changed_at = models.DateTimeField(_("when"))
    held_until = models.DateTimeField(_("nothing is spent until"), null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(_("changed by"), max_length=160)
    tell_sealed = models.BinaryField(null=True)
    told_at = models.DateTimeField(_("old address told"), null=True)
    lifted_at = models.DateTimeField(_("spending let go on"), null=True)
    lifter_label = models.CharField(_("let go on by"), max_length=160, blank=True)
    lift_reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_contact_change"
        verbose_name = _("change of contact")
        verbose_name_plural = _("changes of contact")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True) | models.Q(held_until__isnull=False),
                name="members_contact_change_lift",
            )
        ]
        indexes = [models.Index(fields=["member", "-id"], name="members_contact_change_member")]

    def __str__(self) -> str:
        return ", ".join(self.parts)


class Block(ProgramModel):
    """A member was blocked: why and by whom, and who lifted it and why. The row that nobody lifted is in force."""

    member = ProgramForeignKey(Member, verbose_name=_("member"), related_name="+", db_index=False)
    reason = models.CharField(_("reason"), max_length=300)
    blocked_at = models.DateTimeField(_("blocked"))
    actor_label = models.CharField(_("blocked by"), max_length=160)
    lifted_at = models.DateTimeField(_("unblocked"), null=True)
    lifter_label = models.CharField(_("unblocked by"), max_length=160, blank=True)
    lift_reason = models.CharField(_("reason of the unblocking"), max_length=300, blank=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_block"
        verbose_name = _("block of a member")
        verbose_name_plural = _("blocks of members")
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(lifted_at__isnull=True), name="members_block_present"
            )
        ]
        indexes = [models.Index(fields=["member", "-id"], name="members_block_member")]

    def __str__(self) -> str:
        return self.reason
