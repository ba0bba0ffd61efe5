"""Products and categories from a file: seen before anything is done, all of it or nothing."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from loyalty.kernel import clock, files, scope
from loyalty.kernel.access import roles
from loyalty.kernel.models import AuditRecord, Proposal, StoredFile, User
from programs.catalog.models import Category, Product
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
PRODUCTS = "/admin/programs_catalog/product/import/"
CATEGORIES = "/admin/programs_catalog/category/import/"


@pytest.fixture
def program():
    return people.make_program()


@pytest.fixture
def marketer(program):
    return signed_in(people.make_staff(program, "marketer"))


def upload(client, text, address=PRODUCTS, name="products.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(address, {"file": SimpleUploadedFile(name, data)})


def confirm(client, answer):
    return client.post(answer.context["confirm"])


def decide(program, email="second@example.com", decision="approve"):
    """The yes or no of another marketer to what was asked for last, as the page answers."""
    with scope.enter([program], scope.SYSTEM):
        asked = Proposal.objects.latest("pk")
        second = User.objects.create_user(email, people.PASSWORD, name="Second")
        roles.grant_role(second, "marketer", program)
    sent = {"decision": decision, "answer": "so", "_program": program}
    return signed_in(second).post(f"/admin/decisions/{asked.public_id}/", sent, follow=True)


def take_in(program, client, answer):
    """Confirm a file and have it approved."""
    confirm(client, answer)
    return decide(program)


def products(program):
    with scope.enter([program], scope.SYSTEM):
        return {row.sku: (row.name, row.brand, row.tax_rate) for row in Product.objects.order_by("sku")}


class TestProducts:
    def test_nothing_is_changed_before_it_is_confirmed(self, marketer, program):
        answer = upload(marketer, "sku;name;category\n1000;Gouda;grocery\n2000;Bread;grocery\n")

        plan = answer.context["plan"]
        assert (plan.added, plan.changed, plan.unchanged, plan.problems) == (1, 1, 0, [])
        assert list(products(program)) == ["1000"]

        confirmed = confirm(marketer, answer)

        assert confirmed.status_code == 302
        assert list(products(program)) == ["1000"]

        decide(program)

        assert {sku: row[0] for sku, row in products(program).items()} == {"1000": "Gouda", "2000": "Bread"}

    def test_each_row_and_the_file_are_written_down(self, marketer, program):
        take_in(program, marketer, upload(marketer, "sku,name,category\n1000,Gouda,grocery\n2000,Bread,grocery\n"))

        with scope.enter([program], scope.SYSTEM):
            deeds = {row.action: row for row in AuditRecord.objects.filter(action__startswith="product.")}
        assert {row.actor_label for row in deeds.values()} == {"Second"}
        assert set(deeds) == {"product.changed", "product.created", "product.imported"}
        assert deeds["product.changed"].changes == {"name": ["Cheese", "Gouda"]}
        assert deeds["product.changed"].reason == "Import of products.csv"
        assert deeds["product.imported"].changes == {"added": [None, 1], "changed": [None, 1]}

    def test_a_column_that_is_not_there_leaves_its_values(self, marketer, program):
        with scope.enter([program], scope.SYSTEM):
            Product.objects.update(brand="Alpine")

        take_in(program, marketer, upload(marketer, 'sku,tax_rate\n1000,"8,5"\n'))

        assert [str(part) for part in products(program)["1000"]] == ["Cheese", "Alpine", "8.50"]

    def test_a_workbook_does_as_well(self, marketer, program):
        book, stream = openpyxl.Workbook(), io.BytesIO()
        for row in (["SKU", "Name", "Category"], [2000, "Bread", "grocery"]):
            book.active.append(row)
        book.save(stream)

        take_in(program, marketer, upload(marketer, stream.getvalue(), name="products.xlsx"))

        assert products(program)["2000"][0] == "Bread"

    def test_another_program_s_row_with_the_same_sku_stays(self, marketer, program):
        other = people.make_program("OTHER")

        take_in(program, marketer, upload(marketer, "sku,name\n1000,Gouda\n"))

        assert (products(program)["1000"][0], products(other)["1000"][0]) == ("Gouda", "Cheese")


class TestBadFiles:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("sku,name,category\n2000,Bread,bakery\n", (2, "Category", "There is no category with the code “bakery”.")),
            ("sku,name,category\n1000,A,grocery\n1000,B,grocery\n", (3, "SKU", "This stands in line 2 already.")),
            ("sku,name,category\n,A,grocery\n", (2, "SKU", "This is required.")),
            ("sku,name,category\n2000,,grocery\n", (2, "Name", "This is required.")),
            ("sku,tax_rate\n1000,much\n", (2, "Tax rate, %", "This is not a number.")),
            ("sku,tax_rate\n1000,101\n", (2, "Tax rate, %", "Give a percentage from 0 to 100.")),
            (
                f"sku,name\n1000,{'x' * 201}\n",
                (2, "Name", "Ensure this value has at most 200 characters (it has 201)."),
            ),
        ],
    )
    def test_a_bad_line_is_named_and_nothing_is_changed(self, text, problem, marketer, program):
        good = "9000,Fine,grocery\n" if text.startswith("sku,name,category") else ""
        before = products(program)

        answer = upload(marketer, text + good)

        assert answer.status_code == 400
        assert answer.context["plan"].problems == [problem]
        assert not answer.context["confirm"]
        assert products(program) == before

    @pytest.mark.parametrize(
        ("data", "name", "words"),
        [
            (b"name\nBread\n", "a.csv", "The column “sku” is missing."),
            (b"sku,color\n1,red\n", "a.csv", "The column “color” is not known."),
            (b"sku,sku\n1,1\n", "a.csv", "A column stands in the file twice."),
            (b"sku,name\n", "a.csv", "The file holds no lines below its headings."),
            ("sku;name\n1;Łosoś\n".encode("cp1250"), "a.csv", "The text is not UTF-8."),
            (b"PK\x03\x04 broken", "a.xlsx", "The file is damaged."),
            (b"%PDF-1.7", "a.pdf", "This is neither CSV nor XLSX."),
            (b'sku,name\n"1,x\n', "a.csv", "The file is damaged."),
            (b"x" * (2 * 1024 * 1024 + 1), "a.csv", "at most 2 MB"),
            (b"sku\n" + b"1\n" * 5001, "a.csv", "more than 5000 lines"),
        ],
    )
    def test_a_bad_file_is_refused_in_words(self, data, name, words, marketer, program):
        before = products(program)

        answer = upload(marketer, data, name=name)

        assert answer.status_code == 400
        assert words in answer.content.decode()
        assert products(program) == before

    def test_beyond_the_room_of_the_program_it_is_refused(self, marketer, program, settings):
        settings.FILES_MB_PER_PROGRAM = 0

        answer = upload(marketer, "sku,name,category\n2000,Bread,grocery\n")

        assert answer.status_code == 400
        assert "take all the 0 MB" in answer.content.decode()
        with scope.enter([program], scope.SYSTEM):
            assert not StoredFile.objects.filter(kind="import-product").exists()

    def test_an_archived_product_is_not_brought_back(self, marketer, program):
        with scope.enter([program], scope.SYSTEM):
            Product.objects.update(archived_at="2026-01-01T00:00:00Z")

        answer = upload(marketer, "sku,name\n1000,Gouda\n")

        assert answer.context["plan"].problems[0][2].startswith("This is archived.")

    def test_what_stopped_making_sense_meanwhile_changes_nothing(self, marketer, program):
        answer = upload(marketer, "sku,name,category\n2000,Bread,grocery\n3000,Rolls,grocery\n")
        with scope.enter([program], scope.SYSTEM):
            Category.objects.update(archived_at="2026-01-01T00:00:00Z")

        confirmed = confirm(marketer, answer)

        assert confirmed.status_code == 409
        assert list(products(program)) == ["1000"]
        with scope.enter([program], scope.SYSTEM):
            assert not Proposal.objects.exists()


class TestSecondPerson:
    def test_who_asked_does_not_decide(self, marketer, program):
        confirm(marketer, upload(marketer, "sku,name,category\n2000,Bread,grocery\n"))
        with scope.enter([program], scope.SYSTEM):
            asked = Proposal.objects.get()

        answer = marketer.post(
            f"/admin/decisions/{asked.public_id}/", {"decision": "approve", "answer": "", "_program": program}
        )

        assert "another person decides" in answer.content.decode()
        assert list(products(program)) == ["1000"]

    def test_the_question_says_what_the_file_does(self, marketer, program):
        confirm(marketer, upload(marketer, "sku,name,category\n2000,Bread,grocery\n1000,Gouda,grocery\n"))

        assert "From the file products.csv. Added: 1. Changed: 1." in marketer.get("/admin/decisions/").content.decode()

    def test_what_stopped_making_sense_while_it_waited_changes_nothing(self, marketer, program):
        confirm(marketer, upload(marketer, "sku,name,category\n2000,Bread,grocery\n"))
        with scope.enter([program], scope.SYSTEM):
            Category.objects.update(archived_at="2026-01-01T00:00:00Z")

        answer = decide(program)

        assert "Some lines make no sense. Nothing was changed." in answer.content.decode()
        assert list(products(program)) == ["1000"]
        with scope.enter([program], scope.SYSTEM):
            assert Proposal.objects.get().state == "waiting"

    @pytest.mark.parametrize(("decision", "skus"), [("approve", ["1000", "2000"]), ("reject", ["1000"])])
    def test_the_file_is_kept_until_it_is_decided(self, decision, skus, marketer, program):
        confirm(marketer, upload(marketer, "sku,name,category\n2000,Bread,grocery\n"))
        with scope.enter([program], scope.SYSTEM), clock.fixed(clock.now() + timedelta(days=400)):
            assert files.remove_expired() == 0

        decide(program, decision=decision)

        assert list(products(program)) == skus
        with scope.enter([program], scope.SYSTEM):
            assert StoredFile.objects.get(kind="import-product").expires_at > clock.now()
            with clock.fixed(clock.now() + timedelta(days=31)):
                assert files.remove_expired() == 1


class TestRights:
    def test_the_analyst_imports_nothing(self, program):
        analyst = signed_in(people.make_staff(program, "analyst"))

        assert analyst.get(PRODUCTS).status_code == 403
        assert upload(analyst, "sku,name\n1000,Gouda\n").status_code == 403

    def test_a_file_of_somebody_else_is_not_there(self, marketer, program):
        answer = upload(marketer, "sku,name\n1000,Gouda\n")
        operator = signed_in(people.make_operator())

        assert operator.post(answer.context["confirm"]).status_code == 404
        assert products(program)["1000"][0] == "Cheese"


class TestCategories:
    def test_a_tree_comes_in_from_the_root(self, marketer, program):
        take_in(program, marketer, upload(marketer, "code,name\nbakery,Bakery\nbakery.bread,Bread\n", CATEGORIES))

        with scope.enter([program], scope.SYSTEM):
            bread = Category.objects.get(code="bakery.bread")
            assert (bread.name, bread.parent.code) == ("Bread", "bakery")

    def test_a_branch_without_its_parent_is_refused(self, marketer, program):
        answer = upload(marketer, "code,name\nbakery.bread,Bread\n", CATEGORIES)

        assert answer.context["plan"].problems[0][2] == "There is no category “bakery” above it."
        with scope.enter([program], scope.SYSTEM):
            assert Category.objects.count() == 1


def test_a_long_file_does_not_ask_about_each_line(marketer, program, django_assert_max_num_queries):
    lines = "".join(f"X{number},Article {number},grocery\n" for number in range(300))

    # A savepoint, a row and its audit record for each line; nothing is looked up one by one.
    with django_assert_max_num_queries(300 * 4 + 60):
        answer = upload(marketer, f"sku,name,category\n{lines}")

    assert answer.context["plan"].added == 300
