import pytest

from loyalty.demo.journey import names
from loyalty.demo.journey.catalog import BrandKind, Category, Product, read_categories, read_products

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def categories():
    return read_categories()


@pytest.fixture(scope="module")
def products():
    return {product.product_id: product for product in read_products()}


def test_categories_stand_under_their_departments(categories):
    by_code = {category.code: category for category in categories}
    assert by_code["grocery"] == Category("grocery", "Grocery", None)
    assert by_code["grocery.cheese"] == Category("grocery.cheese", "Cheese", "grocery")
    assert by_code["produce"].name == "Produce"
    assert by_code["meat-pckgd"].name == "Packaged Meat"
    assert by_code["miscellaneous.other"] == Category("miscellaneous.other", "Other", "miscellaneous")
    departments = [category for category in categories if category.parent_code is None]
    assert (len(departments), len(by_code), len(categories)) == (33, 383, 383)


def test_a_parent_comes_before_its_categories(categories):
    seen: set[str] = set()
    for category in categories:
        assert category.parent_code is None or category.parent_code in seen
        seen.add(category.code)


def test_a_product_has_names_for_people_and_codes_for_rules(products):
    assert products[834962] == Product(
        product_id=834962,
        name="Ground Coffee, 34.5 oz",
        department_code="grocery",
        category_code="grocery.coffee",
        manufacturer_id=69,
        brand="Manufacturer 69",
        brand_kind=BrandKind.PRIVATE,
        package_size="34.5 oz",
    )
    assert (products[25671].brand, products[25671].brand_kind) == ("Manufacturer 2", BrandKind.NATIONAL)


def test_every_product_has_a_category_that_exists(products, categories):
    assert {product.category_code for product in products.values()} <= {category.code for category in categories}
    assert all(product.name for product in products.values())


def test_products_without_a_record_are_listed_too(products):
    assert len(products) == 92331 + 20
    unlisted = [product for product in products.values() if product.department_code == "unlisted"]
    assert len(unlisted) == 20
    assert products[1093587] == Product(1093587, "Product 1093587", "unlisted", "unlisted", None, None, None, "")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("FRZN NOVELTIES/WTR ICE", "Frozen Novelties/Water Ice"),
        ("CHIPS&SNACKS", "Chips & Snacks"),
        ("ELECT &PLUMBING", "Elect & Plumbing"),
        ("CHRISTMAS  SEASONAL", "Christmas Seasonal"),
        ("FLORAL- HARD GOODS", "Floral - Hard Goods"),
        ("BREAD:ITALIAN/FRENCH", "Bread: Italian/French"),
        ("CANDY BARS (SINGLES)(INCLUDING", "Candy Bars (Singles)"),
        ("CHEESE CRACKERS (CHEEZ-ITS/GOL", "Cheese Crackers"),
        ("BROOMS AND MOPS", "Brooms and Mops"),
        ("TV/MOVIE-MAGAZINE", "TV/Movie-Magazine"),
        ("MISC. DAIRY", "Miscellaneous Dairy"),
        ("CHILDREN'S BOOKS", "Children's Books"),
    ],
)
def test_names_of_the_till_become_names_for_people(raw, expected):
    assert names.title(raw) == expected


def test_a_code_holds_only_small_letters_digits_and_hyphens():
    assert names.slug("CRACKERS/MISC BKD FD") == "crackers-misc-bkd-fd"
    assert names.slug("MISC. DAIRY") == "misc-dairy"
