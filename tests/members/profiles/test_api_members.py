"""Members over HTTP: joining, care, cards."""

from typing import Any

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import AuditRecord, StoredAnswer
from members.ledger.models import Wallet
from members.profiles.models import Identifier, Member, PersonalData
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD, SPARE, FOREIGN = "79927398713", "9616001000000005", "4539578763621486"
ANNA: dict[str, Any] = {
    "first_name": "Anna",
    "last_name": "Nowak",
    "email": "anna@example.com",
    "phone": "+48 600 100 200",
    "birthday": "1990-05-31",
    "city": "Łódź",
    "language": "pl",
    "cards": [CARD],
}


@pytest.fixture
def shop() -> Shop:
    return factories.make_program()


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def enroll(api: Any, key: str = "k-1", **changes: Any) -> Any:
    return api.post("/api/v1/members", {**ANNA, **changes}, HTTP_IDEMPOTENCY_KEY=key)


class TestEnroll:
    def test_a_new_member_is_found_by_everything_that_names_them(self, shop):
        api = factories.client(shop, "members.write", "members.read")

        response = enroll(api)

        assert response.status_code == 201
        number = response.json()["number"]
        assert response.json()["status"] == "active"
        for identity in (f"member:{number}", f"card:{CARD}", "email:ANNA@example.com", "phone:+48600100200"):
            found = api.get(f"/api/v1/members/{identity}").json()
            assert found["number"] == number
        assert found["id"] == response.json()["id"]
        assert (found["first_name"], found["email"], found["phone"]) == ("Anna", "anna@example.com", "+48600100200")
        assert (found["birthday"], found["city"], found["language"]) == ("1990-05-31", "Łódź", "pl")
        assert found["identifiers"] == [{"kind": "card", "value": CARD, "state": "active"}]

    def test_a_repeat_gets_the_first_answer_and_enrolls_nobody(self, shop):
        api = factories.client(shop, "members.write")
        first = enroll(api)

        again = enroll(api)

        assert again["Idempotent-Replay"] == "true"
        assert (again.status_code, again.content) == (first.status_code, first.content)
        with factories.entered(shop):
            assert Member.objects.count() == 1

    def test_what_is_kept_for_repeats_holds_nothing_personal(self, shop):
        enroll(factories.client(shop, "members.write"))

        with factories.entered(shop):
            kept = str(StoredAnswer.objects.get().body)
        assert not any(secret in kept for secret in ("Anna", "Nowak", "example.com", "600", CARD))

    @pytest.mark.parametrize(
        ("status", "code", "changes"),
        [
            (409, "members.identifier_taken", {"email": "", "phone": ""}),
            (409, "members.identifier_taken", {"cards": [], "phone": ""}),
            (409, "members.identifier_taken", {"cards": [], "email": ""}),
            (422, "members.check_digit", {"cards": ["79927398710"], "email": "b@example.com", "phone": ""}),
            (400, "malformed", {"cards": [], "email": "", "phone": ""}),
            (400, "malformed", {"email": "not an address"}),
            (400, "malformed", {"phone": "call me"}),
            (400, "malformed", {"birthday": "31.05.1990"}),
            (400, "malformed", {"language": "xx"}),
            (400, "malformed", {"number": "M1"}),
        ],
    )
    def test_refusals_enroll_nobody(self, shop, status, code, changes):
        api = factories.client(shop, "members.write")
        enroll(api)

        response = enroll(api, "k-2", **changes)

        assert (response.status_code, response.json()["code"]) == (status, code)
        with factories.entered(shop):
            assert (Member.objects.count(), Identifier.objects.count()) == (1, 1)

    def test_who_joined_by_the_api_earns_at_once(self, shop):
        enroll(factories.client(shop, "members.write"))

        response = factories.client(shop, "purchases.write").post(
            "/api/v1/transactions",
            {
                "external_id": "R-1",
                "member": {"kind": "card", "value": CARD},
                "at": NOON.isoformat(),
                "currency": "USD",
                "lines": [{"sku": "A", "amount": "12.00"}],
            },
        )

        assert (response.status_code, response.json()["points"]) == (201, {"POINTS": "12"})
        with factories.entered(shop):
            assert Wallet.objects.get().active == 12


