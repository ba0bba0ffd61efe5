"""A list as a file, through its door: the click, the job, the file and who gets it."""

import csv
import io

import openpyxl
import pytest

from loyalty.kernel import jobs, scope
from loyalty.kernel.access import roles
from loyalty.kernel.models import AuditRecord, Job
from loyalty.kernel.models.jobs import JobState
from loyalty.kernel.pages import paging
from programs.catalog.models import Category, Product
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
PRODUCTS = "/admin/programs_catalog/product/"


@pytest.fixture
def program():
    return people.make_program()


@pytest.fixture
def marketer(program):
    return signed_in(people.make_staff(program, "marketer"))


def add_products(program, *names):
    with scope.enter([program], scope.SYSTEM):
        category = Category.objects.get()
        for place, name in enumerate(names):
            Product.objects.create(program_id=program, sku=f"S{place}", name=name, category=category)


def work_off(program):
    """Do what waits, as a worker does."""
    with scope.enter([program], scope.SYSTEM):
        for job_id, _queue in jobs.due():
            assert jobs.run(job_id)
        return Job.objects.filter(kind="lists.export").latest("pk")


def ask(client, program, query="", file_format="csv"):
    answer = client.post(f"{PRODUCTS}export/{query}", {"format": file_format})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/exports/")
    job = work_off(program)
    assert job.state == JobState.DONE, job.problem
    return job


def content_of(client, job):
    answer = client.get(f"/admin/exports/{job.public_id}/")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def rows_of(client, job):
    return list(csv.reader(io.StringIO(content_of(client, job).decode("utf-8-sig")), delimiter=";"))


class TestContent:
    def test_the_whole_list_with_the_columns_that_it_shows(self, marketer, program):
        add_products(program, "Butter")

        assert rows_of(marketer, ask(marketer, program)) == [
            ["SKU", "Name", "Category", "Brand", "Shared"],
            ["1000", "Cheese", "Grocery", "", "no"],
            ["S0", "Butter", "Grocery", "", "no"],
        ]

    def test_only_what_the_search_leaves(self, marketer, program):
        add_products(program, "Butter", "Bread", "Milk")

        rows = rows_of(marketer, ask(marketer, program, "?q=B"))

        assert [row[1] for row in rows[1:]] == ["Butter", "Bread"]

    def test_only_what_the_filters_leave(self, marketer, program):
        add_products(program, "Butter")
        with scope.enter([program], scope.SYSTEM):
            Product.objects.filter(sku="S0").update(archived_at="2026-01-01T00:00:00Z")

        assert [row[0] for row in rows_of(marketer, ask(marketer, program))[1:]] == ["1000"]
        assert [row[0] for row in rows_of(marketer, ask(marketer, program, "?state=archived"))[1:]] == ["S0"]

    def test_never_a_row_of_another_program(self, marketer, program):
        other = people.make_program("OTHER")
        add_products(other, "Foreign")

        assert [row[0] for row in rows_of(marketer, ask(marketer, program))[1:]] == ["1000"]

    def test_what_a_spreadsheet_would_run_is_text(self, marketer, program):
        add_products(program, "=1+1")

        assert rows_of(marketer, ask(marketer, program))[2][1] == "'=1+1"

    def test_a_workbook_keeps_figures_and_their_unit_apart(self, program):
        supervisor = signed_in(people.make_staff(program, "supervisor"))
        supervisor.post("/admin/members_activity/purchase/export/", {"format": "xlsx"})
        job = work_off(program)

        sheet = openpyxl.load_workbook(io.BytesIO(content_of(supervisor, job))).active
        heading, purchase = list(sheet.iter_rows(values_only=True))

        assert heading[4:7] == ("Paid", "Paid, unit", "Returned")
        assert purchase[4:7] == (60, "EUR", 10)

    def test_all_parts_of_a_long_list_once(self, marketer, program, monkeypatch):
        add_products(program, *(f"P{number}" for number in range(7)))
        monkeypatch.setattr("loyalty.kernel.exports.services.ROWS_A_PART", 3)

        job = ask(marketer, program)

        skus = [row[0] for row in rows_of(marketer, job)[1:]]
        assert skus == ["1000", *(f"S{number}" for number in range(7))]
        assert (job.done, job.total, job.result["rows"]) == (8, 8, 8)

    def test_in_the_language_of_whoever_asked(self, program):
        user = people.make_staff(program, "marketer")
        user.language = "pl"
        user.save()
        polish = signed_in(user)

        assert rows_of(polish, ask(polish, program))[0][1:3] == ["Nazwa", "Kategoria"]


