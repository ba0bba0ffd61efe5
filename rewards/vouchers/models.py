"""Codes that are worth something at the till: what they are (templates), who has them, and each use."""

from datetime import date, datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from loyalty.kernel.text import TranslatedText
from programs.setup.models import CODE

SHORTEST_CODE, LONGEST_CODE = 8, 40


class VoucherKind(models.TextChoices):
    AMOUNT = "amount", _("Money off")
    PERCENT = "percent", _("Percent off")
    PRODUCT = "product", _("Product for free")
    POINTS = "points", _("Points")


class CodeSource(models.TextChoices):
    GENERATED = "generated", _("made when a voucher is issued")
    POOL = "pool", _("taken from an imported list")


class VoucherTemplate(ProgramModel):
    """What vouchers of one kind are.

    ``value`` in whole smallest units: minor units of money, hundredths of a percent, or smallest units of the point type;
    empty for a product.
    """

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"), help_text=_("As members and tills read it, for example “5 USD off”."))
    kind = models.CharField(_("kind"), max_length=8, choices=VoucherKind.choices, default=VoucherKind.AMOUNT)
    value = models.BigIntegerField(_("value"), null=True, blank=True, validators=[MinValueValidator(1)])
    point_type = ProgramForeignKey(
        "programs_setup.PointType", null=True, blank=True, verbose_name=_("point type"), related_name="+"
    )
    product = models.ForeignKey(
        "programs_catalog.Product", models.PROTECT, null=True, blank=True, verbose_name=_("product"), related_name="+",
        db_constraint=False,
    )  # fmt: skip
    valid_days = models.PositiveIntegerField(
        _("valid for days"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Counted from the day of issue. Empty: no end, unless the last day is given."),
    )  # fmt: skip
    valid_until = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("No voucher is used after this day.")
    )
    uses = models.PositiveIntegerField(
        _("uses for each code"), default=1, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    source = models.CharField(_("codes are"), max_length=9, choices=CodeSource.choices, default=CodeSource.GENERATED)
    prefix = models.CharField(
        _("codes begin with"), max_length=12, blank=True,
        validators=[RegexValidator(r"^[A-Z0-9-]*\Z", _("Capital letters, digits and hyphens only."))],
        help_text=_("Ten random signs and a check sign follow."),
    )  # fmt: skip
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "rewards_voucher_template"
        verbose_name = _("voucher template")
        verbose_name_plural = _("voucher templates")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="rewards_voucher_template_code"),
            models.CheckConstraint(
                condition=models.Q(kind="product", product__isnull=False, value__isnull=True)
                | models.Q(kind="points", point_type__isnull=False, value__gt=0)
                | models.Q(kind="amount", value__gt=0)
                | models.Q(kind="percent", value__gt=0, value__lte=10000),
                name="rewards_voucher_template_value",
            ),
            models.CheckConstraint(condition=models.Q(uses__gt=0), name="rewards_voucher_template_uses"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class VoucherState(models.TextChoices):
    POOLED = "pooled", pgettext_lazy("voucher", "Not issued yet")
    ISSUED = "issued", pgettext_lazy("voucher", "Issued")
    USED = "used", pgettext_lazy("voucher", "Used")
    WITHDRAWN = "withdrawn", pgettext_lazy("voucher", "Withdrawn")
    EXPIRED = "expired", pgettext_lazy("voucher", "Expired")


class Voucher(ProgramModel):
    """One code. Whoever knows it may use it, as often as ``uses`` says, before ``valid_until``.

    ``cause_kind`` and ``cause_id`` tell what issued it, ``request_key`` makes that happen once.
    """

    public_id = public_id()
    template = ProgramForeignKey(VoucherTemplate, verbose_name=_("template"), related_name="vouchers", db_index=False)
    code = models.CharField(_("code"), max_length=LONGEST_CODE)
    member = ProgramForeignKey(
        "members_profiles.Member", null=True, verbose_name=_("member"), related_name="vouchers", db_index=False
    )
    account = ProgramForeignKey(
        "members_profiles.Account", null=True, verbose_name=_("account"), related_name="+", db_index=False
    )
    state = models.CharField(_("state"), max_length=9, choices=VoucherState.choices, default=VoucherState.ISSUED)
    uses = models.PositiveIntegerField(_("uses"), default=1)
    used = models.PositiveIntegerField(_("used"), default=0)
    cause_kind = models.CharField(_("issued by"), max_length=12, blank=True)
    cause_id = models.BigIntegerField(null=True, blank=True)
    request_key = models.CharField(_("request key"), max_length=220, null=True, blank=True)
    issued_at = models.DateTimeField(_("issued"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdraw_reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "rewards_voucher"
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="rewards_voucher_code"),
            models.UniqueConstraint(fields=["program", "request_key"], name="rewards_voucher_once"),
            models.CheckConstraint(condition=models.Q(used__lte=models.F("uses")), name="rewards_voucher_uses"),
            models.CheckConstraint(
                condition=models.Q(state="pooled", issued_at__isnull=True)
                | (~models.Q(state="pooled") & models.Q(issued_at__isnull=False)),
                name="rewards_voucher_issued",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="rewards_voucher_member"),
            models.Index(fields=["template", "id"], condition=models.Q(state="pooled"), name="rewards_voucher_pool"),
            models.Index(
                fields=["program", "valid_until"], condition=models.Q(state="issued"), name="rewards_voucher_due"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def is_usable(self, at: datetime) -> bool:
        """Whether it can be used at ``at``; the date is the truth, a late sweep changes nothing."""
        return self.state == VoucherState.ISSUED and not self.is_over(at) and self.used < self.uses

    @property
    def last_day(self) -> date | None:
        """The last local day on which it can be used; nothing for one without an end."""
        if self.valid_until is None:
            return None
        return (self.valid_until - timedelta(microseconds=1)).astimezone(self.program.zone).date()

    def is_over(self, at: datetime) -> bool:
        """Whether its time is over at ``at``."""
        return self.valid_until is not None and self.valid_until <= at


class VoucherUse(ProgramModel):
    """One use of a voucher: where and when. Rows are added, never changed."""

    public_id = public_id()
    voucher = ProgramForeignKey(Voucher, verbose_name=_("voucher"), related_name="redeemed", db_index=False)
    member = ProgramForeignKey(
        "members_profiles.Member", null=True, verbose_name=_("member"), related_name="+", db_index=False
    )
    receipt = models.CharField(_("receipt"), max_length=120, blank=True)
    store = models.CharField(_("store"), max_length=40, blank=True)
    entry = ProgramForeignKey(
        "members_ledger.Entry", null=True, verbose_name=_("ledger entry"), related_name="+", db_index=False
    )
    request_key = models.CharField(_("request key"), max_length=220)
    used_at = models.DateTimeField(_("used"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "rewards_voucher_use"
        verbose_name = _("use of a voucher")
        verbose_name_plural = _("uses of vouchers")
        constraints = [models.UniqueConstraint(fields=["program", "request_key"], name="rewards_voucher_use_once")]
        indexes = [models.Index(fields=["voucher", "-id"], name="rewards_voucher_use_newest")]

    def __str__(self) -> str:
        return self.receipt or str(self.public_id)
