"""Wallets, and the entries with their postings that move them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at


class Wallet(ProgramModel):
    """An account's points of one type, in smallest units: the only row that a purchase locks.

    Balance shown = active - debt. No index but keys that never change, so that every change is a HOT update.
    """

    account = ProgramForeignKey(
        "members_profiles.Account", verbose_name=_("account"), related_name="wallets", db_index=False
    )
    point_type = ProgramForeignKey(
        "programs_setup.PointType", verbose_name=_("point type"), related_name="+", db_index=False
    )
    active = models.BigIntegerField(_("active"), default=0)
    pending = models.BigIntegerField(_("pending"), default=0)
    reserved = models.BigIntegerField(_("reserved"), default=0)
    debt = models.BigIntegerField(_("debt"), default=0)
    credit_limit = models.BigIntegerField(_("credit limit"), default=0)
    version = models.BigIntegerField(default=0)
    is_frozen = models.BooleanField(_("frozen"), default=False)

    class Meta(ProgramModel.Meta):
        db_table = "members_wallet"
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.UniqueConstraint(fields=["account", "point_type"], name="members_wallet_pair"),
            models.CheckConstraint(
                condition=models.Q(active__gte=0, pending__gte=0, reserved__gte=0, debt__gte=0, credit_limit__gte=0),
                name="members_wallet_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.active}"


class EntryKind(models.TextChoices):
    """The business facts that move points."""

    EARN = "earn", _("Earned")
    ACTIVATE = "activate", _("Became usable")
    REDEEM = "redeem", _("Spent")
    CANCEL = "cancel", _("Spending canceled")
    REVERSE = "reverse", _("Taken back after a return")
    EXPIRE = "expire", _("Expired")
    TRANSFER = "transfer", _("Moved between accounts")
    ADJUST = "adjust", _("Corrected")
    HOLD = "hold", _("Held for a till")
    RELEASE = "release", _("Let go by a till")
    EXTEND = "extend", _("End moved to later")
    REINSTATE = "reinstate", _("Bought back after their end")
    BUY = "buy", _("Points bought")
    REFUND = "refund", _("Bought points refunded")
    CONVERT = "convert", _("Converted")


# What only moves points between buckets of their owner: nobody's history shows it.
HOLDING_KINDS = (EntryKind.HOLD, EntryKind.RELEASE)


class Entry(ProgramModel):
    """One business fact with exactly one cause. ``effective_at`` is when it counts, ``recorded_at`` when it was known."""

    public_id = public_id()
    account = ProgramForeignKey(
        "members_profiles.Account", verbose_name=_("account"), related_name="entries", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind.choices)
    cause_kind = models.CharField(_("cause"), max_length=12)
    cause_id = models.BigIntegerField(null=True)
    request_key = models.CharField(_("request key"), max_length=120)
    actor_kind = models.CharField(_("by whom"), max_length=10)
    actor_id = models.BigIntegerField(null=True)
    reverses = ProgramForeignKey(
        "self", null=True, verbose_name=_("takes back"), related_name="reversed_by", db_index=False
    )
    reason = ProgramForeignKey(
        "programs_setup.ReasonCode", null=True, verbose_name=_("reason"), related_name="+", db_index=False
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    occurred_at = models.DateTimeField(_("when it happened"))
    effective_at = models.DateTimeField(_("when it counts"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_entry"
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(fields=["program", "kind", "request_key"], name="members_entry_once"),
            models.CheckConstraint(
                condition=~models.Q(kind="reverse") | models.Q(reverses__isnull=False), name="members_entry_original"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="adjust") | models.Q(reason__isnull=False), name="members_entry_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-effective_at", "-id"], name="members_entry_history"),
            models.Index(
                fields=["actor_id", "effective_at"], condition=models.Q(kind="adjust"), name="members_entry_corrections"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.public_id}"


class Bucket(models.TextChoices):
    """Where points are: four buckets of a wallet, or the program's side."""

    ACTIVE = "active", _("active")
    PENDING = "pending", _("pending")
    RESERVED = "reserved", _("reserved")
    DEBT = "debt", _("debt")
    ISSUED = "issued", _("issued")
    SPENT = "spent", _("spent")
    EXPIRED = "expired", _("expired")
    ADJUSTED = "adjusted", _("adjusted")
    TRANSFERRED = "transferred", _("transferred")
    WRITTEN_OFF = "written_off", _("written off")
    SOLD = "sold", pgettext_lazy("points", "sold")
    CONVERTED = "converted", pgettext_lazy("points", "converted")


# The program's side. What is transferred leaves one wallet and enters another: together it is zero.
SIDE_BUCKETS = ["issued", "spent", "expired", "adjusted", "transferred", "written_off", "sold", "converted"]
WALLET_BUCKETS = (Bucket.ACTIVE, Bucket.PENDING, Bucket.RESERVED, Bucket.DEBT)


class Posting(ProgramModel):
    """One leg of an entry: a wallet's bucket, or the program's side (no wallet) with the partner who pays.

    The legs of an entry sum to zero per point type; the database refuses a statement after which they do not. A debt is
    a negative sum of the wallet's ``debt`` legs.
    """

    entry = ProgramForeignKey(Entry, verbose_name=_("ledger entry"), related_name="postings")
    wallet = ProgramForeignKey(Wallet, null=True, verbose_name=_("wallet"), related_name="postings", db_index=False)
    point_type = ProgramForeignKey(
        "programs_setup.PointType", verbose_name=_("point type"), related_name="+", db_index=False
    )
    bucket = models.CharField(_("bucket"), max_length=12, choices=Bucket.choices)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, verbose_name=_("partner"), related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    amount = models.BigIntegerField(pgettext_lazy("points", "amount"))

    class Meta(ProgramModel.Meta):
        db_table = "members_posting"
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="members_posting_not_zero"),
            models.CheckConstraint(
                condition=models.Q(wallet__isnull=False, bucket__in=["active", "pending", "reserved", "debt"])
                | models.Q(wallet__isnull=True, bucket__in=SIDE_BUCKETS),
                name="members_posting_side",
            ),
        ]
        indexes = [models.Index(fields=["wallet", "entry"], name="members_posting_wallet")]

    def __str__(self) -> str:
        return f"{self.get_bucket_display()} {self.amount}"
