"""What a program is: the wall itself, its brands and regions, its point types and reasons."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import scope
from loyalty.kernel.ids import NextId
from loyalty.kernel.models import ProgramForeignKey, ProgramModel, recorded_at
from loyalty.kernel.models.whole import whole
from loyalty.kernel.money import exponent
from loyalty.kernel.text import TranslatedText, beside
from programs.setup import events

CODE = RegexValidator(r"^[A-Z][A-Z0-9_-]{1,31}$", _("Capital letters, digits, - and _, from two to 32 characters."))
CURRENCY = RegexValidator(r"^[A-Z]{3}$", _("A currency code of three capital letters, such as EUR."))


# What nobody has to type.
USUAL_FORMS = {
    "points": "point, points",
    "punkty": "punkt, punkty, punktów, punktu",
    "баллы": "балл, балла, баллов",
    "status points": "status point, status points",
    "punkty statusowe": "punkt statusowy, punkty statusowe, punktów statusowych, punktu statusowego",
    "статусные баллы": "статусный балл, статусных балла, статусных баллов",
}


class ProgramManager(models.Manager[Any]):
    """Programs in scope: the wall hides every other, even its name."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(pk__in=scope.current().programs)

    def present(self) -> "Program":
        """The program in scope, by the shortest way: it is read with every purchase.

        :raises DoesNotExist: there is none.
        :raises MultipleObjectsReturned: there are several.
        """
        rows = whole(Program, by="id")
        if not rows:
            raise Program.DoesNotExist
        if len(rows) > 1:
            raise Program.MultipleObjectsReturned
        return rows[0]


class Rounding(models.TextChoices):
    DOWN = "down", _("down")
    HALF_UP = "half_up", _("to the nearest, halves up")
    UP = "up", _("up")


class ReversalPolicy(models.TextChoices):
    """What happens when a return takes back more than the wallet holds (C19)."""

    WITHIN_BALANCE = "within_balance", _("write the rest off")
    DEBT = "debt", _("keep the rest as a debt, repaid by the next points")


class Program(models.Model):
    """One loyalty program: the wall between data."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId(), editable=False)
    code = models.CharField(_("code"), max_length=32, unique=True, validators=[CODE])
    name = TranslatedText(_("name"))
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    timezone = models.CharField(_("time zone"), max_length=64)
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES, default="en")
    rounding = models.CharField(_("rounding of points"), max_length=8, choices=Rounding.choices, default=Rounding.DOWN)
    basis = models.CharField(_("amount that earns"), max_length=16, default="paid")
    earn_on = models.CharField(_("earning counts"), max_length=32, default="after_loyalty_discounts")
    point_value = models.DecimalField(_("value of a point"), max_digits=12, decimal_places=6, default=0)
    groups = models.JSONField(_("promotion groups"), default=dict, blank=True)
    is_approval_needed = models.BooleanField(
        _("promotions need a second person"),
        default=False,
        help_text=_("Who wrote a promotion cannot publish it before somebody else has approved it."),
    )
    reversal_policy = models.CharField(
        _("when a return takes more than there is"),
        max_length=16,
        choices=ReversalPolicy.choices,
        default=ReversalPolicy.DEBT,
    )
    debt_share = models.PositiveSmallIntegerField(
        _("share of new points that repays a debt, %"), default=100, validators=[MaxValueValidator(100)]
    )
    lateness_days = models.PositiveSmallIntegerField(_("days a purchase may arrive late"), default=30)
    snapshot_number = models.BigIntegerField(default=0, editable=False)
    settings = models.JSONField(default=dict, blank=True, editable=False)
    is_running = models.BooleanField(_("running"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ProgramManager()

    class Meta:
        db_table = "programs_program"
        base_manager_name = "objects"
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        permissions = [
            ("act_as_marketer", _("works as marketer")),
            ("act_as_analyst", _("works as analyst")),
            ("act_as_agent", _("works as agent")),
            ("act_as_supervisor", _("works as supervisor")),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of limits, history days and streaks."""
        return ZoneInfo(self.timezone)

    @property
    def exponent(self) -> int:
        """Decimals of the program's currency."""
        return exponent(self.currency)


