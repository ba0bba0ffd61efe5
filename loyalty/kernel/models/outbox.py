"""What the world must be told: written with the fact, sent later by a worker."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models.base import ProgramModel, recorded_at


class OutboxEvent(ProgramModel):
    """A fact that others may want to know. The payload is built at sending, by the serializer of its type and version."""

    type = models.CharField(max_length=60)
    version = models.SmallIntegerField(default=1)
    subject = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    sequence = models.BigIntegerField(default=0)
    occurred_at = models.DateTimeField()
    recorded_at = recorded_at()
    trace_id = models.CharField(max_length=32, blank=True)
    is_pending = models.BooleanField(default=True)
    attempts = models.SmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta(ProgramModel.Meta):
        db_table = "loyalty_outbox_event"
        verbose_name = _("outgoing event")
        verbose_name_plural = _("outgoing events")
        indexes = [
            models.Index(fields=["program", "id"], condition=models.Q(is_pending=True), name="loyalty_outbox_due")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject_id}"
