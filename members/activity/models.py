"""What members did: purchases and returns, and the evaluation that explains every point of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id, recorded_at
from loyalty.kernel.text import TranslatedText
from members.activity.explanations import OutcomeField


class Purchase(ProgramModel):
    """One receipt. Amounts are minor units of the program's currency, paid and tax included (C01).

    What was paid in another currency was converted once, at the rate of its day; that amount and the rate are kept.
    """

    public_id = public_id()
    member = ProgramForeignKey(
        "members_profiles.Member", verbose_name=_("member"), related_name="purchases", db_index=False
    )
    account = ProgramForeignKey("members_profiles.Account", verbose_name=_("account"), related_name="+", db_index=False)
    location = models.ForeignKey(
        "programs_catalog.Location", models.PROTECT, null=True, verbose_name=_("location"), related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, verbose_name=_("partner"), related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("receipt"), max_length=120)
    channel = models.CharField(_("channel"), max_length=20, default="store")
    till = models.CharField(_("till"), max_length=40, blank=True)
    payment = models.CharField(_("payment"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))
    foreign_currency = models.CharField(_("paid in the currency"), max_length=3, default="", db_default="", blank=True)
    foreign_amount = models.BigIntegerField(_("amount in that currency"), null=True)
    foreign_rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=9, null=True)
    returned_amount = models.BigIntegerField(_("amount returned"), default=0)
    is_returned = models.BooleanField(_("returned as a whole"), default=False, db_default=False)
    paid_with_points = models.BigIntegerField(_("paid with points"), default=0)
    line_count = models.PositiveIntegerField(_("lines"))
    occurred_at = models.DateTimeField(_("when"))
    occurred_date = models.DateField(_("day"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_purchase"
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        indexes = [
            models.Index(
                fields=["member", "occurred_at"],
                include=["program", "amount", "returned_amount", "is_returned"],
                name="members_purchase_history",
            ),
            models.Index(fields=["program", "occurred_date"], name="members_purchase_day"),
            models.Index(fields=["program", "external_id"], name="members_purchase_receipt"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, returned_amount__gte=0, returned_amount__lte=models.F("amount")),
                name="members_purchase_amounts",
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class PurchaseLine(ProgramModel):
    """One line of a receipt after its discounts; ``returned_quantity`` grows with returns.

    Whose it is and when it was bought stand on the line too: rules ask how much of certain goods a member bought in a
    window, and find it without looking at anything else that the member bought.
    """

    purchase = ProgramForeignKey(Purchase, verbose_name=_("purchase"), related_name="lines", db_index=False)
    member_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    number = models.PositiveIntegerField(_("position"))
    line_id = models.CharField(_("line"), max_length=40)
    sku = models.CharField(_("SKU"), max_length=60)
    product = models.ForeignKey(
        "programs_catalog.Product", models.PROTECT, null=True, verbose_name=_("product"), related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=10, default="piece")
    amount = models.BigIntegerField(_("amount"))
    list_amount = models.BigIntegerField(_("amount before discounts"))
    returned_quantity = models.DecimalField(_("quantity returned"), max_digits=14, decimal_places=3, default=0)
    returned_amount = models.BigIntegerField(_("amount returned"), default=0)

    class Meta(ProgramModel.Meta):
        db_table = "members_purchase_line"
        verbose_name = _("receipt line")
        verbose_name_plural = _("receipt lines")
        indexes = [models.Index(fields=["member_id", "sku", "occurred_at"], name="members_purchase_line_bought")]
        constraints = [
            models.UniqueConstraint(fields=["purchase", "number"], name="members_purchase_line_number"),
            models.CheckConstraint(
                condition=models.Q(returned_quantity__gte=0, returned_quantity__lte=models.F("quantity")),
                name="members_purchase_line_returned",
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class BoughtDay(ProgramModel):
    """What a member bought on one local day of the program, net of returns (C13). A purchase that all came back is none.

    Rules ask how much, how often and on which days a member bought. Counted day by day the answer costs the same with
    ten purchases a day and with ten thousand. It agrees with the purchases at any time (invariant L60).
    """

    member = ProgramForeignKey("members_profiles.Member", related_name="+", db_index=False)
    day = models.DateField()
    purchases = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    units = models.BigIntegerField()

    class Meta(ProgramModel.Meta):
        db_table = "members_bought_day"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "day"], include=["program", "purchases", "amount", "units"],
                name="members_bought_day_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day} {self.purchases}"


class ReturnState(models.TextChoices):
    WAITING = "waiting", _("Waiting for its purchase")
    APPLIED = "applied", pgettext_lazy("return", "Applied")
    REVIEW = "review", _("For review")


class Settlement(models.TextChoices):
    """What the member gets for goods given back."""

    MONEY = "money", pgettext_lazy("return", "Money")
    EXCHANGE = "exchange", pgettext_lazy("return", "Another purchase in exchange")
    BONUS = "bonus", pgettext_lazy("return", "Points instead of money")


class Return(ProgramModel):
    """Goods given back. One that arrives before its purchase waits and moves nothing.

    ``exchange_external_id`` is the receipt of the purchase that was made in exchange, under the same source, which may come
    later. A void undoes a mistake on its own day: no terms of return hold for it.

    ``trace`` is that of the request that brings it, where it is recorded together with others; it is not kept.
    """

    trace = ""

    public_id = public_id()
    purchase = ProgramForeignKey(Purchase, null=True, verbose_name=_("purchase"), related_name="returns")
    source = models.CharField(_("source"), max_length=40)
    purchase_external_id = models.CharField(_("receipt of the purchase"), max_length=120)
    external_id = models.CharField(_("number of the return"), max_length=120)
    lines = models.JSONField(_("lines"))
    settlement = models.CharField(
        _("in return for"), max_length=8, choices=Settlement.choices, default=Settlement.MONEY, db_default="money"
    )
    exchange_external_id = models.CharField(
        _("receipt of the exchange"), max_length=120, default="", db_default="", blank=True
    )
    is_void = models.BooleanField(_("undoes a mistake"), default=False, db_default=False)
    amount = models.BigIntegerField(_("amount"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=ReturnState.choices)
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = recorded_at()
    applied_at = models.DateTimeField(_("applied"), null=True)

    class Meta(ProgramModel.Meta):
        db_table = "members_return"
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        indexes = [
            models.Index(
                fields=["program", "source", "purchase_external_id"],
                condition=models.Q(state="waiting"),
                name="members_return_waiting",
            ),
            models.Index(fields=["program", "external_id"], name="members_return_number"),
            models.Index(fields=["program", "purchase_external_id"], name="members_return_receipt"),
            models.Index(
                fields=["program", "exchange_external_id"],
                condition=~models.Q(exchange_external_id=""),
                name="members_return_exchange",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(settlement="exchange") & ~models.Q(exchange_external_id="")
                | ~models.Q(settlement="exchange") & models.Q(exchange_external_id=""),
                name="members_return_settlement",
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class Evaluation(ProgramModel):
    """The decision about one purchase, a return of it, or another occasion of a member, and all that is needed to judge again.

    ``context`` holds only the values that the candidate rules read, and no identity; it may be blanked by retention.
    """

    purchase = ProgramForeignKey(Purchase, null=True, verbose_name=_("purchase"), related_name="evaluations")
    member = ProgramForeignKey(
        "members_profiles.Member", null=True, verbose_name=_("member"), related_name="+", db_index=False
    )
    occasion = models.CharField(_("occasion"), max_length=120, blank=True, default="", db_default="")
    returned = ProgramForeignKey(
        Return, null=True, verbose_name=_("return"), related_name="evaluations", db_index=False
    )
    kind = models.CharField(_("cause"), max_length=14, default="purchase")
    snapshot_number = models.BigIntegerField(_("version of the rules"))
    outcome = OutcomeField(_("decision"))
    context = models.JSONField(_("values that the rules read"), null=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_evaluation"
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "occasion"], condition=~models.Q(occasion=""), name="members_evaluation_occasion"
            ),
            models.CheckConstraint(
                condition=models.Q(purchase__isnull=False, occasion="")
                | (models.Q(purchase__isnull=True, member__isnull=False) & ~models.Q(occasion="")),
                name="members_evaluation_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.purchase_id or self.occasion}"


class Received(ProgramModel):
    """A fact that may be taken in once only: the same source, kind and external id is the same fact."""

    source = models.CharField(_("source"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10)
    external_id = models.CharField(_("number at the source"), max_length=120)
    fact_id = models.BigIntegerField()
    body_hash = models.BinaryField(max_length=32)

    class Meta(ProgramModel.Meta):
        db_table = "members_received"
        verbose_name = _("fact taken in")
        verbose_name_plural = _("facts taken in")
        constraints = [
            models.UniqueConstraint(fields=["program", "source", "kind", "external_id"], name="members_received_once")
        ]

    def __str__(self) -> str:
        return self.external_id


class Event(ProgramModel):
    """Something declared that a member did beside buying. Added once, never changed."""

    public_id = public_id()
    kind = ProgramForeignKey("programs_setup.EventKind", verbose_name=_("kind"), related_name="+", db_index=False)
    member = ProgramForeignKey(
        "members_profiles.Member", verbose_name=_("member"), related_name="events", db_index=False
    )
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("number at the source"), max_length=120, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict)
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_event"
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["member", "-occurred_at", "-id"], name="members_event_history")]

    def __str__(self) -> str:
        return str(self.public_id)


class FlagSeverity(models.TextChoices):
    INFO = "info", pgettext_lazy("flag", "Notice")
    WARNING = "warning", pgettext_lazy("flag", "Warning")
    BLOCK = "block", pgettext_lazy("flag", "Serious")


class MemberFlag(ProgramModel):
    """Something that a person should look at; it stands until a supervisor clears it or the goods come back."""

    public_id = public_id()
    member = ProgramForeignKey(
        "members_profiles.Member", verbose_name=_("member"), related_name="flags", db_index=False
    )
    code = models.CharField(_("flag"), max_length=60)
    severity = models.CharField(_("severity"), max_length=7, choices=FlagSeverity.choices, default=FlagSeverity.WARNING)
    note = TranslatedText(_("note"), default=dict, blank=True)
    rule = models.CharField(_("promotion"), max_length=64, blank=True)
    purchase = ProgramForeignKey(Purchase, null=True, verbose_name=_("purchase"), related_name="+", db_index=False)
    since_at = models.DateTimeField(_("since"))
    cleared_at = models.DateTimeField(_("cleared"), null=True)
    cleared_by = models.ForeignKey(
        "loyalty_kernel.User", models.PROTECT, null=True, verbose_name=_("cleared by"), related_name="+"
    )
    clear_reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "members_flag"
        verbose_name = _("flag of a member")
        verbose_name_plural = _("flags of members")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "code"], condition=models.Q(cleared_at__isnull=True), name="members_flag_open"
            )
        ]
        indexes = [models.Index(fields=["member", "-id"], name="members_flag_newest")]

    def __str__(self) -> str:
        return self.code


class ReturnStep(models.TextChoices):
    """What a member can be told about goods given back."""

    ACCEPTED = "accepted", _("the goods were taken back")
    POINTS_TAKEN = "points_taken", _("points were taken back")
    POINTS_RESTORED = "points_restored", _("points that paid were given back")
    BONUS_GIVEN = "bonus_given", _("points were given instead of money")
    REVIEW = "review", _("the return waits for a person to look at it")


class ReturnNotice(ProgramModel):
    """The message by which members are told of one step of their returns."""

    step = models.CharField(_("when"), max_length=16, choices=ReturnStep.choices)
    template = ProgramForeignKey(
        "members_messaging.MessageTemplate", verbose_name=_("message"), related_name="+",
        help_text=_("{points}, {receipt} and {amount} are filled in."),
    )  # fmt: skip
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "members_return_notice"
        verbose_name = _("message about returns")
        verbose_name_plural = _("messages about returns")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "step", "template"], condition=models.Q(archived_at__isnull=True),
                name="members_return_notice_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_step_display()
