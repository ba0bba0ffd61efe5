"""Staff and roles, keys, jobs: what the operator does on the platform's pages."""

import re

import pytest
from django.urls import reverse

from loyalty.kernel import scope
from loyalty.kernel.access import roles
from loyalty.kernel.api.authentication import holder_of
from loyalty.kernel.models import ApiKey, AuditRecord, Job, User
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
USERS = "/admin/loyalty_kernel/user/"


@pytest.fixture
def two():
    return people.make_program("ONE"), people.make_program("TWO")


@pytest.fixture
def boss(two):
    return people.make_operator()


@pytest.fixture
def operator(boss):
    return signed_in(boss)


def staff_form(**values):
    return {
        "email": "anna@example.com", "name": "Anna", "new_password": "another long password", "is_active": "on",
        "language": "pl", "timezone": "Europe/Warsaw", **values,
    }  # fmt: skip


class TestStaff:
    def test_a_new_user_signs_in_with_the_roles_that_were_ticked(self, operator, two, client):
        one, other = two
        operator.post(f"{USERS}add/", staff_form(grants=[f"{one}:marketer", f"{one}:analyst", f"{other}:agent"]))

        anna = User.objects.get(email="anna@example.com")
        assert (roles.roles_of(anna, one), roles.roles_of(anna, other)) == (["analyst", "marketer"], ["agent"])
        assert (anna.realm, anna.is_operator) == ("staff", False)
        assert (
            client.post("/admin/login/", {"username": anna.email, "password": "another long password"}).status_code
            == 302
        )

    def test_a_role_taken_away_is_written_down_in_its_program(self, operator, two):
        one, other = two
        anna = people.make_staff(one, "marketer")
        operator.post(f"{USERS}{anna.pk}/change/", staff_form(new_password="", grants=[f"{other}:agent"]))

        assert (roles.roles_of(anna, one), roles.roles_of(anna, other)) == ([], ["agent"])
        with scope.enter([one], scope.SYSTEM):
            assert AuditRecord.objects.get(action="user.role_taken").changes == {"role": ["marketer", None]}
        with scope.enter([other], scope.SYSTEM):
            assert AuditRecord.objects.get(action="user.role_given").changes == {"role": [None, "agent"]}

    def test_a_short_password_is_refused_and_nobody_is_added(self, operator):
        answer = operator.post(f"{USERS}add/", staff_form(new_password="short"))

        assert answer.status_code == 200
        assert not User.objects.filter(email="anna@example.com").exists()

    def test_nobody_locks_the_own_account_out(self, operator, boss):
        form = staff_form(email=boss.email, name="Operator", new_password="")

        answer = operator.post(f"{USERS}{boss.pk}/change/", form)

        boss.refresh_from_db()
        assert answer.status_code == 200
        assert boss.is_operator

    def test_passwords_never_reach_the_audit_trail(self, operator, two):
        operator.post(f"{USERS}add/", staff_form())

        with scope.enter([two[0]], scope.SYSTEM):
            told = str(list(AuditRecord.objects.values_list("changes", flat=True)))
            assert AuditRecord.objects.filter(action="user.password_set").exists()
        assert "password" not in told
        assert User.objects.get(email="anna@example.com").password not in told

    def test_pages_are_the_operator_s(self, two):
        assert signed_in(people.make_staff(two[0], "supervisor")).get(USERS).status_code == 403


class TestKeys:
    def test_the_token_is_shown_once_and_works(self, operator, two):
        page = operator.post("/admin/loyalty_kernel/apikey/add/", {"name": "Shop", "scopes": ["members.read"]})

        token = re.search(r"lk_[\w-]{43}", page.content.decode())
        assert token is not None
        with scope.enter([two[0]], scope.SYSTEM):
            key = ApiKey.objects.get(name="Shop")
        assert (key.scopes, key.prefix) == (["members.read"], token[0][:8])
        assert holder_of(token[0]).id == key.pk
        assert token[0] not in operator.get(f"/admin/loyalty_kernel/apikey/{key.pk}/change/").content.decode()

    def test_a_revoked_key_opens_nothing(self, operator, two):
        with scope.enter([two[0]], scope.SYSTEM):
            key = ApiKey.objects.get()
            address = reverse("admin:loyalty_kernel_apikey_revoke", args=[key.pk])
            assert operator.get(address).status_code == 200
            key.refresh_from_db()
            assert key.revoked_at is None

            operator.post(address)

            key.refresh_from_db()
            assert key.revoked_at is not None
            assert AuditRecord.objects.filter(action="api_key.revoked").count() == 1


class TestJobs:
    def test_a_waiting_job_is_stopped_after_a_question(self, operator, two):
        with scope.enter([two[0]], scope.SYSTEM):
            job = Job.objects.get()
            address = reverse("admin:loyalty_kernel_job_stop", args=[job.pk])
            operator.get(address)
            job.refresh_from_db()
            assert job.state == "queued"

            operator.post(address)

            job.refresh_from_db()
            assert job.state == "canceled"
