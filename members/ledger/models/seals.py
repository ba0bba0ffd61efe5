"""The chain over the ledger's entries."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramModel
from loyalty.kernel.models.seals import Seal


class EntrySeal(Seal, ProgramModel):
    """A block of entries, with their postings. The database refuses to change or delete it."""

    class Meta(ProgramModel.Meta):
        db_table = "members_entry_seal"
        verbose_name = _("seal of the ledger")
        verbose_name_plural = _("seals of the ledger")
        constraints = [models.UniqueConstraint(fields=["program", "position"], name="members_entry_seal_position")]
