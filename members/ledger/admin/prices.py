"""Price lists of points and rates of conversion, typed as people say them and kept in smallest units."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.kernel.pages import figures
from loyalty.kernel.pages.admin import ProgramAdmin, ProgramInline, measure
from loyalty.kernel.pages.admin.inlines import NewParentFormSet
from loyalty.kernel.pages.forms import ProgramForm
from members.ledger.admin import names
from members.ledger.admin.amounts import amount, shown, to_units
from members.ledger.models import ConversionRate, PriceKind, PriceList, PriceStep
from programs.setup.models import PointType

OF_POINTS, OF_PRICE = ("from_points", "block"), ("fixed", "each")


def _in_use(kind: str, point_type: PointType, pay_type: PointType | None) -> QuerySet[PriceList]:
    return PriceList.objects.filter(kind=kind, point_type=point_type, pay_type=pay_type, archived_at__isnull=True)


class PriceListForm(ProgramForm):
    """What is sold, on which terms."""

    least = amount(PriceList, "least", required=False)
    most = amount(PriceList, "most", required=False)
    member_cap = amount(PriceList, "member_cap", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("point_type", "pay_type"):
            chosen: Any = self.fields.get(name)
            if chosen is not None:
                chosen.queryset = PointType.objects.filter(archived_at__isnull=True, is_spendable=True)
        if not self.instance._state.adding:
            places = self.instance.point_type.decimals
            for name in ("least", "most", "member_cap"):
                self.initial[name] = shown(getattr(self.instance, name), places)

    def clean(self) -> dict[str, Any]:
        """What each kind needs, and amounts in smallest units."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("kind", self.instance.kind)
        point_type = cleaned.get("point_type") or getattr(self.instance, "point_type", None)
        if kind != PriceKind.BUY and not cleaned.get("days"):
            self.add_error("days", _("Say how many days it gives."))
        if kind == PriceKind.REINSTATE and not cleaned.get("window_days"):
            self.add_error("window_days", _("Say for how many days points can come back."))
        if kind == PriceKind.BUY and cleaned.get("pay_type") is not None:
            self.add_error("pay_type", _("New points are bought with money. For points of another type set a rate."))
        is_new = self.instance._state.adding and bool(kind)
        if is_new and point_type is not None and _in_use(kind, point_type, cleaned.get("pay_type")).exists():
            self.add_error("kind", _("There is a price list for that already. Change it, or archive it first."))
        if point_type is not None:
            for name in ("least", "most", "member_cap"):
                if name in cleaned:
                    cleaned[name] = to_units(self, name, point_type.decimals)
        cleaned["least"] = cleaned.get("least") or 0
        for name in ("most", "member_cap"):
            if cleaned.get(name) == 0:
                self.add_error(name, _("Enter an amount other than zero."))
        return cleaned


class PriceStepForm(ProgramForm):
    """One price; :class:`PriceStepFormSet` turns it into smallest units."""

    from_points = amount(PriceStep, "from_points")
    fixed = amount(PriceStep, "fixed")
    each = amount(PriceStep, "each")
    block = amount(PriceStep, "block")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for name in (*OF_POINTS, *OF_PRICE):
                self.initial[name] = shown(getattr(self.instance, name), _places(self.instance.price_list, name))


def _places(priced: PriceList, name: str) -> int:
    if name in OF_POINTS:
        return int(priced.point_type.decimals)
    return int(priced.pay_type.decimals) if priced.pay_type is not None else priced.program.exponent


class PriceStepFormSet(NewParentFormSet):
    """The prices of a list: at least one, each from another number of points on."""

    def clean(self) -> None:
        """Amounts in smallest units; every price is above nothing."""
        super().clean()
        filled = [one for one in self.forms if one.is_valid() and (one.has_changed() or not one.instance._state.adding)]
        if not filled and not any(self.errors):
            raise forms.ValidationError(_("Add at least one price."))
        if not getattr(self.instance, "point_type_id", None):
            return
        begun: set[int] = set()
        for form in filled:
            for name in (*OF_POINTS, *OF_PRICE):
                units = to_units(form, name, _places(self.instance, name))
                if units is not None:
                    setattr(form.instance, name, units)
            if form.instance.block <= 0:
                form.add_error("block", _("A block has points."))
            if not form.instance.fixed and not form.instance.each:
                form.add_error("fixed", _("Give a price."))
            if form.instance.from_points in begun:
                form.add_error("from_points", _("Two prices begin there."))
            begun.add(form.instance.from_points)


