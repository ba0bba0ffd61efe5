"""Business partners of a coalition and what was agreed with them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import ProgramModel, SharedModel, public_id


class PartnerKind(models.TextChoices):
    RETAILER = "retailer", _("Retailer")
    MANUFACTURER = "manufacturer", _("Manufacturer")
    SERVICE = "service", _("Service")


class Partner(SharedModel):
    """A company that issues or takes points, or pays for promotions."""

    public_id = public_id()
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=16, choices=PartnerKind.choices)
    contact_name = models.CharField(_("contact"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(SharedModel.Meta):
        db_table = "partners_partner"
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        permissions = [
            ("administer_portal", _("administers the partner's portal")),
            ("view_portal", _("reads the partner's portal")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="partners_partner_code", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name


class Agreement(ProgramModel):
    """The terms of one partner in one program for a time. Prices are in minor units of the currency per 1,000 points."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="agreements")
    starts_date = models.DateField(_("from"))
    ends_date = models.DateField(_("until"), null=True, blank=True, help_text=_("The first day it no longer holds."))
    currency = models.CharField(_("currency"), max_length=3)
    issue_price = models.BigIntegerField(_("price of 1,000 points issued"))
    redeem_price = models.BigIntegerField(_("price of 1,000 points redeemed"))
    commission = models.DecimalField(_("commission, %"), max_digits=5, decimal_places=2, default=0)
    funds_base = models.BooleanField(
        _("pays for points earned at its locations"),
        default=False,
        help_text=_(
            "Base points and bonuses alike. Points of a promotion that names its own payer are paid by that payer."
        ),
    )

    class Meta(ProgramModel.Meta):
        db_table = "partners_agreement"
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_date__isnull=True) | models.Q(ends_date__gt=models.F("starts_date")),
                name="partners_agreement_period",
            ),
            models.CheckConstraint(
                condition=models.Q(issue_price__gte=0, redeem_price__gte=0), name="partners_agreement_prices"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.starts_date}"
