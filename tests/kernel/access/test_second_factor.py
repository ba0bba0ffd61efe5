"""The second factor: set up by its owner, asked for at every door, taken once, and not to be gone around."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.urls import get_resolver

from loyalty.kernel import clock, scope
from loyalty.kernel.access import factors, lockout
from loyalty.kernel.models import AuditRecord, RecoveryCode, SecondFactor, User
from loyalty.kernel.models.users import Realm
from tests.browser import people
from tests.kernel.access.people import code_of, give_factor, send_password, wrong_code
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
VECTORS = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.fixture
def program() -> int:
    return people.make_program()


@pytest.fixture
def anna(program) -> User:
    return people.make_staff(program, "marketer")


@pytest.fixture
def nora() -> User:
    return User.objects.create_user("nora@example.com", people.PASSWORD, name="Nora", realm=Realm.PARTNER)


class TestCodes:
    @pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
    def test_are_those_of_the_standard(self, seconds, code):
        assert factors.code_at(base64.b32encode(b"12345678901234567890").decode(), seconds) == code

    def test_a_phone_may_be_half_a_minute_off_but_no_more(self, anna):
        secret, _codes = give_factor(anna)
        now = clock.now().timestamp() // 30 * 30

        for off in (-60, 60):
            with pytest.raises(factors.CodeRefused):
                factors.check(anna, factors.code_at(secret, now + off))
        factors.check(anna, factors.code_at(secret, now - 30))
        factors.check(anna, factors.code_at(secret, now + 30))

    def test_are_taken_once_and_none_before_the_newest_is_taken_after_it(self, anna):
        secret, _codes = give_factor(anna)
        code = code_of(secret)
        factors.check(anna, code)

        with pytest.raises(factors.CodeRefused):
            factors.check(anna, code)
        with pytest.raises(factors.CodeRefused):
            factors.check(anna, factors.code_at(secret, clock.now().timestamp() - 30))

    def test_the_secret_is_sealed_for_its_user(self, anna, nora):
        secret, _codes = give_factor(anna)
        sealed = SecondFactor.objects.get(user=anna).sealed

        assert secret.encode() not in bytes(sealed)
        SecondFactor.objects.create(user=nora, sealed=sealed)
        with pytest.raises(AssertionError):
            factors.begin(nora)

    def test_the_picture_is_drawn_here(self, anna):
        drawn = factors.picture(anna, factors.begin(anna))

        assert drawn.startswith("<svg")
        assert "http" not in drawn


class TestRecoveryCodes:
    def test_open_once_however_they_are_typed(self, anna, program):
        _secret, codes = give_factor(anna)
        assert (len(set(codes)), factors.codes_left(anna)) == (10, 10)

        factors.check(anna, codes[0].lower().replace("-", " "))

        assert factors.codes_left(anna) == 9
        with pytest.raises(factors.CodeRefused):
            factors.check(anna, codes[0])
        with scope.enter([program], scope.SYSTEM):
            assert AuditRecord.objects.filter(action="user.recovery_code_used", actor_id=anna.pk).count() == 1

    def test_new_ones_end_the_old(self, anna):
        _secret, old = give_factor(anna)
        new = factors.renew_codes(anna)

        with pytest.raises(factors.CodeRefused):
            factors.check(anna, old[0])
        factors.check(anna, new[0])

    def test_are_not_stored_to_be_read(self, anna):
        _secret, codes = give_factor(anna)

        stored = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
        assert not any(code.replace("-", "").encode() in stored for code in codes)


class TestDoors:
    @pytest.mark.parametrize(
        ("who", "door", "page"), [("anna", "/admin/login/", "/admin/"), ("nora", "/portal/login/", "/portal/security/")]
    )
    def test_a_password_alone_opens_only_the_second_step(self, request, who, door, page):
        user, client = request.getfixturevalue(who), Client()
        secret, _codes = give_factor(user)

        assert send_password(client, user, door).headers["Location"] == f"{door}code/"
        assert client.get(page).headers["Location"].startswith(door)
        client.post(f"{door}code/", {"code": wrong_code(secret)})
        assert client.get(page).headers["Location"].startswith(door)

        answer = client.post(f"{door}code/", {"code": code_of(secret)})
        assert answer.status_code == 302
        assert client.get(page).status_code == 200

    def test_the_page_asked_for_is_reached_after_the_code(self, anna):
        client, (secret, _codes) = Client(), give_factor(anna)
        form = {"username": anna.email, "password": people.PASSWORD, "next": "/admin/preferences/"}
        client.post("/admin/login/", form)

        assert client.post("/admin/login/code/", {"code": code_of(secret)}).headers["Location"] == "/admin/preferences/"

    def test_the_second_step_without_the_first_leads_back(self, anna):
        secret, _codes = give_factor(anna)

        answer = Client().post("/admin/login/code/", {"code": code_of(secret)})

        assert answer.headers["Location"] == "/admin/login/"

    def test_the_first_step_of_one_realm_is_not_that_of_another(self, anna, nora):
        client, (secret, _codes) = Client(), give_factor(nora)
        send_password(client, nora, "/portal/login/")
        client.cookies["staff_session"] = client.cookies["partner_session"].value

        assert client.post("/admin/login/code/", {"code": code_of(secret)}).headers["Location"] == "/admin/login/"
        assert client.get("/admin/").status_code == 302

    def test_the_second_step_waits_ten_minutes(self, anna):
        client, (secret, _codes) = Client(), give_factor(anna)
        send_password(client, anna)

        with clock.fixed(clock.now() + timedelta(minutes=11)):
            answer = client.post("/admin/login/code/", {"code": code_of(secret)})

        assert answer.headers["Location"] == "/admin/login/"

    def test_no_other_door_of_the_framework_lets_the_password_alone_in(self, anna):
        # A session made by login() alone, as any view might make one.
        assert signed_in(anna).get("/admin/").status_code == 200
        give_factor(anna)
        client = signed_in(anna)

        assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
        assert client.get("/admin/security/").headers["Location"].startswith("/admin/login/")

    def test_every_login_view_of_the_address_list_is_ours(self):
        def walk(resolver, prefix=""):
            for one in resolver.url_patterns:
                address = prefix + str(one.pattern)
                yield from walk(one, address) if hasattr(one, "url_patterns") else [(address, one.callback)]

        first = {}
        for address, callback in walk(get_resolver()):
            if address.rstrip("/").endswith("login"):
                first.setdefault(address, callback.__module__)
        assert first == {"admin/login/": "loyalty.kernel.pages.login", "portal/login/": "partners.portal.pages"}

    def test_setting_it_up_ends_the_sessions_that_have_not_shown_it(self, anna):
        elsewhere, here = signed_in(anna), signed_in(anna)
        here.get("/admin/security/second-factor/")
        secret = factors.begin(anna)
        page = here.post("/admin/security/second-factor/", {"code": code_of(secret)})

        assert page.content.decode().count("<li><code>") == 10
        assert (here.get("/admin/").status_code, elsewhere.get("/admin/").status_code) == (200, 302)


class TestDemanded:
    def test_of_a_user_only_its_set_up_opens(self, anna):
        User.objects.filter(pk=anna.pk).update(needs_second_factor=True)
        client = signed_in(anna)

        for page in ("/admin/", "/admin/preferences/", "/admin/promotions/", "/admin/exports/"):
            assert client.get(page).headers["Location"] == "/admin/security/second-factor/", page
        assert client.get("/admin/security/second-factor/").status_code == 200
        client.post("/admin/security/second-factor/", {"code": code_of(factors.begin(anna))})
        assert client.get("/admin/").status_code == 200

    @override_settings(SECOND_FACTOR_OF=["marketer"])
    def test_of_a_role(self, anna, program):
        analyst = people.make_staff(program, "analyst")

        assert signed_in(anna).get("/admin/").headers["Location"] == "/admin/security/second-factor/"
        assert signed_in(analyst).get("/admin/").status_code == 200

    @override_settings(SECOND_FACTOR_OF=["partner"])
    def test_of_partners(self, nora):
        client = Client()
        send_password(client, nora, "/portal/login/")

        assert client.get("/portal/").headers["Location"] == "/portal/security/second-factor/"
        assert client.get("/portal/security/second-factor/").status_code == 200

    @override_settings(SECOND_FACTOR_OF=["operator"])
    def test_who_must_have_it_cannot_turn_it_off(self, program):
        operator = people.make_operator()
        give_factor(operator)

        with pytest.raises(factors.FactorDemanded):
            factors.turn_off(operator)
        operator.refresh_from_db()
        assert (operator.second_factor_at is not None, factors.codes_left(operator)) == (True, 10)

    def test_whoever_runs_the_platform_helps_after_a_lost_phone(self, anna, program):
        secret, _codes = give_factor(anna)
        client = Client()
        send_password(client, anna)
        client.post("/admin/login/code/", {"code": code_of(secret)})
        assert client.get("/admin/").status_code == 200

        address = f"/admin/loyalty_kernel/user/{anna.pk}/second-factor/"
        assert signed_in(people.make_staff(program, "supervisor")).post(address).status_code == 403
        assert signed_in(people.make_operator()).post(address).status_code == 302

        anna.refresh_from_db()
        assert (anna.second_factor_at, factors.codes_left(anna)) == (None, 0)
        assert client.get("/admin/").status_code == 302


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Forty at the same moment are no more than one after the other."""

    @staticmethod
    def _together(times, attempt):
        def alone(_number):
            try:
                attempt()
            except factors.CodeRefused:
                return "refused"
            except lockout.TooManyTries:
                return "closed"
            else:
                return "taken"
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=8) as pool:
            return sorted(pool.map(alone, range(times)))

    def test_forty_guesses_are_five(self, anna):
        secret, _codes = give_factor(anna)
        wrong = wrong_code(secret)

        found = self._together(40, lambda: factors.check(anna, wrong))

        assert (found.count("refused"), found.count("closed")) == (5, 35)

    def test_one_code_opens_one_session(self, anna):
        secret, _codes = give_factor(anna)
        code = code_of(secret)

        assert self._together(4, lambda: factors.check(anna, code)).count("taken") == 1

    def test_one_recovery_code_opens_one_session(self, anna):
        _secret, codes = give_factor(anna)

        assert self._together(4, lambda: factors.check(anna, codes[3])).count("taken") == 1
