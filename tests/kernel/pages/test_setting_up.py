"""What every list and form of configuration does: who may, what is written down, archived instead of deleted."""

import pytest
from django.contrib import admin
from django.urls import reverse

from loyalty.kernel import scope
from loyalty.kernel.models import AuditRecord
from loyalty.kernel.pages.admin import ProgramAdmin
from programs.catalog.models import Product
from programs.setup.models import Brand
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
BRANDS = "/admin/programs_setup/brand/"


@pytest.fixture
def program():
    return people.make_program()


@pytest.fixture
def operator(program):
    return signed_in(people.make_operator())


@pytest.fixture
def brand(program):
    with scope.enter([program], scope.SYSTEM):
        yield Brand.objects.get()


def named(text, code="MAIN"):
    return {"code": code, "name_en": text}


class TestSaving:
    def test_writes_down_before_and_after(self, operator, brand):
        operator.post(f"{BRANDS}{brand.pk}/change/", named("Renamed"))

        brand.refresh_from_db()
        record = AuditRecord.objects.get(action="brand.changed")
        assert str(brand) == "Renamed"
        assert record.changes == {"name": [{"en": "Main"}, {"en": "Renamed"}]}
        assert (record.actor_label, record.object_id, record.program_id) == (
            "Operator",
            str(brand.pk),
            brand.program_id,
        )

    def test_without_a_change_nothing_is_written_down(self, operator, brand):
        operator.post(f"{BRANDS}{brand.pk}/change/", named("Main"))

        assert not AuditRecord.objects.filter(action__startswith="brand.").exists()

    def test_a_taken_code_is_said_at_its_field_and_nothing_is_added(self, operator, brand):
        answer = operator.post(f"{BRANDS}add/", named("Second"))

        assert "is taken. Choose another." in answer.content.decode()
        assert Brand.objects.count() == 1

    def test_the_code_stays_once_given(self, operator, brand):
        operator.post(f"{BRANDS}{brand.pk}/change/", named("Main", code="OTHER"))

        brand.refresh_from_db()
        assert brand.code == "MAIN"


class TestArchive:
    def test_hides_without_deleting_and_is_written_down(self, operator, brand):
        address = reverse("admin:programs_setup_brand_archive", args=[brand.pk])
        assert operator.get(address).status_code == 200
        brand.refresh_from_db()
        assert brand.archived_at is None

        operator.post(address)

        brand.refresh_from_db()
        assert brand.archived_at is not None
        assert AuditRecord.objects.filter(action="brand.archived", object_id=str(brand.pk)).count() == 1
        assert f"{BRANDS}{brand.pk}/change/" not in operator.get(BRANDS).content.decode()
        assert f"{BRANDS}{brand.pk}/change/" in operator.get(f"{BRANDS}?state=archived").content.decode()

    def test_can_be_taken_back(self, operator, brand):
        operator.post(reverse("admin:programs_setup_brand_archive", args=[brand.pk]))
        operator.post(reverse("admin:programs_setup_brand_restore", args=[brand.pk]))

        brand.refresh_from_db()
        assert brand.archived_at is None

    def test_there_is_no_deleting(self, operator, brand):
        assert operator.post(f"{BRANDS}{brand.pk}/delete/", {"post": "yes"}).status_code == 403
        assert Brand.objects.filter(pk=brand.pk).exists()


class TestRoles:
    @pytest.mark.parametrize(
        ("role", "seen", "changed"), [("marketer", 200, 302), ("analyst", 200, 403), ("agent", 403, 403)]
    )
    def test_the_matrix_decides(self, role, seen, changed, program):
        client = signed_in(people.make_staff(program, role))
        with scope.enter([program], scope.SYSTEM):
            product = Product.objects.get()
            form = {"sku": "1000", "name": "Renamed", "category": product.category_id, "brand": ""}
            address = f"/admin/programs_catalog/product/{product.pk}/change/"

            assert client.get(address).status_code == seen
            assert client.post(address, form).status_code == changed

            product.refresh_from_db()
            assert product.name == ("Renamed" if changed == 302 else "Cheese")

    def test_the_menu_shows_what_may_be_opened(self, program):
        page = signed_in(people.make_staff(program, "analyst")).get("/admin/")

        links = {str(item["link"]) for group in page.context["sidebar_navigation"] for item in group["items"]}
        assert "/admin/programs_catalog/product/" in links
        assert "/admin/loyalty_kernel/user/" not in links


class TestSearch:
    def test_finds_by_the_beginning_of_a_column(self, program):
        client = signed_in(people.make_staff(program, "marketer"))
        address = "/admin/programs_catalog/product/"

        assert "Cheese" in client.get(f"{address}?q=10").content.decode()
        assert "Cheese" in client.get(f"{address}?q=che").content.decode()
        assert 'id="result_list"' not in client.get(f"{address}?q=00").content.decode()


def test_a_page_without_help_or_permission_does_not_start():
    class Silent(ProgramAdmin):
        pass

    found = [error.id for error in Silent(Brand, admin.site).check()]

    assert found.count("kernel.E002") == 3
