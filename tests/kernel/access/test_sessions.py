"""Sessions: how long they last, where else one is signed in, and what asks for the password once more."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from loyalty.kernel import clock, scope
from loyalty.kernel.access import sessions
from loyalty.kernel.models import AuditRecord, SignIn, User
from loyalty.kernel.pages.security.agents import browser_name
from tests.browser import people
from tests.kernel.access.people import code_of, give_factor, send_password, wrong_code
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
PROVE = "/admin/security/prove/"


@pytest.fixture
def program() -> int:
    return people.make_program()


@pytest.fixture
def anna(program) -> User:
    return people.make_staff(program, "analyst")


def at(moment, client, page="/admin/"):
    with clock.fixed(moment):
        return client.get(page).status_code


class TestLength:
    def test_an_idle_session_ends_after_an_hour(self, anna):
        client, now = signed_in(anna), clock.now()

        assert at(now + timedelta(minutes=59), client) == 200
        assert at(now + timedelta(minutes=59 + 61), client) == 302

    def test_one_in_use_ends_after_twelve_hours(self, anna):
        client, now = signed_in(anna), clock.now()

        seen = [at(now + timedelta(minutes=50 * number), client) for number in range(16)]

        assert seen == [200] * 15 + [302]

    def test_rows_of_sessions_that_are_over_are_swept(self, anna):
        signed_in(anna)
        Session.objects.all().delete()
        signed_in(anna)

        assert (sessions.forget_old(), SignIn.objects.count()) == (1, 1)


class TestElsewhere:
    def test_the_list_shows_each_and_one_button_ends_the_others(self, anna, program):
        here, there = signed_in(anna), Client()
        there.post(
            "/admin/login/", {"username": anna.email, "password": people.PASSWORD}, HTTP_USER_AGENT="A browser far away"
        )
        assert "A browser far away" in here.get("/admin/security/").content.decode()

        here.post("/admin/security/sessions/")

        assert (here.get("/admin/").status_code, there.get("/admin/").status_code) == (200, 302)
        assert SignIn.objects.filter(user=anna).count() == 1
        with scope.enter([program], scope.SYSTEM):
            assert AuditRecord.objects.filter(action="user.signed_out_elsewhere", actor_id=anna.pk).count() == 1

    def test_nobody_ends_sessions_of_others(self, anna, program):
        other = signed_in(people.make_staff(program, "agent"))

        signed_in(anna).post("/admin/security/sessions/")

        assert other.get("/admin/").status_code == 200

    def test_a_new_password_of_one_s_own_ends_the_others(self, anna):
        here, there = signed_in(anna), signed_in(anna)
        new = "a few words that belong together"

        answer = here.post("/admin/security/password/", {"new_password1": new, "new_password2": new})

        assert answer.headers["Location"] == "/admin/security/"
        assert (here.get("/admin/").status_code, there.get("/admin/").status_code) == (200, 302)
        assert send_password(Client(), anna, password=new).status_code == 302

    @pytest.mark.parametrize(("password", "is_taken"), [("short", False), ("password1234", False), ("x" * 80, True)])
    def test_rules_are_length_and_not_being_common(self, anna, password, is_taken):
        answer = signed_in(anna).post(
            "/admin/security/password/", {"new_password1": password, "new_password2": password}
        )

        anna.refresh_from_db()
        assert (answer.status_code == 302, anna.check_password(password)) == (is_taken, is_taken)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome, Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
            "Safari, macOS",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8", "curl/8"),
        ("", ""),
    ],
)
def test_browsers_are_called_what_people_call_them(agent, name):
    assert browser_name(agent) == name


class TestProof:
    """What is dangerous in wrong hands asks for the password when the last is ten minutes old."""

    PAGES = (
        "/admin/security/second-factor/", "/admin/security/password/", "/admin/loyalty_kernel/user/add/",
        "/admin/loyalty_kernel/apikey/add/",
    )  # fmt: skip

    @pytest.mark.parametrize("page", PAGES)
    def test_is_asked_for_and_leads_on(self, program, page):
        operator = people.make_operator()
        client, later = signed_in(operator), clock.now() + timedelta(minutes=11)
        assert client.get(page).status_code == 200

        with clock.fixed(later):
            asked = client.get(page)
            assert asked.headers["Location"].startswith(f"{PROVE}?next=")
            before = client.cookies["staff_session"].value
            answer = client.post(PROVE, {"password": people.PASSWORD, "next": page})
            assert answer.headers["Location"] == page
            assert client.cookies["staff_session"].value != before
            assert client.get(page).status_code == 200

    def test_a_stale_session_changes_nothing(self, program):
        operator = people.make_operator()
        client = signed_in(operator)

        with clock.fixed(clock.now() + timedelta(minutes=21)):
            client.post("/admin/security/password/", {"new_password1": "x" * 20, "new_password2": "x" * 20})

        operator.refresh_from_db()
        assert operator.check_password(people.PASSWORD)

    def test_takes_password_and_code_and_closes_after_five_wrong_ones(self, anna):
        secret, _codes = give_factor(anna)
        client = Client()
        send_password(client, anna)
        client.post("/admin/login/code/", {"code": code_of(secret)})
        later = clock.now() + timedelta(minutes=11)

        with clock.fixed(later):
            assert client.get("/admin/security/password/").status_code == 302
            client.post(PROVE, {"password": people.PASSWORD, "code": wrong_code(secret)})
            client.post(PROVE, {"password": "wrong", "code": code_of(secret)})
            assert client.get("/admin/security/password/").status_code == 302
            for _try in range(4):
                told = client.post(PROVE, {"password": "wrong", "code": "1"}).content.decode()
            assert "Too many tries" in told

    @pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x"])
    def test_leads_nowhere_else(self, anna, wanted):
        answer = signed_in(anna).post(PROVE, {"password": people.PASSWORD, "next": wanted})

        assert answer.headers["Location"] == "/admin/security/"
