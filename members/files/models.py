"""Files of purchases: what was sent, how far it is, and what was refused of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel import money
from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from loyalty.kernel.models.jobs import JobState


class FileState(models.TextChoices):
    OPEN = "open", pgettext_lazy("file", "Being taken in")
    DONE = "done", pgettext_lazy("file", "Taken in")
    REFUSED = "refused", pgettext_lazy("file", "Refused as a whole")


class PurchaseFile(ProgramModel):
    """One file of purchases. The same content of the same source is the same file. Amounts are minor units.

    ``chunks_done`` is how far it is for good, in chunks of ``chunk`` purchases. ``known_ahead`` is how many purchases of the
    next chunk stood in the books before it was begun; nothing while it was not.

    Its sums add up the figures of all receipts, in units of ``places`` decimals; ``currency`` is empty where the receipts are
    in several.
    """

    public_id = public_id()
    name = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(_("size"))
    content_file = models.UUIDField()
    source = models.CharField(_("source"), max_length=40)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, blank=True, verbose_name=_("partner"), related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=8, choices=FileState.choices, default=FileState.OPEN)
    problem = models.CharField(_("problem"), max_length=60, blank=True)
    facts = models.JSONField(default=dict)
    is_checked = models.BooleanField(default=False)
    purchases = models.BigIntegerField(_("purchases"), null=True)
    lines = models.BigIntegerField(_("lines"), null=True)
    amount = models.BigIntegerField(_("amount"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="", db_default="")
    places = models.PositiveSmallIntegerField(null=True)
    recorded = models.BigIntegerField(_("recorded"), default=0)
    known = models.BigIntegerField(_("known before"), default=0)
    rejected = models.BigIntegerField(_("rejected"), default=0)
    accepted_amount = models.BigIntegerField(_("amount accepted"), default=0)
    chunk = models.PositiveIntegerField()
    chunks_done = models.PositiveIntegerField(default=0)
    known_ahead = models.PositiveIntegerField(null=True)
    job = models.ForeignKey(
        "loyalty_kernel.Job", models.PROTECT, null=True, verbose_name=_("job"), related_name="+", db_constraint=False
    )
    requested_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("sent by"), related_name="+"
    )
    recorded_at = recorded_at()
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta(ProgramModel.Meta):
        db_table = "members_purchase_file"
        verbose_name = _("file of purchases")
        verbose_name_plural = _("files of purchases")
        indexes = [models.Index(fields=["program", "-id"], name="members_file_newest")]
        constraints = [
            models.UniqueConstraint(fields=["program", "source", "sha256"], name="members_file_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> str:
        """``waiting``, ``running``, ``stopped``, ``failed``, ``done`` or ``refused``."""
        if self.state != FileState.OPEN or self.job is None:
            return str(self.state)
        words = {JobState.QUEUED: "waiting", JobState.RUNNING: "running", JobState.CANCELED: "stopped"}
        return words.get(JobState(self.job.state), "failed")

    def decimals(self, own: str) -> int:
        """Of its sums; ``own`` is the program's currency."""
        return money.exponent(own) if self.places is None else self.places

    @property
    def is_resumable(self) -> bool:
        """Whether it stands still half done."""
        return self.standing in {"stopped", "failed"}


class FileReject(ProgramModel):
    """What is wrong with one cell of a file: a code and its facts. Its whole purchase was left out."""

    file = ProgramForeignKey(PurchaseFile, verbose_name=_("file"), related_name="rejects", db_index=False)
    line = models.BigIntegerField(_("line"))
    external_id = models.CharField(_("receipt"), max_length=120, blank=True)
    field = models.CharField(_("column"), max_length=30, blank=True)
    code = models.CharField(_("reason"), max_length=60)
    facts = models.JSONField(default=dict)

    class Meta(ProgramModel.Meta):
        db_table = "members_purchase_file_reject"
        verbose_name = _("reject")
        verbose_name_plural = _("rejects")
        constraints = [
            models.UniqueConstraint(fields=["file", "line", "field"], name="members_file_reject_once"),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.code}"
