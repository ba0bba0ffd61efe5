"""Chains over records that only grow: each seal covers some records and the seal before."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models.base import SharedModel, recorded_at


class Seal(models.Model):
    """A block of records under one keyed hash. The database refuses to change or delete it."""

    position = models.IntegerField(_("number"))
    records = ArrayField(models.BigIntegerField())
    """Keys of the records, ascending."""
    newest = models.BigIntegerField()
    """The largest of all keys sealed so far."""
    covered = models.BigIntegerField()
    """How many records all seals up to this one cover."""
    digest = models.BinaryField(max_length=32)
    """Over the digest before and the records' contents."""
    recorded_at = recorded_at()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"#{self.position}"


class AuditSeal(Seal, SharedModel):
    """A block of the audit trail."""

    class Meta(SharedModel.Meta):
        db_table = "loyalty_audit_seal"
        verbose_name = _("seal of the audit trail")
        verbose_name_plural = _("seals of the audit trail")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "position"], nulls_distinct=False, name="loyalty_audit_seal_position"
            )
        ]
