"""What is sold and where: categories, products, locations. Shared by programs when they hang on the operator."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.kernel.models import SharedModel


def category_path(code: str) -> tuple[str, ...]:
    """The codes from the root to a category: ``("grocery", "grocery.cheese")``."""
    parts = code.split(".")
    return tuple(".".join(parts[: end + 1]) for end in range(len(parts)))


class Category(SharedModel):
    """A node of the category tree; ``code`` is the path from the root: ``grocery.cheese``."""

    code = models.CharField(_("code"), max_length=120)
    name = models.CharField(_("name"), max_length=160)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("parent category"), related_name="children",
        db_constraint=False,
    )  # fmt: skip
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(SharedModel.Meta):
        db_table = "programs_category"
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_category_code", nulls_distinct=False)
        ]
        # Without the program: a list shows the program's rows and the shared ones in one order.
        indexes = [
            models.Index(fields=["code", "id"], name="programs_category_order"),
            models.Index(fields=["name"], name="programs_category_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> tuple[str, ...]:
        """The codes from the root to this category: ``("grocery", "grocery.cheese")``."""
        return category_path(self.code)


class Product(SharedModel):
    """An article by its SKU."""

    sku = models.CharField(_("SKU"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    category = models.ForeignKey(
        Category, models.PROTECT, verbose_name=_("category"), related_name="products", db_constraint=False
    )
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    tax_rate = models.DecimalField(_("tax rate, %"), max_digits=5, decimal_places=2, null=True, blank=True)
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, blank=True, verbose_name=_("manufacturer"),
        related_name="+", db_constraint=False,
    )  # fmt: skip
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(SharedModel.Meta):
        db_table = "programs_product"
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["program", "sku"], name="programs_product_sku", nulls_distinct=False)
        ]
        indexes = [
            models.Index(fields=["sku", "id"], name="programs_product_order"),
            models.Index(fields=["name"], name="programs_product_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Location(SharedModel):
    """A store or another place where members buy."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    city = models.CharField(_("city"), max_length=80, blank=True)
    group = models.CharField(_("group of stores"), max_length=40, blank=True)
    region = models.ForeignKey(
        "programs_setup.Region", models.PROTECT, null=True, blank=True, verbose_name=_("region"), related_name="+",
        db_constraint=False,
    )  # fmt: skip
    timezone = models.CharField(_("time zone"), max_length=64, blank=True, help_text=_("Empty: the program's."))
    partner = models.ForeignKey(
        "partners_registry.Partner", models.PROTECT, null=True, blank=True, verbose_name=_("partner"),
        related_name="+", db_constraint=False,
    )  # fmt: skip
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(SharedModel.Meta):
        db_table = "programs_location"
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_location_code", nulls_distinct=False)
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="programs_location_order"),
            models.Index(fields=["name"], name="programs_location_name"),
            models.Index(fields=["city"], name="programs_location_city"),
        ]

    def __str__(self) -> str:
        return self.name
