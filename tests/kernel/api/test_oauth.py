"""OAuth 2.0 client credentials: a key lends a part of what it opens for a quarter of an hour."""

import base64
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings

from loyalty.kernel import clock
from loyalty.kernel.api import rates
from loyalty.kernel.api.authentication import holder_of
from loyalty.kernel.api.rates import Limiter
from loyalty.kernel.models import ApiKey
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/oauth/token"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def fresh_limiter(monkeypatch):
    monkeypatch.setattr(rates, "limiter", Limiter(processes=1))


@pytest.fixture
def shop():
    return factories.make_program()


@pytest.fixture
def key(shop) -> tuple[ApiKey, str]:
    token = factories.make_key(shop, "members.read", "rewards.read")
    with factories.entered(shop):
        return ApiKey.objects.get(), token


def ask(key: tuple[ApiKey, str], **more):
    form = {"grant_type": "client_credentials", "client_id": str(key[0].public_id), "client_secret": key[1], **more}
    return send({name: value for name, value in form.items() if value is not None})


def send(form: dict, **headers):
    return Client().post(ADDRESS, urlencode(form, doseq=True), content_type=FORM, **headers)


def basic(name: str, secret: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"}


class TestLending:
    def test_a_token_opens_what_the_key_opens(self, key):
        answer = ask(key)

        told = answer.json()
        assert (answer.status_code, told["token_type"], told["expires_in"]) == (200, "Bearer", 900)
        assert told["scope"] == "members.read rewards.read"
        assert answer["Cache-Control"] == "no-store"
        lent = holder_of(told["access_token"])
        assert (lent.id, lent.program_id, lent.scopes) == (
            key[0].pk,
            key[0].program_id,
            {"members.read", "rewards.read"},
        )
        page = Client().get("/api/v1/members/card:1", HTTP_AUTHORIZATION=f"Bearer {told['access_token']}")
        assert page.status_code == 404

    def test_by_http_basic_as_well(self, key):
        answer = send({"grant_type": "client_credentials"}, **basic(str(key[0].public_id), key[1]))

        assert answer.status_code == 200

    def test_for_a_part_of_the_scopes(self, key):
        token = ask(key, scope="rewards.read").json()["access_token"]

        page = Client().get("/api/v1/members/card:1", HTTP_AUTHORIZATION=f"Bearer {token}")
        assert (holder_of(token).scopes, page.status_code) == ({"rewards.read"}, 403)

    def test_never_for_more_than_the_key_opens(self, key):
        answer = ask(key, scope="members.read members.write")

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")

    def test_for_a_quarter_of_an_hour(self, key):
        now = clock.now()
        with clock.fixed(now):
            token = ask(key).json()["access_token"]
        with clock.fixed(now + timedelta(seconds=899)):
            assert holder_of(token) is not None
        with clock.fixed(now + timedelta(seconds=900)):
            assert holder_of(token) is None

    def test_a_revoked_key_takes_its_tokens_with_it(self, key, shop):
        token = ask(key).json()["access_token"]
        assert holder_of(token) is not None

        with factories.entered(shop):
            ApiKey.objects.update(revoked_at=clock.now())

        assert holder_of(token) is None

    def test_a_scope_taken_from_the_key_is_taken_from_its_tokens(self, key, shop):
        token = ask(key).json()["access_token"]
        with factories.entered(shop):
            ApiKey.objects.update(scopes=["rewards.read"])

        assert holder_of(token).scopes == {"rewards.read"}

    def test_a_token_opens_from_the_key_s_networks_only(self, key, shop):
        token = ask(key).json()["access_token"]
        with factories.entered(shop):
            ApiKey.objects.update(networks=["203.0.113.0/24"])

        page = Client().get("/api/v1/members/card:1", HTTP_AUTHORIZATION=f"Bearer {token}")
        assert page.status_code == 401
        assert ask(key).json()["error"] == "invalid_client"

    def test_a_changed_token_is_none(self, key):
        token = ask(key).json()["access_token"]

        for other in (token[:-1], f"{token}A", token.replace("lt_", "lk_"), "lt_", "lt_a:b:c"):
            assert holder_of(other) is None
        with override_settings(SECRET_KEY="another"):
            assert holder_of(token) is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "status", "error"),
        [
            ({"grant_type": None}, 400, "invalid_request"),
            ({"grant_type": "password"}, 400, "unsupported_grant_type"),
            ({"grant_type": ["client_credentials", "client_credentials"]}, 400, "invalid_request"),
            ({"client_secret": "lk_wrong"}, 401, "invalid_client"),
            ({"client_id": "00000000-0000-7000-8000-000000000000"}, 401, "invalid_client"),
            ({"client_id": None}, 401, "invalid_client"),
            ({"client_secret": None}, 401, "invalid_client"),
        ],
    )
    def test_of_what_is_not_right(self, key, change, status, error):
        answer = ask(key, **change)

        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert "access_token" not in answer.json()
        assert answer.has_header("WWW-Authenticate") == (status == 401)

    def test_a_lent_token_lends_no_further(self, key):
        token = ask(key).json()["access_token"]

        assert ask(key, client_secret=token).json()["error"] == "invalid_client"

    def test_of_two_ways_of_signing_in_at_once(self, key):
        form = {"grant_type": "client_credentials", "client_secret": key[1]}
        answer = send(form, **basic(str(key[0].public_id), key[1]))

        assert answer.json()["error"] == "invalid_request"

    def test_of_other_bodies_and_methods(self, key):
        assert Client().post(ADDRESS, "{}", content_type="application/json").status_code == 415
        assert Client().get(ADDRESS, {"grant_type": "client_credentials"}).status_code == 405
        big = f"grant_type=client_credentials&client_secret={'x' * 9000}"
        assert Client().post(ADDRESS, big, content_type=FORM).json()["error"] == "invalid_request"

    def test_of_more_than_a_machine_needs(self, key):
        with override_settings(API_TOKENS_PER_ADDRESS=3):
            rates.limiter.now = lambda: 1000.0
            seen = [ask(key).status_code for _try in range(5)]

        assert seen == [200, 200, 200, 429, 429]
