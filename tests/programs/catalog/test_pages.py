"""The catalog's pages: the program's own rows, and those that all programs share."""

import pytest

from loyalty.kernel import scope
from programs.catalog.models import Category, Location, Product
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
CATEGORIES = "/admin/programs_catalog/category/"


@pytest.fixture
def program():
    return people.make_program()


@pytest.fixture
def shared(program):
    signed_in(people.make_operator()).post(f"{CATEGORIES}add/", {"code": "fuel", "name": "Fuel", "is_shared": "on"})
    with scope.enter([program], scope.SYSTEM):
        return Category.objects.get(code="fuel")


class TestSharing:
    def test_the_operator_gives_a_row_to_all_programs(self, program, shared):
        other = people.make_program("OTHER")

        assert shared.program_id is None
        with scope.enter([other], scope.SYSTEM):
            assert Category.objects.filter(code="fuel").exists()

    def test_a_program_reads_it_and_changes_it_not(self, program, shared):
        marketer = signed_in(people.make_staff(program, "marketer"))
        address = f"{CATEGORIES}{shared.pk}/change/"

        assert marketer.get(address).status_code == 200
        assert marketer.post(address, {"code": "fuel", "name": "Ours"}).status_code == 403
        with scope.enter([program], scope.SYSTEM):
            assert Category.objects.get(code="fuel").name == "Fuel"

    def test_a_row_of_a_marketer_stays_in_the_program(self, program):
        marketer = signed_in(people.make_staff(program, "marketer"))
        marketer.post(f"{CATEGORIES}add/", {"code": "toys", "name": "Toys", "is_shared": "on"})

        with scope.enter([program], scope.SYSTEM):
            assert Category.objects.get(code="toys").program_id == program


def test_a_location_keeps_its_zone(program):
    marketer = signed_in(people.make_staff(program, "marketer"))
    form = {"code": "200", "name": "Harbor", "timezone": "Europe/Lisbon"}
    marketer.post("/admin/programs_catalog/location/add/", form)
    answer = marketer.post("/admin/programs_catalog/location/add/", {**form, "code": "201", "timezone": "Mars/Base"})

    assert answer.status_code == 200
    with scope.enter([program], scope.SYSTEM):
        assert list(Location.objects.filter(name="Harbor").values_list("code", "timezone")) == [
            ("200", "Europe/Lisbon")
        ]


def test_the_list_of_products_asks_the_same_number_of_questions_however_long(program, django_assert_max_num_queries):
    marketer = signed_in(people.make_staff(program, "marketer"))
    with scope.enter([program], scope.SYSTEM):
        category = Category.objects.get()
        Product.objects.bulk_create(
            Product(program_id=program, sku=f"2{number:03}", name="Cheese", category=category) for number in range(120)
        )
    marketer.get("/admin/programs_catalog/product/")

    with django_assert_max_num_queries(16) as queries:
        page = marketer.get("/admin/programs_catalog/product/")

    assert page.context["cl"].result_count == 50
    assert not any("COUNT(" in query["sql"] for query in queries.captured_queries)
