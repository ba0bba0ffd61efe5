"""The first answer again, and only for the same request."""

import hashlib

import pytest
from django.db import connections

from loyalty.kernel.api.idempotency import body_hash
from loyalty.kernel.models import ApiKey, StoredAnswer
from members.profiles.models import Member
from tests import factories

CARD = "79927398713"


def enroll(api, key="k-1", **changes):
    return api.post("/api/v1/members", {"cards": [CARD], **changes}, HTTP_IDEMPOTENCY_KEY=key)


def test_the_hash_reads_content_and_not_its_form():
    assert body_hash({"a": 1, "b": ["x"]}, "R-1") == body_hash({"b": ["x"], "a": 1}, "R-1")
    assert body_hash({"a": 1}, "R-1") != body_hash({"a": 1}, "R-2")
    assert body_hash({"a": "1"}) != body_hash({"a": 1})


@pytest.mark.django_db
class TestKey:
    def test_of_another_api_key_is_another_key(self):
        shop = factories.make_program()
        first = enroll(factories.client(shop, "members.write"))

        other = enroll(factories.client(shop, "members.write"), cards=["9616001000000005"])

        assert (first.status_code, other.status_code) == (201, 201)
        assert "Idempotent-Replay" not in other

    def test_used_for_another_address_is_refused(self):
        shop = factories.make_program()
        api = factories.client(shop, "members.write")
        enroll(api)

        response = api.patch(f"/api/v1/members/card:{CARD}", {"cards": [CARD]}, HTTP_IDEMPOTENCY_KEY="k-1")

        assert response.status_code == 400  # the body does not fit, and that is told first
        response = api.patch(f"/api/v1/members/card:{CARD}", {"city": "Gdynia"}, HTTP_IDEMPOTENCY_KEY="k-1")
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_mismatch")

    def test_beyond_two_hundred_characters_is_refused(self):
        shop = factories.make_program()

        response = enroll(factories.client(shop, "members.write"), key="k" * 201)

        assert response.json()["errors"][0]["code"] == "too_long"
        with factories.entered(shop):
            assert not Member.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_while_the_first_runs_a_second_is_told_to_wait():
    shop = factories.make_program()
    api = factories.client(shop, "members.write")
    with factories.entered(shop):
        name = f"{ApiKey.objects.get().pk}:k-1"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    first = connections.create_connection("default")
    try:
        with first.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])

        waiting = enroll(api)

        assert (waiting.status_code, waiting.json()["code"], waiting["Retry-After"]) == (409, "still_running", "1")
        with factories.entered(shop):
            assert not Member.objects.exists()
            assert not StoredAnswer.objects.exists()
    finally:
        # Unlocked by word: a closed connection may keep its locks for a moment.
        with first.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        first.close()

    assert enroll(api).status_code == 201
