"""Signing in to the back office, and the settings of the reader."""

import pytest

from loyalty.kernel.models import User
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
WRONG = "This e-mail and password do not belong together"


@pytest.fixture
def operator():
    people.make_program()
    return people.make_operator()


class TestSignIn:
    def test_leads_on_to_the_page_that_was_asked_for(self, operator, client):
        asked = client.get("/admin/programs_setup/brand/")
        assert asked.headers["Location"] == "/admin/login/?next=/admin/programs_setup/brand/"

        page = client.get(asked.headers["Location"]).content.decode()
        assert '<input type="hidden" name="next" value="/admin/programs_setup/brand/">' in page
        form = {"username": operator.email, "password": people.PASSWORD, "next": "/admin/programs_setup/brand/"}
        assert client.post("/admin/login/", form).headers["Location"] == "/admin/programs_setup/brand/"
        assert client.get("/admin/programs_setup/brand/").status_code == 200

    def test_a_wrong_password_says_what_to_do(self, operator, client):
        answer = client.post("/admin/login/", {"username": operator.email, "password": "wrong"})

        assert WRONG in answer.content.decode()
        assert client.get("/admin/").status_code == 302

    def test_a_member_of_another_realm_is_nobody_here(self, operator, client):
        User.objects.create_user("partner@example.com", people.PASSWORD, realm="partner")

        answer = client.post("/admin/login/", {"username": "partner@example.com", "password": people.PASSWORD})

        assert WRONG in answer.content.decode()


class TestLanguage:
    def test_is_chosen_before_signing_in(self, client):
        client.post("/language/", {"language": "pl", "next": "/admin/login/"})

        assert "Zaloguj" in client.get("/admin/login/").content.decode()

    def test_stays_with_the_user(self, operator):
        answer = signed_in(operator).post("/language/", {"language": "ru", "next": "/admin/"})

        operator.refresh_from_db()
        assert (operator.language, answer.headers["Location"]) == ("ru", "/admin/")
        assert 'lang="ru"' in signed_in(operator).get("/admin/").content.decode()

    def test_an_unknown_one_changes_nothing(self, operator):
        signed_in(operator).post("/language/", {"language": "xx"})

        operator.refresh_from_db()
        assert operator.language == "en"


class TestPreferences:
    def test_zone_is_saved_and_an_unknown_one_refused(self, operator):
        client = signed_in(operator)
        client.post("/admin/preferences/", {"name": "Anna", "language": "pl", "timezone": "Europe/Warsaw"})
        operator.refresh_from_db()
        assert (operator.name, operator.language, operator.timezone) == ("Anna", "pl", "Europe/Warsaw")

        answer = client.post("/admin/preferences/", {"name": "Anna", "language": "pl", "timezone": "Mars/Base"})

        assert answer.status_code == 200
        operator.refresh_from_db()
        assert operator.timezone == "Europe/Warsaw"
