"""``/api/v1/members/{identity}/consents``: giving, withdrawing, and the proof of both."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from loyalty.kernel import clock
from loyalty.kernel.models import AuditRecord, OutboxEvent
from loyalty.kernel.text import Texts
from members.consents import services
from members.consents.models import Consent, ConsentPurpose, ConsentText
from tests import factories
from tests.factories import NOON, Shop
from tests.races import names, race

CARD = "79927398713"
ADDRESS = f"/api/v1/members/card:{CARD}/consents"


def ask_for(shop: Shop, code: str, *texts: str) -> None:
    """A purpose with its texts, the last of which holds."""
    with factories.entered(shop):
        purpose = ConsentPurpose.objects.create(program_id=shop.program_id, code=code, name={"en": code.title()})
        for text in texts:
            services.publish_text(purpose_id=purpose.pk, text=Texts({"en": text, "pl": f"{text} (pl)"}))


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card=CARD)
    ask_for(made, "NEWS", "We write to you.", "We write to you monthly.")
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def api(shop: Shop) -> Any:
    return factories.client(shop, "consents.write", "members.read")


def say(api: Any, key: str = "k-1", *, address: str = ADDRESS, **changes: Any) -> Any:
    content = {
        "purpose": "NEWS", "decision": "given", "version": 2, "method": "checkbox", "language": "en", "channel": "web",
        **changes,
    }  # fmt: skip
    content = {name: value for name, value in content.items() if value is not None}
    return api.post(address, content, HTTP_IDEMPOTENCY_KEY=key)


def withdraw(api: Any, key: str = "k-2", **changes: Any) -> Any:
    return say(api, key, decision="withdrawn", version=None, **changes)


def counted(shop: Shop) -> tuple[int, int]:
    with factories.entered(shop):
        return Consent.objects.count(), OutboxEvent.objects.filter(type__startswith="consent.").count()


@pytest.mark.django_db
class TestConsents:
    def test_nobody_asked_yet(self, api):
        assert api.get(ADDRESS, HTTP_ACCEPT_LANGUAGE="pl").json() == {
            "results": [
                {"purpose": "NEWS", "name": "News", "version": 2, "text": "We write to you monthly. (pl)",
                 "is_given": False, "is_of_older_text": False, "history": []}
            ]
        }  # fmt: skip

    def test_given_with_its_proof_and_withdrawn(self, shop, api):
        given = say(api, place="store-1", at="2026-10-20T11:30:00+00:00")
        withdrawn = withdraw(api, method="spoken", channel="phone")

        assert (given.status_code, withdrawn.status_code) == (201, 201)
        assert {name: value for name, value in given.json().items() if name not in {"id", "recorded_at"}} == {
            "decision": "given", "version": 2, "method": "checkbox", "language": "en", "channel": "web",
            "place": "store-1", "recorded_by": "test key", "at": "2026-10-20T11:30:00+00:00",
        }  # fmt: skip
        (standing,) = api.get(ADDRESS).json()["results"]
        assert standing["is_given"] is False
        assert [(one["decision"], one["version"], one["channel"]) for one in standing["history"]] == [
            ("withdrawn", 2, "phone"), ("given", 2, "web"),
        ]  # fmt: skip
        with factories.entered(shop):
            told = OutboxEvent.objects.filter(subject="consent").order_by("pk").values_list("type", flat=True)
            assert list(told) == ["consent.given", "consent.withdrawn"]
            written = AuditRecord.objects.filter(action__startswith="consent.").order_by("pk")
            assert [one.changes for one in written] == [{"NEWS": [None, "given"]}, {"NEWS": ["given", "withdrawn"]}]

    def test_who_agreed_to_older_words_is_told_apart(self, shop, api):
        say(api)
        with factories.entered(shop):
            purpose = ConsentPurpose.objects.get()
            services.publish_text(purpose_id=purpose.pk, text=Texts({"en": "We write to you daily."}))

        (standing,) = api.get(ADDRESS).json()["results"]

        assert (standing["is_given"], standing["is_of_older_text"], standing["version"]) == (True, True, 3)
        assert withdraw(api).json()["version"] == 2

    def test_a_repeat_gets_the_first_answer(self, shop, api):
        first, again = say(api), say(api)

        assert (again.content, again["Idempotent-Replay"]) == (first.content, "true")
        assert counted(shop) == (1, 1)

    @pytest.mark.parametrize(
        ("status", "code", "field", "changes"),
        [
            (422, "consents.unknown_purpose", "purpose", {"purpose": "PHONE"}),
            (409, "consents.other_text", "version", {"version": 1}),
            (409, "consents.not_given", None, {"decision": "withdrawn", "version": None}),
            (422, "consents.in_the_future", "at", {"at": (NOON + timedelta(hours=1)).isoformat()}),
            (400, "malformed", "version", {"version": None}),
            (400, "malformed", "method", {"method": "guessed"}),
            (400, "malformed", "decision", {"decision": "perhaps"}),
            (400, "malformed", "who", {"who": "me"}),
            (404, "members.unknown", None, {"address": "/api/v1/members/card:0/consents"}),
        ],
    )
    def test_refusals_record_nothing(self, shop, api, status, code, field, changes):
        response = say(api, **changes)

        assert (response.status_code, response.json()["code"]) == (status, code)
        assert [one["field"] for one in response.json().get("errors", [])] == ([field] if field else [])
        assert counted(shop) == (0, 0)

    def test_an_archived_purpose_is_asked_for_no_more(self, shop, api):
        with factories.entered(shop):
            ConsentPurpose.objects.update(archived_at=NOON)

        assert api.get(ADDRESS).json() == {"results": []}
        assert say(api).json()["code"] == "consents.unknown_purpose"

    def test_another_program_knows_nothing_of_it(self, shop, api):
        say(api)
        other = factories.make_program("OTHER")

        assert factories.client(other, "members.read").get(ADDRESS).status_code == 404

    @pytest.mark.parametrize(("model", "change"), [(Consent, {"method": "paper"}), (ConsentText, {"version": 9})])
    def test_what_was_said_can_be_neither_changed_nor_deleted(self, shop, api, model, change):
        say(api)

        with factories.entered(shop):
            for deed in (lambda: model.objects.update(**change), lambda: model.objects.all()._raw_delete("default")):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                    deed()


@pytest.mark.django_db(transaction=True)
def test_of_two_withdrawals_at_once_one_finds_nothing_to_withdraw(shop):
    say(factories.client(shop, "consents.write"))
    with factories.entered(shop):
        member = Consent.objects.get().member_id
    said = services.Said(
        purpose="NEWS", decision=services.Decision.WITHDRAWN, version=0, method="spoken", language="en", channel="desk"
    )

    def once(number: int) -> Any:
        with factories.entered(shop):
            return services.record_consent(member_id=member, said=said, request_key=f"r-{number}", at=NOON, now=NOON)

    answers = race(once, times=2, pause_before=(services.operations, "write"))

    assert names(answers) == ["Consent", "NotGiven"]
    assert counted(shop)[0] == 2