class Region(ProgramModel):
    """A part of a program with terms of its own."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    settings = models.JSONField(default=dict, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_region"
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="programs_region_code")]

    def __str__(self) -> str:
        return str(self.name)


class Brand(ProgramModel):
    """A brand under which the program appears."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    settings = models.JSONField(default=dict, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_brand"
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="programs_brand_code")]

    def __str__(self) -> str:
        return str(self.name)


class PointType(ProgramModel):
    """A currency of points: spendable or only counting toward tiers."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"), help_text=_("As shown beside a figure, for example “points”."))
    forms = TranslatedText(
        _("forms of the name"),
        default=dict,
        blank=True,
        help_text=_("As counted, separated by commas: 1 point, 2 points. Polish and Russian: one, two, five."),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0, validators=[MaxValueValidator(4)])
    is_spendable = models.BooleanField(_("can be spent"), default=True)
    activation = models.JSONField(_("becomes usable"), default=dict, blank=True)
    expiry = models.JSONField(_("expires"), default=dict, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_point_type"
        ordering = ["position", "id"]
        verbose_name = _("point type")
        verbose_name_plural = _("point types")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="programs_point_type_code")]

    def __str__(self) -> str:
        return str(self.name)

    def named(self, units: int) -> str:
        """The name in the form that stands beside so many smallest units, in the reader's language."""
        language, name = (get_language() or "en").split("-")[0], str(self)
        forms = (self.forms or {}).get(language) or USUAL_FORMS.get(name)
        return beside(forms, language, Decimal(units).scaleb(-self.decimals)) if forms else name


class CurrencyRate(ProgramModel):
    """What one unit of another currency is worth in the program's, from a day of the program on.

    Added, never changed: the newest row of the latest day that had begun judges a purchase of that day.
    """

    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    since_date = models.DateField(_("from the day"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=9)
    recorded_at = recorded_at()

    class Meta(ProgramModel.Meta):
        db_table = "programs_currency_rate"
        verbose_name = _("currency rate")
        verbose_name_plural = _("currency rates")
        constraints = [
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="programs_currency_rate_positive"),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="programs_currency_rate_code"
            ),
        ]
        indexes = [models.Index(fields=["program", "currency", "-since_date", "-id"], name="programs_currency_newest")]

    def __str__(self) -> str:
        return f"{self.currency} {self.since_date}"


class ReasonCode(ProgramModel):
    """Why an agent may correct a balance, and up to how much without a supervisor."""

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"))
    point_type = ProgramForeignKey(PointType, verbose_name=_("point type"), related_name="+")
    allows_credit = models.BooleanField(_("may add points"), default=True)
    allows_debit = models.BooleanField(_("may take points"), default=False)
    agent_limit = models.BigIntegerField(
        _("limit for an agent"), help_text=_("The most an agent gives or takes at once. Supervisors have no limit.")
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_reason_code"
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_reason_code_code"),
            models.CheckConstraint(condition=models.Q(agent_limit__gte=0), name="programs_reason_code_limit"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class EventKind(ProgramModel):
    """A kind of happening that the program declares beside purchases, with the attributes that come with it.

    ``attributes`` is a list of ``{"name", "type", "required"}``; see ``programs.setup.events`` for the types.
    """

    code = models.CharField(_("code"), max_length=32, validators=[CODE])
    name = TranslatedText(_("name"), help_text=_("As the member's history shows it, for example “Review written”."))
    attributes = models.JSONField(_("attributes"), default=list, blank=True, validators=[events.validate_attributes])
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta(ProgramModel.Meta):
        db_table = "programs_event_kind"
        verbose_name = _("event kind")
        verbose_name_plural = _("event kinds")
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="programs_event_kind_code")]

    def __str__(self) -> str:
        return str(self.name)
