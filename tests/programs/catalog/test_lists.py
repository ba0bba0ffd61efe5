"""Lists of the catalog stay quick: an index answers the search and the order, behind the wall and as the product's role."""

import pytest
from django.contrib import admin
from django.db import connection, connections
from django.test import RequestFactory

from loyalty.kernel import scope
from loyalty.kernel.models import AuditRecord
from loyalty.kernel.pages import paging
from programs.catalog.models import Category, Product
from tests.browser import people
from tests.kernel.pages.staff import signed_in


@pytest.fixture
def program():
    return people.make_program()


def searched(model, text):
    model_admin = admin.site._registry[model]
    rows, _repeats = model_admin.get_search_results(RequestFactory().get("/"), model.objects.all(), text)
    return rows


@pytest.mark.proof
@pytest.mark.long
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
class TestPlans:
    """With enough rows that the way through them matters, and with their statistics."""

    @pytest.fixture
    def long(self, program):
        with scope.enter([program], scope.SYSTEM):
            category = Category.objects.get()
            Product.objects.bulk_create(
                Product(program_id=program, sku=f"S{number:05}", name=f"Article {number:05}", category=category)
                for number in range(4000)
            )
            AuditRecord.objects.bulk_create(
                AuditRecord(
                    program_id=program, actor_kind="user", actor_label=f"Person {number:05}", action="product.changed",
                    object_kind="programs_catalog.product", object_id=str(number), object_label=f"Article {number:05}",
                )
                for number in range(4000)
            )  # fmt: skip
        with connections["owner"].cursor() as cursor:
            cursor.execute("ANALYZE programs_product, loyalty_audit_record")
        return program

    def test_the_search_of_products_reads_the_indexes_of_both_columns(self, long):
        with scope.enter([long], scope.SYSTEM):
            plan = searched(Product, "Article 0001").explain()

        assert "programs_product_name" in plan
        assert "Seq Scan" not in plan

    def test_the_search_of_the_audit_trail_reads_the_indexes_of_its_columns(self, long):
        with scope.enter([long], scope.SYSTEM):
            plan = searched(AuditRecord, "Person 0001").explain()

        assert {"loyalty_audit_label", "loyalty_audit_actor"} <= set(plan.replace("\n", " ").split())
        assert "Seq Scan" not in plan

    def test_a_part_begins_at_its_mark(self, long):
        with scope.enter([long], scope.SYSTEM):
            rows = Product.objects.order_by("sku", "id")
            plan = rows.filter(paging._beyond(["sku", "id"], ["S02000", 1], is_backward=False))[:50].explain()

        assert "Index Scan using programs_product_order" in plan
        assert "Index Cond: ((sku)::text >= 'S02000'::text)" in plan
        assert "Sort" not in plan


@pytest.mark.django_db
class TestSearch:
    @pytest.mark.parametrize(
        ("typed", "found"), [("Chee", 1), ("chee", 1), ("CHEE", 1), ("100", 1), ("heese", 0), ("%", 0)]
    )
    def test_finds_what_begins_so(self, typed, found, program):
        with scope.enter([program], scope.SYSTEM):
            assert searched(Product, typed).count() == found


@pytest.mark.django_db
def test_questions_do_not_grow_with_the_list(program):
    marketer = signed_in(people.make_staff(program, "marketer"))
    marketer.get("/admin/programs_catalog/category/")

    def asked():
        with connection.execute_wrapper(counter):
            counter.number = 0
            marketer.get("/admin/programs_catalog/category/")
            return counter.number

    def counter(execute, *arguments):
        counter.number += 1
        return execute(*arguments)

    before = asked()
    with scope.enter([program], scope.SYSTEM):
        for number in range(60):
            Category.objects.create(
                program_id=program, code=f"c{number}", name=f"C{number}", parent=Category.objects.first()
            )

    assert asked() == before