class TestGetMember:
    def test_a_key_that_only_reads_sees_contact_masked(self, shop):
        enroll(factories.client(shop, "members.write"))

        found = factories.client(shop, "members.read").get(f"/api/v1/members/card:{CARD}").json()

        assert (found["email"], found["phone"]) == ("a•••@example.com", "••• 00")

    def test_that_somebody_looked_is_recorded(self, shop):
        factories.make_member(shop, card=CARD)
        factories.client(shop, "members.read").get(f"/api/v1/members/card:{CARD}")

        with factories.entered(shop):
            record = AuditRecord.objects.get(action="member.read")
        assert (record.actor_kind, record.actor_label, record.object_label) == ("key", "test key", "M1")

    @pytest.mark.parametrize("identity", [f"card:{FOREIGN}", "card:", "passport:1", "M1", "id:no-uuid", "member:M2"])
    def test_nobody_here_is_always_the_same_answer(self, shop, identity):
        factories.make_member(factories.make_program("OTHER"), card=FOREIGN, number="M2")
        factories.make_member(shop, card=CARD)
        api = factories.client(shop, "members.read")

        response = api.get(f"/api/v1/members/{identity}")

        assert response.status_code == 404
        assert response.content == api.get("/api/v1/members/card:0").content


class TestChangeMember:
    def test_changes_what_is_given_and_leaves_the_rest(self, shop):
        api = factories.client(shop, "members.write", "members.read")
        enroll(api)

        response = api.patch(
            f"/api/v1/members/card:{CARD}",
            {"email": "nowak@example.com", "city": "Kraków", "birthday": None, "language": "ru"},
            HTTP_IDEMPOTENCY_KEY="k-2",
        )

        assert (response.status_code, response.json()["language"]) == (200, "ru")
        found = api.get("/api/v1/members/email:nowak@example.com").json()
        assert (found["first_name"], found["city"], found["birthday"]) == ("Anna", "Kraków", None)
        assert api.get("/api/v1/members/email:anna@example.com").status_code == 404
        with factories.entered(shop):
            record = AuditRecord.objects.get(action="member.changed")
        assert record.changes == {"fields": [None, "birthday, city, email, language"]}

    def test_the_contact_of_another_member_is_refused(self, shop):
        api = factories.client(shop, "members.write")
        enroll(api)
        enroll(api, "k-2", email="jan@example.com", phone="", cards=[])

        response = api.patch(
            "/api/v1/members/email:jan@example.com",
            {"phone": "+48600100200", "city": "Gdynia"},
            HTTP_IDEMPOTENCY_KEY="k-3",
        )

        assert (response.status_code, response.json()["code"]) == (409, "members.identifier_taken")
        with factories.entered(shop):
            assert not PersonalData.objects.filter(city="Gdynia").exists()

    def test_needs_the_scope_to_write(self, shop):
        factories.make_member(shop, card=CARD)

        response = factories.client(shop, "members.read").patch(
            f"/api/v1/members/card:{CARD}", {"city": "Gdynia"}, HTTP_IDEMPOTENCY_KEY="k"
        )

        assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


class TestIdentifiers:
    def send(self, api: Any, key: str, identity: str = f"card:{CARD}", **content: Any) -> Any:
        given = {"kind": "card", **content}
        return api.post(f"/api/v1/members/{identity}/identifiers", given, HTTP_IDEMPOTENCY_KEY=key)

    def test_a_blocked_card_names_nobody_until_it_is_opened_again(self, shop):
        factories.make_member(shop, card=CARD)
        api = factories.client(shop, "members.write", "members.read")

        assert self.send(api, "k-1", value=SPARE).status_code == 201
        blocked = self.send(api, "k-2", value=CARD, state="blocked")

        assert (blocked.status_code, blocked.json()) == (
            201,
            {"member": "M1", "kind": "card", "state": "blocked"},
        )
        assert api.get(f"/api/v1/members/card:{CARD}").status_code == 404
        assert api.get(f"/api/v1/members/card:{SPARE}").json()["number"] == "M1"
        self.send(api, "k-3", f"card:{SPARE}", value=CARD)
        assert api.get(f"/api/v1/members/card:{CARD}").json()["number"] == "M1"

    @pytest.mark.parametrize(
        ("status", "code", "content"),
        [
            (409, "members.identifier_taken", {"value": SPARE}),
            (422, "members.check_digit", {"value": "79927398710"}),
            (404, "not_found", {"value": SPARE, "state": "blocked"}),
            (404, "not_found", {"value": "1", "state": "blocked"}),
            (400, "malformed", {"value": "=1+1"}),
            (400, "malformed", {"value": CARD, "kind": "ring"}),
        ],
    )
    def test_refusals_change_nothing(self, shop, status, code, content):
        factories.make_member(shop, card=CARD)
        factories.make_member(shop, card=SPARE, number="M2")

        response = self.send(factories.client(shop, "members.write"), "k", **content)

        assert (response.status_code, response.json()["code"]) == (status, code)
        with factories.entered(shop):
            rows = Identifier.objects.order_by("pk").values_list("member__number", "value", "state")
            assert list(rows) == [("M1", CARD, "active"), ("M2", SPARE, "active")]
