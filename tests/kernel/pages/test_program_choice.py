"""The program of a staff page: chosen in the session, carried by forms, refused when it does not fit."""

import pytest

from loyalty.kernel import scope
from loyalty.kernel.access import roles
from programs.setup.models import Brand
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    return people.make_program("ONE"), people.make_program("TWO")


@pytest.fixture
def operator():
    return people.make_operator()


def names(program):
    with scope.enter([program], scope.SYSTEM):
        return sorted(str(brand) for brand in Brand.objects.all())


class TestChooseProgram:
    def test_changes_the_program_of_the_pages_that_follow(self, two, operator):
        client = signed_in(operator)
        assert client.get("/admin/").context["program"].code == "ONE"

        answer = client.post("/admin/program/", {"program": two[1], "next": "/admin/programs_setup/brand/"})

        assert answer.headers["Location"] == "/admin/programs_setup/brand/"
        assert client.get("/admin/").context["program"].code == "TWO"

    def test_leads_from_an_object_to_the_list_above_it(self, two, operator):
        page = f"/admin/programs_setup/brand/{two[0]}/change/"

        answer = signed_in(operator).post("/admin/program/", {"program": two[1], "next": page})

        assert answer.headers["Location"] == "/admin/programs_setup/brand/"

    def test_a_program_without_a_role_does_not_exist(self, two):
        user = people.make_staff(two[0], "marketer")
        client = signed_in(user)

        assert client.post("/admin/program/", {"program": two[1]}).status_code == 404
        assert client.get("/admin/").context["program"].code == "ONE"
        with scope.enter([two[1]], scope.SYSTEM):
            roles.grant_role(user, "marketer", two[1])
        assert client.post("/admin/program/", {"program": two[1]}).status_code == 302

    def test_does_not_lead_to_another_host(self, two, operator):
        answer = signed_in(operator).post("/admin/program/", {"program": two[1], "next": "https://example.com/"})

        assert answer.headers["Location"] == "/admin/"


class TestProgramOfAForm:
    def test_a_form_of_another_program_is_refused_and_changes_nothing(self, two, operator):
        client = signed_in(operator)
        form = {"_program": two[1], "code": "NEW", "name_en": "New"}

        answer = client.post("/admin/programs_setup/brand/add/", form)

        assert answer.status_code == 400
        assert (names(two[0]), names(two[1])) == (["Main"], ["Main"])
        assert client.post("/admin/programs_setup/brand/add/", {**form, "_program": two[0]}).status_code == 302
        assert (names(two[0]), names(two[1])) == (["Main", "New"], ["Main"])

    def test_forms_of_the_site_carry_it(self, two, operator):
        page = signed_in(operator).get("/admin/programs_setup/brand/add/").content.decode()

        assert f'<input type="hidden" name="_program" value="{two[0]}">' in page
