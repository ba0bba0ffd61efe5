"""Who did what, when, from where, from what to what. Written in the same transaction as the deed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models.base import SharedModel, recorded_at


class AuditRecord(SharedModel):
    """One deed. The database refuses to change or delete it."""

    recorded_at = recorded_at()
    actor_kind = models.CharField(_("by whom"), max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(_("who"), max_length=160)
    action = models.CharField(_("what"), max_length=80)
    object_kind = models.CharField(_("kind of object"), max_length=80)
    object_id = models.CharField(max_length=40)
    object_label = models.CharField(_("on what"), max_length=200)
    changes = models.JSONField(_("changes"), default=dict)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    address = models.GenericIPAddressField(_("from where"), null=True)
    trace_id = models.CharField(_("trace"), max_length=32, blank=True)

    class Meta(SharedModel.Meta):
        db_table = "loyalty_audit_record"
        verbose_name = _("audit record")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["program", "object_kind", "object_id", "-id"], name="loyalty_audit_object"),
            models.Index(fields=["program", "-id"], name="loyalty_audit_newest"),
            models.Index(fields=["object_label"], name="loyalty_audit_label"),
            models.Index(fields=["actor_label"], name="loyalty_audit_actor"),
            models.Index(fields=["object_id"], name="loyalty_audit_object_id"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action}"
