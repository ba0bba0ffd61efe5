"""Wrong passwords: counted before they are judged, waited for ever longer, the same for known and unknown e-mails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client, override_settings

from loyalty.kernel import clock
from loyalty.kernel.access import lockout
from loyalty.kernel.models import SignInTries, User
from loyalty.kernel.models.users import Realm
from tests.browser import people
from tests.kernel.access.people import send_password

pytestmark = pytest.mark.django_db
UNKNOWN = User(email="nobody@example.com")
hashed: list[str] = []


class CountingHasher(MD5PasswordHasher):
    """Remembers each password that it works on."""

    algorithm = "counting"

    def encode(self, password: str, salt: str) -> str:
        hashed.append(password)
        return f"counting${salt}${password}"


@pytest.fixture
def anna() -> User:
    return people.make_staff(people.make_program(), "analyst")


def answers(user: User, times: int, door: str = "/admin/login/") -> list[tuple[int, str]]:
    """What a stranger sees after each wrong password, without what the form repeats of the own input."""
    seen = []
    for _try in range(times):
        page = send_password(Client(), user, door, "wrong")
        body = page.content.decode()
        alert = body.partition('role="alert"')[2].partition("</form>")[0].partition("<form")[0]
        seen.append((page.status_code, alert))
    return seen


class TestStrangers:
    def test_see_the_same_for_a_known_and_an_unknown_e_mail(self, anna):
        known, unknown = answers(anna, 7), answers(UNKNOWN, 7)

        assert known == unknown
        assert "do not belong together" in known[4][1]
        assert "Too many tries" in known[5][1]

    def test_see_the_same_for_a_user_of_another_realm_and_one_switched_off(self, anna):
        off = User.objects.create_user("off@example.com", people.PASSWORD, is_active=False)
        other = User.objects.create_user("nora@example.com", people.PASSWORD, realm=Realm.PARTNER)

        for user in (off, other):
            page = send_password(Client(), user)
            assert "do not belong together" in page.content.decode()

    @override_settings(PASSWORD_HASHERS=["tests.kernel.access.test_lockout.CountingHasher"])
    def test_wait_for_the_same_work(self):
        anna = User.objects.create_user("anna@example.com", people.PASSWORD)
        off = User.objects.create_user("off@example.com", people.PASSWORD, is_active=False)
        other = User.objects.create_user("nora@example.com", people.PASSWORD, realm=Realm.PARTNER)

        for user in (anna, off, other, UNKNOWN):
            hashed.clear()
            send_password(Client(), user, password="wrong")
            assert hashed == ["wrong"], user.email


class TestWaiting:
    def test_after_five_tries_the_right_password_has_to_wait_too(self, anna):
        answers(anna, 5)

        assert send_password(Client(), anna).status_code == 200
        with clock.fixed(clock.now() + timedelta(seconds=31)):
            assert send_password(Client(), anna).status_code == 302
        bucket = lockout._bucket(f"password:staff:{anna.email}:")
        assert not SignInTries.objects.filter(bucket=bucket).exists()

    def test_doubles_up_to_an_hour_and_is_forgotten_after_a_day(self):
        now, waits = clock.now(), []
        for _try in range(14):
            with clock.fixed(now):
                try:
                    lockout.take("password:staff:x")
                except lockout.TooManyTries as refusal:
                    waits.append(refusal.facts["seconds"])
                    now += timedelta(seconds=refusal.facts["seconds"])
                    with clock.fixed(now):
                        lockout.take("password:staff:x")
        assert waits[:3] == [31, 61, 121]
        assert max(waits) <= 3601

        with clock.fixed(now + timedelta(days=1, seconds=1)):
            for _try in range(5):
                lockout.take("password:staff:x")

    def test_a_stranger_does_not_keep_the_owner_out_of_a_known_browser(self, anna):
        own, stranger = Client(), Client()
        send_password(own, anna)
        own.post("/admin/logout/")
        for _try in range(6):
            send_password(stranger, anna, password="wrong")

        assert "Too many tries" in send_password(stranger, anna).content.decode()
        assert send_password(own, anna).status_code == 302

    def test_a_known_browser_has_five_tries_too_and_is_known_for_its_e_mail_and_realm_only(self, anna):
        own = Client()
        send_password(own, anna)
        own.post("/admin/logout/")
        other = User.objects.create_user("other@example.com", people.PASSWORD)
        answers(other, 5)

        assert "Too many tries" in send_password(own, other).content.decode()
        for _try in range(5):
            send_password(own, anna, password="wrong")
        assert "Too many tries" in send_password(own, anna).content.decode()
        own.cookies["staff_device"] = own.cookies["staff_device"].value[:-1]
        assert send_password(own, anna).status_code == 302

    def test_one_realm_does_not_close_another(self, anna):
        answers(anna, 6, "/portal/login/")

        assert send_password(Client(), anna).status_code == 302

    def test_one_password_against_many_e_mails_is_stopped_by_address(self, anna):
        for _number in range(98):
            lockout.take("address:127.0.0.1", lockout.OF_ADDRESSES)
        for number in range(2):
            assert "do not belong together" in answers(User(email=f"x{number}@example.com"), 1)[0][1]

        assert "Too many tries" in send_password(Client(), anna).content.decode()

    def test_what_succeeds_is_not_counted_against_the_address(self, anna):
        send_password(Client(), anna)

        assert SignInTries.objects.get().failures == 0

    def test_old_counts_are_swept(self):
        with clock.fixed(clock.now() - timedelta(days=3)):
            lockout.take("password:staff:old")
        lockout.take("password:staff:new")

        assert (lockout.forget_old(), SignInTries.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_are_five_guesses():
    def guess(_number):
        try:
            lockout.take("password:staff:anna@example.com")
        except lockout.TooManyTries:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(guess, range(40))) == 5


class TestProxies:
    """Whose address counts: the peer's, or what one's own proxies wrote down."""

    @pytest.mark.parametrize(
        ("proxies", "told", "counted"),
        [
            (0, "203.0.113.9", "127.0.0.1"),
            (1, "203.0.113.9", "203.0.113.9"),
            (1, "8.8.8.8, 203.0.113.9", "203.0.113.9"),
            (2, "8.8.8.8, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
            (1, "not an address", None),
        ],
    )
    def test_a_client_cannot_choose_its_own(self, proxies, told, counted):
        with override_settings(TRUSTED_PROXIES=proxies):
            Client().post("/admin/login/", {"username": "x@example.com", "password": "x"}, HTTP_X_FORWARDED_FOR=told)

        assert SignInTries.objects.filter(bucket=lockout._bucket(f"address:{counted}")).exists()
