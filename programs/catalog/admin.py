"""Pages of the catalog: products, categories, locations."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from loyalty.kernel.pages import menu
from loyalty.kernel.pages.admin import ImportingAdmin, ProgramAdmin
from loyalty.kernel.pages.forms import ProgramForm
from loyalty.kernel.pages.zones import zone_choices
from programs.catalog import asking
from programs.catalog.models import Category, Location, Product
from programs.catalog.resources import CategoryResource, ProductResource


class SharedForm(ProgramForm):
    """A row of the program; the operator may give it to all programs when adding it."""

    is_shared = forms.BooleanField(
        label=_("Shared by all programs"),
        required=False,
        help_text=_("Every program reads it, only the operator changes it. Cannot be changed later."),
    )

    def clean_is_shared(self) -> bool:
        """Take the row out of the program before what must be unique is compared."""
        is_shared = bool(self.cleaned_data["is_shared"])
        if is_shared:
            self.instance.program_id = None
        return is_shared


class CatalogAdmin(ProgramAdmin):
    """What the pages of the catalog have in common."""

    view_permission = "catalog.view"
    edit_permission = "catalog.edit"
    form_for_sharing: type[SharedForm] = SharedForm
    """The form of a new row when the operator adds it."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if self._may_share(request, obj):
            kwargs["form"] = self.form_for_sharing
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_fields(request, obj))
        return [*fields, "is_shared"] if self._may_share(request, obj) else fields

    @staticmethod
    def _may_share(request: HttpRequest, obj: Any) -> bool:
        return obj is None and bool(getattr(request.user, "is_operator", False))

    @admin.display(description=_("shared"), boolean=True)
    def is_shared(self, obj: Any) -> bool:
        """Whether all programs read it."""
        return obj.program_id is None


@admin.register(Product)
class ProductAdmin(ImportingAdmin, CatalogAdmin):
    """Articles."""

    resource = ProductResource
    second_person = asking.PRODUCTS.code

    help_text = _(
        "What the tills sell. Rules find a product by its SKU, by its category with all above it, and by its brand."
    )
    empty_text = _("Add the first product, or import the whole catalog from a file.")
    fields = ["sku", "name", "category", "brand", "tax_rate", "partner"]
    list_display = ["sku", "name", "category", "brand", "is_shared"]
    list_select_related = ["category"]
    search_prefix = ("sku", "name")
    search_help_text = _("Beginning of the SKU or the name")
    autocomplete_fields = ["category"]
    ordering = ("sku",)


@admin.register(Category)
class CategoryAdmin(ImportingAdmin, CatalogAdmin):
    """The category tree."""

    resource = CategoryResource
    second_person = asking.CATEGORIES.code

    help_text = _(
        "The tree that products hang on. The code is the path from the root, such as grocery.cheese: "
        "a rule that names grocery holds for everything under it."
    )
    empty_text = _("Add the first category, or import the whole tree from a file.")
    fields = ["code", "name", "parent"]
    list_display = ["code", "name", "parent", "is_shared"]
    list_select_related = ["parent"]
    search_prefix = ("code", "name")
    search_help_text = _("Beginning of the code or the name")
    autocomplete_fields = ["parent"]
    ordering = ("code",)


class LocationForm(ProgramForm):
    """A location with its zone from a list."""

    timezone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [("", _("The program's")), *zone_choices()],
        widget=UnfoldAdminSelectWidget,
        help_text=_("Schedules and times of day of a rule are read in it."),
    )


class SharedLocationForm(LocationForm, SharedForm):
    """The same, offered to all programs."""


@admin.register(Location)
class LocationAdmin(CatalogAdmin):
    """Stores and other places."""

    form = LocationForm
    form_for_sharing = SharedLocationForm
    help_text = _(
        "Where members buy: stores, stations, the web shop. Rules can name single locations, groups and regions; "
        "the partner of a location may pay for the points earned there."
    )
    empty_text = _("Add the first store, so that purchases can say where they were made.")
    fields = ["code", "name", "city", "group", "region", "timezone", "partner"]
    list_display = ["code", "name", "city", "group", "is_shared"]
    search_prefix = ("code", "name", "city")
    search_help_text = _("Beginning of the code, the name or the city")
    ordering = ("code",)


for _position, _title, _icon, _model in (
    (610, _("Products"), "inventory_2", "product"),
    (611, _("Categories"), "account_tree", "category"),
    (612, _("Locations"), "storefront", "location"),
):
    _view = f"admin:programs_catalog_{_model}_changelist"
    menu.register(menu.MenuEntry(menu.ADMINISTRATION, _position, _title, _icon, _view, "catalog.view"))