class PriceStepInline(ProgramInline):
    """The prices of a list, from the fewest points."""

    model = PriceStep
    form = PriceStepForm
    formset = PriceStepFormSet
    fields = ["from_points", "fixed", "each", "block"]
    ordering = ["from_points"]
    extra = 1


@admin.register(PriceList)
class PriceListAdmin(ProgramAdmin):
    """What later ends, expired points and new points cost."""

    form = PriceListForm
    view_permission = edit_permission = "programs.edit"
    help_text = _(
        "What members pay, in money or points, for a later end of their points, for points that ended, or for new ones. "
        "The price of so many points is that of the highest beginning they reach: the fixed part, and one more for every "
        "block begun. A sale keeps the price of its day."
    )
    empty_text = _("Nothing is sold for points. Add the first price list.")
    fieldsets = [
        (_("What is sold"), {
            "classes": ["tab"], "fields": ["kind", "point_type", "pay_type", "days", "window_days"],
        }),
        (_("How much of it"), {
            "classes": ["tab"], "fields": ["least", "most", "member_cap", "cap_period", "most_times", "refund_days"],
        }),
    ]  # fmt: skip
    list_display = ["kind", "point_type", "paid_in", "days", "window_days", "state"]
    list_select_related = ["point_type", "pay_type", "program"]
    list_filter = ["kind"]
    ordering = ("kind", "id")
    inlines = [PriceStepInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "kind", "point_type", "pay_type"] if obj is not None else fields

    def _set_archived(self, request: HttpRequest, object_id: str, *, deed: str, title: str, text: str) -> HttpResponse:
        """As everywhere; but what came in its place stays in use."""
        obj = self.get_object(request, object_id)
        if obj is not None and deed == "restored" and _in_use(obj.kind, obj.point_type, obj.pay_type).exists():
            messages.error(request, _("There is a price list for that already. Change it, or archive it first."))
            return HttpResponseRedirect(self.address("change", obj))
        return super()._set_archived(request, object_id, deed=deed, title=title, text=text)

    @display(description=_("paid in"))
    def paid_in(self, obj: Any) -> str:
        """The currency, or the points that pay."""
        return str(obj.pay_type) if obj.pay_type is not None else obj.program.currency


class ConversionRateForm(ProgramForm):
    """A rate as people say it: so many of one type become so many of another."""

    give = amount(ConversionRate, "give")
    get = amount(ConversionRate, "get")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from_type", "to_type"):
            chosen: Any = self.fields.get(name)
            if chosen is not None:
                chosen.queryset = PointType.objects.filter(archived_at__isnull=True, is_spendable=True)
                chosen.widget.can_add_related = False

    def clean(self) -> dict[str, Any]:
        """Two types, and whole numbers of their smallest units."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        giving, getting = cleaned.get("from_type"), cleaned.get("to_type")
        if giving is None or getting is None:
            return cleaned
        if giving == getting:
            self.add_error("to_type", _("Choose another point type."))
        for name, kind in (("give", giving), ("get", getting)):
            if name in cleaned:
                cleaned[name] = to_units(self, name, kind.decimals)
        if cleaned.get("give") == 0:
            self.add_error("give", _("Enter an amount other than zero."))
        return cleaned


@admin.register(ConversionRate)
class ConversionRateAdmin(ProgramAdmin):
    """What points become in another type, the newest first."""

    form = ConversionRateForm
    view_permission = edit_permission = "programs.edit"
    help_text = _(
        "What points of one type become in another from a day on, in this direction alone. To change a rate, add another: "
        "the newest of the latest day is in force. 0 ends the conversion. What comes out is rounded down to whole units, "
        "and only what they need goes in: the remainder stays."
    )
    empty_text = _("No points become others. Add the first rate.")
    fields = ["from_type", "to_type", "since_date", "give", "get"]
    list_display = ["since_date", "goes_in", "comes_out", "recorded_at"]
    list_select_related = ["from_type", "to_type"]
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def object_name(self, obj: Any) -> str:
        return f"{self.goes_in(obj)} = {self.comes_out(obj)}"

    @measure(_("goes in"))
    def goes_in(self, obj: Any) -> figures.Measure:
        """So many of one type."""
        return names.points(obj.give, obj.from_type)

    @measure(_("comes out"))
    def comes_out(self, obj: Any) -> figures.Measure:
        """Become so many of another."""
        return names.points(obj.get, obj.to_type)
