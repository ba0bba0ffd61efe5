"""The ledger's tables. Written by ``members.ledger`` only; entries, postings and lot uses are added, never changed."""

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
        indexes = [models.Index(fields=["account", "-effective_at", "-id"], name="members_entry_history")]

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


# The program's side. What is transferred leaves one wallet and enters another: together it is zero.
SIDE_BUCKETS = ["issued", "spent", "expired", "adjusted", "transferred", "written_off"]
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


class LotState(models.TextChoices):
    PENDING = "pending", _("not usable yet")
    ACTIVE = "active", _("usable")
    CLOSED = "closed", _("used up, expired or taken back")


class Lot(ProgramModel):
    """Points of one earning with their own life. ``is_open`` flips once, when nothing remains: partial takings stay HOT."""

    wallet = ProgramForeignKey(Wallet, verbose_name=_("wallet"), related_name="lots", db_index=False)
    entry = ProgramForeignKey(Entry, verbose_name=_("ledger entry"), related_name="lots")
    amount = models.BigIntegerField(pgettext_lazy("points", "amount"))
    remaining = models.BigIntegerField(_("left"))
    is_open = models.BooleanField(_("something is left"), default=True)
    is_pending = models.BooleanField(_("not usable yet"), default=False)
    earned_at = models.DateTimeField(_("earned"))
    activates_at = models.DateTimeField(_("usable from"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    rule = models.CharField(_("by the rule"), max_length=80, blank=True)
    version_id = models.BigIntegerField(null=True)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, verbose_name=_("paid by"), related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_lot"
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0, remaining__lte=models.F("amount"), amount__gt=0),
                name="members_lot_remaining",
            ),
            models.CheckConstraint(
                condition=models.Q(is_open=True, remaining__gt=0) | models.Q(is_open=False, remaining=0),
                name="members_lot_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["wallet", "expires_at", "id"], condition=models.Q(is_open=True), name="members_lot_queue"
            ),
            models.Index(
                fields=["program", "expires_at"],
                condition=models.Q(is_open=True, expires_at__isnull=False),
                name="members_lot_expiry",
            ),
            models.Index(
                fields=["program", "activates_at"],
                condition=models.Q(is_open=True, is_pending=True),
                name="members_lot_activation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount}"


class LotUse(ProgramModel):
    """What an entry took from a lot (positive) or gave back to it (negative): remaining = amount - sum of uses."""

    lot = ProgramForeignKey(Lot, verbose_name=_("lot"), related_name="uses")
    entry = ProgramForeignKey(Entry, verbose_name=_("ledger entry"), related_name="lot_uses")
    amount = models.BigIntegerField(pgettext_lazy("points", "amount"))

    class Meta(ProgramModel.Meta):
        db_table = "members_lot_use"
        verbose_name = _("use of a lot")
        verbose_name_plural = _("uses of lots")
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="members_lot_use_not_zero")]

    def __str__(self) -> str:
        return f"{self.amount}"


class EarnedDay(ProgramModel):
    """What a wallet earned on one local day of the program, net of what returns of that day's purchases took back.

    Tiers ask for the points of a window. Counted day by day the answer costs the same with ten purchases and with ten
    thousand. It agrees with the entries at any time (invariant L12).
    """

    wallet = ProgramForeignKey(Wallet, related_name="earned_days", db_index=False)
    day = models.DateField()
    amount = models.BigIntegerField()

    class Meta(ProgramModel.Meta):
        db_table = "members_earned_day"
        constraints = [models.UniqueConstraint(fields=["wallet", "day"], name="members_earned_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.amount}"


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
