"""The ledger's tables. Written by ``members.ledger`` only; entries, postings and lot uses are added, never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at


class Wallet(ProgramModel):
    """An account's points of one type, in smallest units: the only row that a purchase locks.

    Balance shown = active - debt. No index but keys that never change, so that every change is a HOT update.
    """

    account = ProgramForeignKey("members_profiles.Account", related_name="wallets", db_index=False)
    point_type = ProgramForeignKey("programs_setup.PointType", related_name="+", db_index=False)
    active = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    credit_limit = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    is_frozen = models.BooleanField(default=False)

    class Meta(ProgramModel.Meta):
        db_table = "members_wallet"
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
    ADJUST = "adjust", _("Corrected")


class Entry(ProgramModel):
    """One business fact with exactly one cause. ``effective_at`` is when it counts, ``recorded_at`` when it was known."""

    public_id = public_id()
    account = ProgramForeignKey("members_profiles.Account", related_name="entries", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind.choices)
    cause_kind = models.CharField(max_length=12)
    cause_id = models.BigIntegerField(null=True)
    request_key = models.CharField(max_length=120)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    reverses = ProgramForeignKey("self", null=True, related_name="reversed_by", db_index=False)
    reason = ProgramForeignKey("programs_setup.ReasonCode", null=True, related_name="+", db_index=False)
    note = models.CharField(max_length=300, blank=True)
    occurred_at = models.DateTimeField()
    effective_at = models.DateTimeField()
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
        return f"{self.kind} {self.public_id}"


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
    WRITTEN_OFF = "written_off", _("written off")


WALLET_BUCKETS = (Bucket.ACTIVE, Bucket.PENDING, Bucket.RESERVED, Bucket.DEBT)


class Posting(ProgramModel):
    """One leg of an entry: a wallet's bucket, or the program's side (no wallet) with the partner who pays.

    The legs of an entry sum to zero per point type; the database refuses a statement after which they do not. A debt is
    a negative sum of the wallet's ``debt`` legs.
    """

    entry = ProgramForeignKey(Entry, related_name="postings")
    wallet = ProgramForeignKey(Wallet, null=True, related_name="postings", db_index=False)
    point_type = ProgramForeignKey("programs_setup.PointType", related_name="+", db_index=False)
    bucket = models.CharField(max_length=12, choices=Bucket.choices)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    amount = models.BigIntegerField()

    class Meta(ProgramModel.Meta):
        db_table = "members_posting"
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="members_posting_not_zero"),
            models.CheckConstraint(
                condition=models.Q(wallet__isnull=False, bucket__in=["active", "pending", "reserved", "debt"])
                | models.Q(wallet__isnull=True, bucket__in=["issued", "spent", "expired", "adjusted", "written_off"]),
                name="members_posting_side",
            ),
        ]
        indexes = [models.Index(fields=["wallet", "entry"], name="members_posting_wallet")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.amount}"


class LotState(models.TextChoices):
    PENDING = "pending", _("not usable yet")
    ACTIVE = "active", _("usable")
    CLOSED = "closed", _("used up, expired or taken back")


class Lot(ProgramModel):
    """Points of one earning with their own life. ``is_open`` flips once, when nothing remains: partial takings stay HOT."""

    wallet = ProgramForeignKey(Wallet, related_name="lots", db_index=False)
    entry = ProgramForeignKey(Entry, related_name="lots")
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    is_open = models.BooleanField(default=True)
    is_pending = models.BooleanField(default=False)
    earned_at = models.DateTimeField()
    activates_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    rule = models.CharField(max_length=80, blank=True)
    version_id = models.BigIntegerField(null=True)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_lot"
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

    lot = ProgramForeignKey(Lot, related_name="uses")
    entry = ProgramForeignKey(Entry, related_name="lot_uses")
    amount = models.BigIntegerField()

    class Meta(ProgramModel.Meta):
        db_table = "members_lot_use"
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
    wallet_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    recorded_at = recorded_at()
    resolved_at = models.DateTimeField(null=True)

    class Meta(ProgramModel.Meta):
        db_table = "members_breach"
        verbose_name = _("breach of the ledger")
        verbose_name_plural = _("breaches of the ledger")

    def __str__(self) -> str:
        return self.invariant
