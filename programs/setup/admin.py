"""Pages of what a program is: the program itself, point types, reasons, brands, regions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from loyalty.kernel import audit, ids, scope
from loyalty.kernel.pages import changes, figures, life, menu
from loyalty.kernel.pages.admin import ProgramAdmin, measure
from loyalty.kernel.pages.forms import ProgramForm
from loyalty.kernel.pages.security.guard import ask_again
from loyalty.kernel.pages.zones import currency_choices, zone_choices
from programs.setup.forms import GroupsField
from programs.setup.models import Brand, CurrencyRate, EventKind, PointType, Program, ReasonCode, Region

BASES = [
    ("paid", _("what was paid")),
    ("list", _("the list price, before discounts")),
    ("ex_tax", _("what was paid, without tax")),
    ("without_points", _("what was paid without points")),
]
EARN_ON = [
    ("after_loyalty_discounts", _("after the program's own discounts")),
    ("before_loyalty_discounts", _("before the program's own discounts")),
]


# English counts one and many; Polish and Russian one, few and many, and may name that of a fraction.
FORMS_OF_LANGUAGE = {"en": {2}, "pl": {3, 4}, "ru": {3}}


class SetupAdmin(ProgramAdmin):
    """Set up by whoever runs the platform; a code, once given, stays: rules and machines name it."""

    view_permission = "programs.edit"
    edit_permission = "programs.edit"
    fixed_fields: tuple[str, ...] = ("code",)
    """What cannot be changed after the row was added."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, *self.fixed_fields] if obj is not None else fields


class ProgramSettingsForm(ProgramForm):
    """A program with everything that has a list as a list."""

    currency = forms.ChoiceField(
        label=_("Currency"), choices=currency_choices, widget=UnfoldAdminSelectWidget,
        help_text=_("Amounts in another currency are converted when they come in. Cannot be changed later."),
    )  # fmt: skip
    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, widget=UnfoldAdminSelectWidget,
        help_text=_("Days, months and limits begin and end in it. Cannot be changed later."),
    )  # fmt: skip
    basis = forms.ChoiceField(label=_("Amount that earns"), choices=BASES, widget=UnfoldAdminSelectWidget)
    earn_on = forms.ChoiceField(
        label=_("Earning counts"), choices=EARN_ON, widget=UnfoldAdminSelectWidget,
        help_text=_("Whether a discount of our own promotion lowers the amount that earns."),
    )  # fmt: skip
    groups = GroupsField(
        label=_("Promotion groups"),
        help_text=_("A promotion may belong to a group. Here you say what happens when several of one apply at once."),
    )


