"""``POST /api/v1/events``: declared happenings of members, taken in once and shown in the history."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from loyalty.kernel import clock
from loyalty.kernel.models import OutboxEvent
from members.activity import events
from members.activity.models import Event, Received
from members.profiles.models import Member, MemberStatus
from programs.setup import services as setup
from programs.setup.models import EventKind
from tests import factories
from tests.factories import NOON, Shop
from tests.races import race

CARD = "79927398713"
ATTRIBUTES = [
    {"name": "stars", "type": "whole", "required": True},
    {"name": "words", "type": "text", "required": False},
    {"name": "price", "type": "number", "required": False},
    {"name": "is_public", "type": "yes_no", "required": False},
    {"name": "bought_on", "type": "date", "required": False},
]


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    with factories.entered(made):
        setup.declare_event(code="REVIEW", name={"en": "Review written", "pl": "Opinia"}, attributes=ATTRIBUTES)
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def api(shop: Shop) -> Any:
    return factories.client(shop, "events.write", "members.read", "adjustments.write")


def body(**changes: Any) -> dict[str, Any]:
    given = {
        "external_id": "E-1",
        "member": {"kind": "card", "value": CARD},
        "kind": "REVIEW",
        "at": "2026-10-20T11:00:00+00:00",
        "attributes": {"stars": 5, "words": "good", "price": "1.50", "is_public": True, "bought_on": "2026-10-19"},
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def report(api: Any, **changes: Any) -> Any:
    return api.post("/api/v1/events", body(**changes))


def counted(shop: Shop) -> tuple[int, int, int]:
    with factories.entered(shop):
        told = OutboxEvent.objects.filter(type="event.recorded").count()
        return Event.objects.count(), Received.objects.filter(kind="event").count(), told


@pytest.mark.django_db
class TestRecordEvent:
    def test_answers_what_was_recorded(self, shop, api):
        response = api.post("/api/v1/events", body(), HTTP_ACCEPT_LANGUAGE="pl")

        answer = response.json()
        assert (response.status_code, len(answer.pop("id"))) == (201, 36)
        assert answer == {
            "external_id": "E-1", "source": "api", "kind": "REVIEW", "name": "Opinia",
            "at": "2026-10-20T11:00:00+00:00", "attributes": body()["attributes"],
        }  # fmt: skip
        assert counted(shop) == (1, 1, 1)

    def test_the_same_event_again_is_the_first(self, shop, api):
        first, again = report(api), report(api)

        assert (again.status_code, again.content, again["Idempotent-Replay"]) == (201, first.content, "true")
        other = report(api, attributes={"stars": 1})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        assert counted(shop) == (1, 1, 1)

    def test_without_an_external_id_the_key_names_it(self, shop, api):
        nameless = body(external_id=None)

        refused = api.post("/api/v1/events", nameless)
        first, again = (api.post("/api/v1/events", nameless, HTTP_IDEMPOTENCY_KEY="k") for _time in range(2))
        second = api.post("/api/v1/events", nameless, HTTP_IDEMPOTENCY_KEY="k-2")

        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
        assert (first.content, again["Idempotent-Replay"], second.status_code) == (again.content, "true", 201)
        assert counted(shop) == (2, 2, 2)

    @pytest.mark.parametrize(
        ("status", "code", "error", "changes"),
        [
            (422, "activity.unknown_event", ("kind", "activity.unknown_event"), {"kind": "DANCE"}),
            (422, "activity.event_in_the_future", ("at", "activity.event_in_the_future"),
             {"at": (NOON + timedelta(hours=1)).isoformat()}),
            (422, "activity.event_too_late", ("at", "activity.event_too_late"),
             {"at": (NOON - timedelta(days=31)).isoformat()}),
            (404, "members.unknown", None, {"member": {"kind": "card", "value": "0"}}),
            (400, "malformed", ("attributes.stars", "required"), {"attributes": {}}),
            (400, "malformed", ("attributes.stars", "not_a_number"), {"attributes": {"stars": "5"}}),
            (400, "malformed", ("attributes.stars", "not_a_number"), {"attributes": {"stars": True}}),
            (400, "malformed", ("attributes.mood", "unknown_field"), {"attributes": {"stars": 5, "mood": "good"}}),
            (400, "malformed", ("attributes.words", "not_a_text"), {"attributes": {"stars": 5, "words": "x" * 201}}),
            (400, "malformed", ("attributes.price", "not_a_number"), {"attributes": {"stars": 5, "price": 1.5}}),
            (400, "malformed", ("attributes.is_public", "not_yes_or_no"), {"attributes": {"stars": 5, "is_public": 1}}),
            (400, "malformed", ("attributes.bought_on", "not_a_date"),
             {"attributes": {"stars": 5, "bought_on": "2026-02-30"}}),
            (400, "malformed", ("attributes", "invalid"), {"attributes": ["stars"]}),
            (400, "malformed", ("points", "unknown_field"), {"points": "5"}),
        ],
    )  # fmt: skip
    def test_refusals_record_nothing(self, shop, api, status, code, error, changes):
        response = report(api, **changes)

        assert (response.status_code, response.json()["code"]) == (status, code), response.content
        named = [(one["field"], one["code"]) for one in response.json().get("errors", [])]
        assert named == ([error] if error else [])
        assert counted(shop) == (0, 0, 0)

    def test_a_blocked_member_takes_no_part(self, shop, api):
        with factories.entered(shop):
            Member.objects.update(status=MemberStatus.BLOCKED)

        assert report(api).json()["code"] == "activity.member_blocked"
        assert counted(shop) == (0, 0, 0)

    def test_a_kind_of_another_program_is_unknown_here(self, shop):
        other = factories.make_program("OTHER")
        factories.make_member(other, card=CARD)

        response = report(factories.client(other, "events.write"))

        assert response.json()["code"] == "activity.unknown_event"
        assert "REVIEW" not in response.json()["detail"].replace("“REVIEW”", "")

    def test_an_event_can_be_neither_changed_nor_deleted(self, shop, api):
        report(api)

        with factories.entered(shop):
            rows = Event.objects.all()
            for deed in (lambda: rows.update(attributes={}), lambda: rows._raw_delete("default")):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                    deed()


@pytest.mark.django_db
def test_events_stand_in_the_history_in_the_order_of_time(api):
    for number, hour in ((1, 8), (2, 10)):
        report(api, external_id=f"E-{number}", at=f"2026-10-20T{hour:02}:00:00+00:00")
    given = {"member": {"kind": "card", "value": CARD}, "type": "POINTS", "points": "3", "reason": "GOODWILL"}
    api.post("/api/v1/adjustments", given, HTTP_IDEMPOTENCY_KEY="k")
    address = f"/api/v1/members/card:{CARD}/history"

    first = api.get(address, {"limit": 2}).json()
    second = api.get(address, {"limit": 2, "cursor": first["next"]}).json()

    assert [row["kind"] for row in (*first["results"], *second["results"])] == ["adjust", "event", "event"]
    assert [row["event"]["external_id"] for row in (first["results"][1], second["results"][0])] == ["E-2", "E-1"]
    assert (first["results"][0]["event"], first["results"][1]["points"]) == (None, {})


@pytest.mark.django_db
def test_a_promotion_that_counts_events_finds_them(shop):
    told = {"op": "history", "measure": "events", "event": "REVIEW", "cmp": "gte", "value": 2}
    fixed = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "10"}}
    factories.publish(shop, "CRITIC", {"schema": "promo/1", "when": told, "then": [fixed]})
    api = factories.client(shop, "events.write", "purchases.write")

    def earned(number: int) -> str:
        given = {"external_id": f"R-{number}", "member": {"kind": "card", "value": CARD}, "currency": "USD"}
        sold = {"at": "2026-10-20T11:30:00Z", "lines": [{"sku": "A", "amount": "1.00"}]}
        return str(api.post("/api/v1/transactions", {**given, **sold}).json()["points"]["POINTS"])

    report(api)
    assert earned(1) == "1"
    report(api, external_id="E-2")
    assert earned(2) == "11"
    # What happens after the purchase does not count for it.
    report(api, external_id="E-3", at="2026-10-20T11:45:00+00:00")
    assert earned(3) == "11"


@pytest.mark.django_db(transaction=True)
def test_the_same_event_twice_at_once_is_recorded_once(shop):
    def once(_number: int) -> Any:
        with clock.fixed(NOON):
            return report(factories.client(shop, "events.write"))

    first, second = race(once, times=2, pause_before=(events, "_occurred_at"))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert counted(shop) == (1, 1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "attributes",
    [
        [{"name": "stars", "type": "colour", "required": True}],
        [{"name": "Stars", "type": "whole", "required": True}],
        [{"name": "stars", "type": "whole"}],
        [ATTRIBUTES[0], ATTRIBUTES[0]],
        [{"name": f"a{number}", "type": "text", "required": False} for number in range(21)],
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(shop, attributes):
    with factories.entered(shop):
        with pytest.raises(ValidationError):
            setup.declare_event(code="DANCE", name={"en": "Dance"}, attributes=attributes)
        assert EventKind.objects.count() == 1
