"""Members are told of each step of their returns, in their language, by the messages that the program chose."""

import pytest

from loyalty.kernel import clock
from members.activity.models import ReturnNotice
from members.messaging.models import Message, MessageTemplate
from members.profiles.models import Member
from tests import factories
from tests.factories import NOON
from tests.members.activity.returning import Counter, add_terms, open_counter

pytestmark = pytest.mark.django_db

TEXTS = {
    "accepted": "Zwrot do paragonu {receipt}: {amount}",
    "points_taken": "Odjęto: {points}",
    "bonus_given": "Za zwrot: {points}",
    "review": "Zwrot {receipt} sprawdzi pracownik",
}


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.fixture
def counter() -> Counter:
    made = open_counter()
    with factories.entered(made.shop):
        Member.objects.update(language="pl")
        for step, text in TEXTS.items():
            template = MessageTemplate.objects.create(
                code=step.upper(), name={"en": step}, channel="in_app", body={"en": "–", "pl": text}
            )
            ReturnNotice.objects.create(step=step, template=template)
    return made


def told(counter: Counter) -> list[tuple[str, str, str]]:
    with factories.entered(counter.shop):
        rows = Message.objects.order_by("pk")
        return [(row.template.code, row.body.replace("\N{NO-BREAK SPACE}", " "), row.state) for row in rows]


def test_each_step_that_happened_is_told_once(counter):
    add_terms(counter.shop, bonus=100)
    counter.buy()

    counter.bring_back(("tv", 1), settlement="bonus")
    counter.bring_back(("tv", 1), settlement="bonus")

    assert told(counter) == [
        ("ACCEPTED", "Zwrot do paragonu R-1: 100,00 USD", "sent"),
        ("POINTS_TAKEN", "Odjęto: 100 points", "sent"),
        ("BONUS_GIVEN", "Za zwrot: 10 000 points", "sent"),
    ]


def test_what_did_not_happen_is_not_told(counter):
    add_terms(counter.shop, points_mode="keep")
    counter.buy()

    counter.bring_back(("tv", 1))

    assert [code for code, _body, _state in told(counter)] == ["ACCEPTED"]


def test_a_return_that_is_put_before_a_person_is_told(counter):
    add_terms(counter.shop, days=0)
    with clock.fixed(NOON.replace(day=22)):
        counter.bring_back(("tv", 1))
        counter.buy()

    assert told(counter) == [("REVIEW", "Zwrot R-1 sprawdzi pracownik", "sent")]


def test_who_takes_no_part_any_more_is_not_told(counter):
    counter.buy()
    with factories.entered(counter.shop):
        Member.objects.update(status="blocked")

    assert counter.bring_back(("tv", 1)).status_code == 201
    assert [(code, state) for code, _body, state in told(counter)] == [
        ("ACCEPTED", "suppressed"),
        ("POINTS_TAKEN", "suppressed"),
    ]


def test_a_refused_return_and_a_quote_tell_nobody(counter):
    add_terms(counter.shop, gives_money=False)
    counter.buy()

    assert counter.bring_back(("tv", 1)).status_code == 422
    asked = {"lines": [{"line_id": "tv", "qty": 1}], "settlement": "exchange", "exchange": "R-9"}
    assert counter.api.post("/api/v1/transactions/R-1/returns/quote", asked).status_code == 200

    assert told(counter) == []


def test_an_archived_notice_is_silent(counter):
    with factories.entered(counter.shop):
        ReturnNotice.objects.filter(step="accepted").update(archived_at=NOON)
    counter.buy()

    counter.bring_back(("tv", 1))

    assert [code for code, _body, _state in told(counter)] == ["POINTS_TAKEN"]