@admin.register(Program)
class ProgramSettingsAdmin(SetupAdmin):
    """All programs of the platform, each behind its wall: this page alone looks over it."""

    form = ProgramSettingsForm
    fixed_fields = ("code", "currency", "timezone")
    changes_settings = True
    help_text = _(
        "A program is a wall: members, points and promotions of one are never seen from another. "
        "Changed settings hold for purchases from now on; earlier ones keep theirs."
    )
    empty_text = _("Add the first program: its name, its currency and its time zone.")
    list_display = ["name", "code", "currency", "timezone", "is_running"]
    ordering = ("code",)
    fieldsets = [
        (
            _("Program"),
            {"classes": ["tab"], "fields": ["code", "name", "language", "currency", "timezone", "is_running"]},
        ),
        (
            _("Earning"),
            {"classes": ["tab"], "fields": ["basis", "earn_on", "rounding", "point_value", "lateness_days"]},
        ),
        (_("Returns and debts"), {"classes": ["tab"], "fields": ["reversal_policy", "debt_share"]}),
        (_("Promotions that compete"), {"classes": ["tab"], "fields": ["groups"]}),
    ]

    @contextmanager
    def scope_of_list(self, request: HttpRequest) -> Iterator[None]:
        """All programs, as this page alone may."""
        inside = scope.current()
        with scope.enter(scope.every_program(), inside.actor, is_operator=inside.is_operator):
            yield

    def _over_all(self, request: HttpRequest, view: Callable[[], HttpResponse], *more: int) -> HttpResponse:
        """Draw a page in a scope of all programs, as this page alone may."""
        inside = scope.current()
        with scope.enter([*scope.every_program(), *more], inside.actor, is_operator=inside.is_operator):
            response = view()
            return response.render() if hasattr(response, "render") else response

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return self._over_all(request, lambda: super(SetupAdmin, self).changelist_view(request, extra_context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What a program is holds for everybody in it: whoever changes it shows the password first."""
        if asked := ask_again(request):
            return asked
        if object_id is None and request.method == "POST":
            request.new_program_id = ids.take(1)[0]  # type: ignore[attr-defined]
        new = getattr(request, "new_program_id", None)

        def view() -> HttpResponse:
            return super(SetupAdmin, self).changeform_view(request, object_id, form_url, extra_context)

        return self._over_all(request, view, *([new] if new else []))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._over_all(request, lambda: super(SetupAdmin, self).history_view(request, object_id, extra_context))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.edit_permission)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # A new program's wall is open to its own key only, so the key is taken before the row is written.
        if not change:
            obj.pk = getattr(request, "new_program_id", None)
        super().save_model(request, obj, form, change)

    def record(self, obj: Any, deed: str, made: dict[str, changes.Change], reason: str = "") -> None:
        audit.record(f"program.{deed}", obj, changes=made, reason=reason, program_id=obj.pk)

    def settle(self, obj: Any) -> None:
        self.freeze_after_commit(obj.pk)


def event_choices() -> list[tuple[str, str]]:
    """The declared events by code, nothing first."""
    rows = EventKind.objects.filter(archived_at__isnull=True).order_by("code")
    return [("", "–"), *((row.code, str(row)) for row in rows)]


class PointTypeForm(ProgramForm):
    """A point type with its life in words."""

    def clean_forms(self) -> Any:
        """As many forms as the language counts with."""
        forms = self.cleaned_data["forms"] or {}
        for language, text in forms.items():
            counted = len([form for form in text.split(",") if form.strip()])
            if counted not in FORMS_OF_LANGUAGE[language]:
                least = min(FORMS_OF_LANGUAGE[language])
                raise ValidationError(
                    _("Give %(least)s forms separated by commas, not “%(text)s”."),
                    params={"least": least, "text": text},
                )
        return forms

    activation = life.LifeField(
        life.STARTS, label=_("Becomes usable"), events=event_choices,
        help_text=_(
            "Points that wait for an event become usable with it, or at the latest after so many days; without a number they "
            "wait for it alone. An event with the attribute “receipt” concerns the points of that receipt."
        ),
    )  # fmt: skip
    expiry = life.LifeField(
        life.ENDS, label=_("Expires"), help_text=_("A rule may say otherwise for the points that it gives.")
    )


@admin.register(PointType)
class PointTypeAdmin(SetupAdmin):
    """Currencies of points."""

    form = PointTypeForm
    fixed_fields = ("code", "decimals")
    changes_settings = True
    help_text = _(
        "What members collect. Points that can be spent pay for rewards; points that only count decide on tiers. "
        "A changed life holds for points given from now on."
    )
    empty_text = _("Add what members will collect, such as points.")
    fields = ["code", "name", "forms", "is_spendable", "decimals", "activation", "expiry", "position"]
    list_display = ["name", "code", "is_spendable", "usable", "expires", "state"]
    ordering = ("position", "id")

    @admin.display(description=_("becomes usable"))
    def usable(self, obj: PointType) -> str:
        """When new points can be spent, in words."""
        return life.sentence(obj.activation, is_expiry=False)

    @admin.display(description=_("expires"))
    def expires(self, obj: PointType) -> str:
        """When points end, in words."""
        return life.sentence(obj.expiry, is_expiry=True)


class CurrencyRateForm(ProgramForm):
    """The rate of a currency that is not the program's."""

    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices, widget=UnfoldAdminSelectWidget)

    def clean_currency(self) -> str:
        """Another currency than the program's."""
        currency: str = self.cleaned_data["currency"]
        if currency == Program.objects.get().currency:
            raise ValidationError(_("This is the currency of the program: choose another."))
        return currency

    def clean_rate(self) -> Any:
        """A rate above zero."""
        rate = self.cleaned_data["rate"]
        if rate is not None and rate <= 0:
            raise ValidationError(_("Enter an amount above zero."))
        return rate


@admin.register(CurrencyRate)
class CurrencyRateAdmin(SetupAdmin):
    """What other currencies are worth, the newest first."""

    form = CurrencyRateForm
    fixed_fields = ()
    help_text = _(
        "How much of the program's currency one unit of another is worth, from a day on. Purchases in that currency are "
        "converted once, at the rate of their day, and keep it. To change a rate, add another: it holds from its day on."
    )
    empty_text = _("Purchases are taken in the program's currency alone. Add a rate to take another one.")
    fields = ["currency", "since_date", "rate"]
    list_display = ["since_date", "currency", "shown_rate", "recorded_at"]
    search_prefix = ("currency",)
    search_help_text = _("Beginning of the currency code")
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("rate"))
    def shown_rate(self, obj: CurrencyRate) -> str:
        """Without zeros at the end."""
        return figures.number(obj.rate)


@admin.register(ReasonCode)
class ReasonCodeAdmin(SetupAdmin):
    """Why a balance may be corrected."""

    help_text = _(
        "Why an agent may add or take points by hand, and up to how many at once. Above the limit the agent asks a "
        "supervisor. What one person may correct in a day stands in the settings of the member desk."
    )
    empty_text = _("Add the first reason; without one nobody can correct a balance.")
    fields = ["code", "name", "point_type", "allows_credit", "allows_debit", "agent_limit"]
    list_display = ["name", "code", "point_type", "allows_credit", "allows_debit", "limit", "state"]
    list_select_related = ["point_type"]
    ordering = ("code",)

    @measure(_("limit for an agent"))
    def limit(self, obj: ReasonCode) -> str:
        """The limit with its point type."""
        return figures.points_of(obj.agent_limit, obj.point_type)


@admin.register(Brand)
class BrandAdmin(SetupAdmin):
    """Brands of the program."""

    help_text = _("Names under which the program appears. Settings of a brand go before those of the program.")
    empty_text = _("Add a brand when the program appears under more than one name.")
    fields = ["code", "name"]
    list_display = ["name", "code", "state"]
    ordering = ("code",)


@admin.register(Region)
class RegionAdmin(SetupAdmin):
    """Regions of the program."""

    help_text = _("Parts of the program with terms of their own. Locations belong to regions, and rules can name them.")
    empty_text = _("Add a region when parts of the program have terms of their own.")
    fields = ["code", "name"]
    list_display = ["name", "code", "state"]
    ordering = ("code",)


for _position, _title, _icon, _model in (
    (620, _("Point types"), "stars", "pointtype"),
    (621, _("Reasons"), "rule", "reasoncode"),
    (622, _("Brands"), "sell", "brand"),
    (623, _("Regions"), "map", "region"),
    (626, _("Currency rates"), "payments", "currencyrate"),
    (701, _("Programs"), "apartment", "program"),
):
    _section = menu.PLATFORM if _position > 700 else menu.ADMINISTRATION
    _view = f"admin:programs_setup_{_model}_changelist"
    menu.register(menu.MenuEntry(_section, _position, _title, _icon, _view, "programs.edit"))
