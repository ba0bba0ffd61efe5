"""Keys over time and place: they expire, change their tokens with an overlap, open from listed networks only."""

import re
from datetime import timedelta

import pytest
from django.test import override_settings

from loyalty.kernel import clock, scope
from loyalty.kernel.api.authentication import holder_of
from loyalty.kernel.models import ApiKey, AuditRecord
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
KEYS = "/admin/loyalty_kernel/apikey/"
TOKEN = re.compile(r"lk_[\w-]{43}")


@pytest.fixture
def program() -> int:
    return people.make_program()


@pytest.fixture
def operator(program):
    return signed_in(people.make_operator())


def add(operator, **values) -> str:
    page = operator.post(f"{KEYS}add/", {"name": "Shop", "scopes": ["members.read"], **values}).content.decode()
    found = TOKEN.search(page)
    assert found, page
    return found[0]


def key_of(program: int) -> ApiKey:
    with scope.enter([program], scope.SYSTEM):
        return ApiKey.objects.get(name="Shop")


class TestExpiry:
    def test_a_key_opens_until_its_end(self, operator):
        end = clock.now() + timedelta(hours=2)
        token = add(operator, expires_at_0=end.date().isoformat(), expires_at_1=end.time().isoformat("seconds"))

        with clock.fixed(end - timedelta(seconds=2)):
            assert holder_of(token) is not None
        with clock.fixed(end):
            assert holder_of(token) is None

    def test_an_end_in_the_past_is_refused(self, operator, program):
        answer = operator.post(
            f"{KEYS}add/",
            {"name": "Shop", "scopes": ["members.read"], "expires_at_0": "2020-01-01", "expires_at_1": "00:00"},
        )

        assert answer.status_code == 200
        with scope.enter([program], scope.SYSTEM):
            assert not ApiKey.objects.filter(name="Shop").exists()


class TestRotation:
    def rotate(self, operator, program, hours) -> str:
        page = operator.post(f"{KEYS}{key_of(program).pk}/rotate/", {"hours": hours}).content.decode()
        return TOKEN.search(page)[0]

    def test_both_tokens_open_until_the_overlap_ends(self, operator, program):
        old = add(operator)
        new = self.rotate(operator, program, 24)

        assert (holder_of(old).id, holder_of(new).id) == (key_of(program).pk, key_of(program).pk)
        with clock.fixed(clock.now() + timedelta(hours=24)):
            assert holder_of(old) is None
            assert holder_of(new) is not None

    def test_a_second_one_ends_the_first_token_at_once(self, operator, program):
        first = add(operator)
        second = self.rotate(operator, program, 168)
        third = self.rotate(operator, program, 168)

        assert holder_of(first) is None
        assert None not in (holder_of(second), holder_of(third))

    def test_without_overlap_the_old_one_is_closed_at_once(self, operator, program):
        old = add(operator)
        self.rotate(operator, program, 0)

        assert holder_of(old) is None

    def test_is_written_down_without_any_token(self, operator, program):
        old = add(operator)
        new = self.rotate(operator, program, 24)

        with scope.enter([program], scope.SYSTEM):
            record = AuditRecord.objects.get(action="api_key.rotated")
        assert record.changes == {"prefix": [old[:8], new[:8]]}

    def test_a_revoked_key_gets_no_token(self, operator, program):
        old = add(operator)
        address = f"{KEYS}{key_of(program).pk}/"
        new = self.rotate(operator, program, 24)
        operator.post(f"{address}revoke/")

        assert (holder_of(old), holder_of(new)) == (None, None)
        assert operator.post(f"{address}rotate/", {"hours": 24}).status_code == 404

    def test_is_the_operator_s(self, operator, program):
        token = add(operator)
        other = signed_in(people.make_staff(program, "supervisor"))

        assert other.post(f"{KEYS}{key_of(program).pk}/rotate/", {"hours": 0}).status_code == 403
        assert holder_of(token) is not None


class TestNetworks:
    def ask(self, client, token, address):
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}", "REMOTE_ADDR": address}
        return client.get("/api/v1/members/card:1", **headers).status_code

    def test_open_to_what_is_listed_only(self, operator, client):
        token = add(operator, networks="203.0.113.0/24\n2001:db8::1")

        seen = {
            address: self.ask(client, token, address)
            for address in (
                "203.0.113.7",
                "::ffff:203.0.113.7",
                "2001:db8::1",
                "203.0.114.7",
                "2001:db8::2",
                "127.0.0.1",
            )
        }
        assert seen == {
            "203.0.113.7": 404, "::ffff:203.0.113.7": 404, "2001:db8::1": 404, "203.0.114.7": 401, "2001:db8::2": 401,
            "127.0.0.1": 401,
        }  # fmt: skip

    def test_an_address_that_the_client_writes_itself_does_not_count(self, operator, client):
        token = add(operator, networks="203.0.113.0/24")
        forged = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}

        assert client.get("/api/v1/members/card:1", **forged).status_code == 401
        with override_settings(TRUSTED_PROXIES=1):
            assert client.get("/api/v1/members/card:1", **forged).status_code == 404

    def test_without_a_list_a_key_opens_from_everywhere(self, operator, client):
        assert self.ask(client, add(operator), "198.51.100.1") == 404

    def test_nonsense_is_refused(self, operator, program):
        form = {"name": "Shop", "scopes": ["members.read"], "networks": "203.0.113.0/24\nhome"}

        assert "“home” is no address" in operator.post(f"{KEYS}add/", form).content.decode()
        with scope.enter([program], scope.SYSTEM):
            assert not ApiKey.objects.filter(name="Shop").exists()

    def test_are_shown_with_the_key(self, operator, program):
        add(operator, networks="203.0.113.9")

        assert key_of(program).networks == ["203.0.113.9/32"]
        page = operator.get(f"{KEYS}{key_of(program).pk}/change/").content.decode()
        assert "203.0.113.9/32" in page
        assert str(key_of(program).public_id) in page
