"""What every answer tells the browser, and what production settings promise."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from loyalty.kernel import headers
from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm
from tests.browser import people
from tests.kernel.access.people import send_password
from tests.kernel.pages.staff import signed_in

PROJECT = Path(__file__).parents[2]
STRICT_PAGES = ("/portal/login/", "/portal/", "/admin/login/", "/health/live", "/api/v1/nothing", "/nothing/")
SECRETS = {
    "SECRET_KEY": base64.b64encode(os.urandom(48)).decode(),
    "FIELD_KEYS": base64.b64encode(os.urandom(32)).decode(),
    "ALLOWED_HOSTS": "loyalty.example.org",
}


def policy(response) -> dict[str, set[str]]:
    parts = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: set(values) for name, *values in parts}


@pytest.mark.django_db
class TestEveryAnswer:
    @pytest.mark.parametrize("page", [*STRICT_PAGES, "/admin/", "/", "/api/v1/docs", "/static/look/page.css"])
    def test_gives_up_powers_and_framing(self, page):
        answer = Client().get(page)

        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        if page.startswith("/static/"):
            return  # a file: it runs nothing
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in answer["Permissions-Policy"]
        found = policy(answer)
        assert found["frame-ancestors"] == found["object-src"] == found["base-uri"] == {"'none'"}
        assert found["form-action"] == {"'self'"}

    @pytest.mark.parametrize("page", STRICT_PAGES)
    def test_outside_the_back_office_nothing_is_inline_or_evaluated(self, page):
        found = policy(Client().get(page))

        assert found["default-src"] == {"'none'"}
        assert found["script-src"] == found["style-src"] == {"'self'"}
        assert not any("unsafe" in value for values in found.values() for value in values)

    def test_no_source_is_another_site(self):
        people.make_program()
        for page in (Client().get("/portal/login/"), signed_in(people.make_operator()).get("/admin/")):
            sources = {value for values in policy(page).values() for value in values}
            assert sources <= {"'self'", "'none'", "'unsafe-eval'", "'unsafe-inline'", "data:"}

    def test_pages_of_a_partner_are_strict_after_the_door_too(self):
        nora = User.objects.create_user("nora@example.com", people.PASSWORD, name="Nora", realm=Realm.PARTNER)
        client = Client()
        send_password(client, nora, "/portal/login/")

        page = client.get("/portal/security/")

        assert page.status_code == 200
        assert policy(page)["style-src"] == {"'self'"}
        body = page.content.decode()
        assert "style=" not in body
        assert "onclick=" not in body

    def test_nothing_a_signed_in_person_saw_is_kept(self):
        people.make_program()
        client = signed_in(people.make_operator())

        assert "no-store" in client.get("/admin/")["Cache-Control"]
        assert "no-store" in client.get("/admin/preferences/")["Cache-Control"]

    def test_no_other_site_is_let_in(self):
        answer = Client().get("/api/v1/schema", HTTP_ORIGIN="https://elsewhere.example")

        assert not [name for name in answer.headers if name.lower().startswith("access-control")]

    def test_the_staff_site_alone_is_not_strict(self):
        assert [page for page in ("/admin/", "/admin/members/", "/api/v1/docs") if headers.is_strict(page)] == []


class TestProduction:
    def check(self, **changed: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), "VAR_DIR": "/nonexistent",
            "DJANGO_SETTINGS_MODULE": "loyalty.settings.production", **SECRETS, **changed,
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_check_deploy_is_clean(self):
        found = self.check()

        assert (found.returncode, found.stderr) == (0, "")

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"SECRET_KEY": ""}, "Set SECRET_KEY"),
            ({"SECRET_KEY": "secret"}, "SECRET_KEY is short"),
            ({"FIELD_KEYS": ""}, "Set FIELD_KEYS"),
            ({"ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS"),
        ],
    )
    def test_nothing_starts_with_secrets_or_hosts_left_open(self, changed, told):
        found = self.check(**changed)

        assert found.returncode != 0
        assert told in found.stderr


@pytest.mark.django_db
class TestPlainHttp:
    @pytest.fixture(autouse=True)
    def as_in_production(self, settings):
        settings.SECURE_SSL_REDIRECT = True

    @pytest.mark.parametrize("method", ["get", "post", "patch"])
    @pytest.mark.parametrize("address", ["/api/v1/members", "/api/v1/oauth/token", "/api/v1/schema", "/api/v1/nothing"])
    def test_the_api_refuses_it_with_a_problem(self, method, address):
        answer = getattr(Client(), method)(address, HTTP_AUTHORIZATION="Bearer lk_something")

        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert answer.json()["code"] == "https_required"
        assert "Location" not in answer

    @pytest.mark.parametrize("page", ["/admin/login/", "/portal/login/", "/"])
    def test_pages_are_led_to_https(self, page):
        answer = Client().get(page)

        assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{page}")

    def test_over_https_the_api_answers_as_ever(self):
        assert Client().post("/api/v1/members", secure=True).json()["code"] == "not_authenticated"

    def test_where_nothing_is_led_to_https_nothing_is_refused(self, settings):
        settings.SECURE_SSL_REDIRECT = False

        assert Client().post("/api/v1/members").json()["code"] == "not_authenticated"


class TestOrder:
    def test_forms_are_guarded_before_anybody_is_known(self):
        order = settings.MIDDLEWARE
        names = (
            "SecurityMiddleware", "PolicyMiddleware", "HeadersMiddleware", "RealmSessionMiddleware", "CsrfViewMiddleware",
            "AuthenticationMiddleware", "RealmGuardMiddleware", "SetUpMiddleware", "ProgramMiddleware",
        )  # fmt: skip
        places = [next(place for place, one in enumerate(order) if one.endswith(f".{name}")) for name in names]

        assert places == sorted(places)

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        "address", ["/admin/login/", "/portal/login/", "/language/", "/admin/login/code/", "/admin/security/sessions/"]
    )
    def test_a_form_without_its_token_is_refused(self, address):
        people.make_program()
        client = Client(enforce_csrf_checks=True)
        client.cookies["staff_session"] = signed_in(people.make_operator()).cookies["staff_session"].value

        assert client.post(address, {"username": "x", "password": "x"}).status_code == 403
