"""Products and categories as lines of a file."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, widgets

from loyalty.kernel.imports.resources import CodeWidget, ProgramResource
from programs.catalog.models import Category, Product


class ShareWidget(widgets.Widget):
    """A percentage, with a point or a comma; empty for none."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        if not value:
            return None
        try:
            share = Decimal(str(value).replace(",", ".").removesuffix("%").strip())
        except InvalidOperation as problem:
            raise ValidationError(_("This is not a number.")) from problem
        if not share.is_finite() or not 0 <= share <= 100:
            raise ValidationError(_("Give a percentage from 0 to 100."))
        return share


class ProductResource(ProgramResource):
    """Products by SKU."""

    key = "sku"
    needed_for_new = ("name", "category")
    help_texts = {
        "sku": gettext_lazy("Tells products apart: a known one is changed, an unknown one is added."),
        "category": gettext_lazy("The code of a category, such as grocery.cheese."),
        "tax_rate": gettext_lazy("A percentage, such as 8."),
        "partner": gettext_lazy("The code of the partner."),
    }

    category = fields.Field("category", "category", CodeWidget(Category, is_required=True))
    tax_rate = fields.Field("tax_rate", "tax_rate", ShareWidget())
    partner = fields.Field(
        "partner",
        "partner",
        CodeWidget(Product._meta.get_field("partner").remote_field.model, is_required=False),  # type: ignore[union-attr]
    )

    class Meta(ProgramResource.Meta):
        model = Product
        fields = ("sku", "name", "category", "brand", "tax_rate", "partner")
        import_id_fields = ("sku",)


class CategoryResource(ProgramResource):
    """Categories by code; the code is the path, so it says what stands above."""

    key = "code"
    needed_for_new = ("name",)
    help_texts = {
        "code": gettext_lazy(
            "The path from the root, such as grocery.cheese. What stands above comes first in the file, or is there."
        ),
    }

    class Meta(ProgramResource.Meta):
        model = Category
        fields = ("code", "name")
        import_id_fields = ("code",)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        above = {code.rpartition(".")[0] for code in dataset["code"]} - {""}
        rows = Category.objects.filter(code__in=above, archived_at__isnull=True)
        self.above = {row.code: row for row in sorted(rows, key=lambda row: row.program_id is not None)}

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        super().after_init_instance(instance, new, row, **kwargs)
        parent = row["code"].rpartition(".")[0]
        if new and parent:
            if parent not in self.above:
                raise ValidationError({"code": _("There is no category “%(code)s” above it.") % {"code": parent}})
            instance.parent = self.above[parent]

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        super().after_save_instance(instance, row, **kwargs)
        self.above[instance.code] = instance