class TestRights:
    def test_a_list_that_is_not_open_starts_nothing(self, program):
        agent = signed_in(people.make_staff(program, "agent"))

        assert agent.post(f"{PRODUCTS}export/", {"format": "csv"}).status_code == 403
        with scope.enter([program], scope.SYSTEM):
            assert not Job.objects.filter(kind="lists.export").exists()

    def test_whoever_lost_the_role_meanwhile_gets_nothing(self, program):
        user = people.make_staff(program, "marketer")
        signed_in(user).post(f"{PRODUCTS}export/", {"format": "csv"})
        with scope.enter([program], scope.SYSTEM):
            roles.revoke_role(user, "marketer", program)

        job = work_off(program)

        assert (job.state, job.problem, job.result.get("file")) == (JobState.FAILED, "permission_refused", None)

    def test_the_file_is_its_owner_s_alone(self, marketer, program):
        job = ask(marketer, program)
        operator = signed_in(people.make_operator())

        assert operator.get(f"/admin/exports/{job.public_id}/").status_code == 404
        assert "Products" not in operator.get("/admin/exports/").content.decode().partition('id="exports"')[2]
        assert marketer.get(f"/admin/exports/{job.public_id}/").status_code == 200

    def test_asking_and_fetching_are_written_down(self, marketer, program):
        content_of(marketer, ask(marketer, program, "?q=B"))

        with scope.enter([program], scope.SYSTEM):
            deeds = AuditRecord.objects.filter(action__startswith="export.").order_by("pk")
            assert [deed.action for deed in deeds] == ["export.requested", "export.downloaded"]
            assert deeds[0].changes == {"list": [None, "programs_catalog.product"], "filters": [None, "q=B"]}


class TestPage:
    def test_shows_progress_and_then_the_file(self, marketer, program):
        marketer.post(f"{PRODUCTS}export/", {"format": "csv"})
        assert "data-refresh" in marketer.get("/admin/exports/").content.decode()

        work_off(program)

        page = marketer.get("/admin/exports/").content.decode()
        assert "data-refresh" not in page
        assert "1 row" in page

    def test_an_unknown_format_is_refused_in_words(self, marketer):
        answer = marketer.post(f"{PRODUCTS}export/", {"format": "exe"}, follow=True)

        assert "Choose CSV or XLSX." in answer.content.decode()

    def test_a_waiting_one_is_stopped(self, marketer, program):
        marketer.post(f"{PRODUCTS}export/", {"format": "csv"})
        with scope.enter([program], scope.SYSTEM):
            job = Job.objects.filter(kind="lists.export").latest("pk")

        marketer.post(f"/admin/exports/{job.public_id}/stop/")

        with scope.enter([program], scope.SYSTEM):
            job.refresh_from_db()
        assert job.state == JobState.CANCELED


def test_parts_ask_once_a_part_and_leave_nothing_out(program, django_assert_num_queries):
    add_products(program, *(f"P{number}" for number in range(4)))
    with scope.enter([program], scope.SYSTEM), django_assert_num_queries(3):
        parts = list(paging.parts(Product.objects.all(), ["sku", "id"], 2))

    assert [[row.sku for row in part] for part in parts] == [["1000", "S0"], ["S1", "S2"], ["S3"]]
