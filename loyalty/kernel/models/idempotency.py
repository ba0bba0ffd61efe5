"""Answers kept so that a repeated request gets the first answer again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models.base import ProgramForeignKey, ProgramModel, recorded_at


class StoredAnswer(ProgramModel):
    """The first answer to one ``Idempotency-Key`` of one API key; ``status`` is empty while it is being made."""

    api_key = ProgramForeignKey("loyalty_kernel.ApiKey", related_name="+")
    key = models.CharField(max_length=200)
    body_hash = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    body = models.JSONField()
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "loyalty_stored_answer"
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["program", "api_key", "key"], name="loyalty_stored_answer_once")]
        indexes = [models.Index(fields=["recorded_at"], name="loyalty_stored_answer_age")]

    def __str__(self) -> str:
        return self.key
