"""What points buy."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramForeignKey, ProgramModel, public_id
from loyalty.kernel.text import TranslatedText
from programs.setup.models import CODE


class RewardKind(models.TextChoices):
    GIFT = "gift", _("Gift")
    VOUCHER = "voucher", _("Voucher")
    DISCOUNT = "discount", _("Discount")
    SERVICE = "service", _("Service")
    CHARITY = "charity", _("Charity")


class Reward(ProgramModel):
    """Something members get for points. ``price`` in smallest units of its point type; ``stock`` empty means no limit."""

    public_id = public_id()
    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    description = TranslatedText(_("description"))
    kind = models.CharField(_("kind"), max_length=10, choices=RewardKind.choices, default=RewardKind.GIFT)
    point_type = ProgramForeignKey("programs_setup.PointType", verbose_name=_("paid with"), related_name="+")
    price = models.BigIntegerField(_("price in points"), validators=[MinValueValidator(1)])
    stock = models.IntegerField(
        _("in stock"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Empty: as many as asked for."),
    )
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, blank=True, verbose_name=_("supplied by"),
        related_name="+", db_constraint=False,
    )  # fmt: skip
    picture = ProgramForeignKey("loyalty_kernel.StoredFile", null=True, blank=True, editable=False, related_name="+")
    starts_at = models.DateTimeField(_("on sale from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("on sale until"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "rewards_reward"
        ordering = ["price", "id"]
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="rewards_reward_code"),
            models.CheckConstraint(condition=models.Q(price__gt=0), name="rewards_reward_price"),
            models.CheckConstraint(
                condition=models.Q(stock__isnull=True) | models.Q(stock__gte=0), name="rewards_reward_stock"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="rewards_reward_period",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def is_sold_out(self) -> bool:
        """Whether nothing is left."""
        return self.stock == 0
