"""Terms of return at a till: refunds keep to them, a void undoes a mistake whatever they say."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from members.activity.models import Return
from programs.promotions import services as promotions
from programs.returns.models import ReturnTerms
from programs.setup.models import PointType
from tests import factories
from tests.factories import NOON
from tests.members.till.room import Till

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def open_till(**terms: Any) -> tuple[Till, str]:
    """A till that has sold for 100.00, 50.00 of it paid with 500 points, and the basket's session."""
    till = Till()
    with factories.entered(till.shop):
        kind = {"bonus_type": PointType.objects.get()} if "bonus_percent" in terms else {}
        ReturnTerms.objects.create(since_date="2026-01-01", **kind, **terms)
        promotions.freeze_settings(now=NOON)
    session = till.reserved("500", "60.00", "40.00")
    paid = till.post(
        f"till/sessions/{session}/commit",
        till.said(purchase=till.receipt("R-1", "60.00", "40.00"), points="500", money="50.00"),
    )
    assert paid.status_code == 201, paid.content
    assert till.held() == (800, 0, 0)
    return till, session


def refund(till: Till, session: str, **content: Any) -> Any:
    return till.post("till/refunds", till.said(session=session, **content))


def test_a_refund_after_the_last_day_is_rejected_and_moves_nothing():
    till, session = open_till(days=1)

    with clock.fixed(NOON + timedelta(days=2)):
        answer = refund(till, session)

    assert (answer.status_code, answer.json()["code"]) == (422, "activity.return_window_over")
    assert till.held() == (800, 0, 0)
    with factories.entered(till.shop):
        assert not Return.objects.exists()


def test_a_bonus_is_given_for_the_money_alone_and_points_that_paid_come_back():
    till, session = open_till(bonus_percent=200)

    back = refund(till, session, lines=[{"line_id": "A", "qty": "1"}], settlement="bonus").json()["returned"]

    # Of 60.00 half was paid with 300 points; twice 30.00 at ten cents a point are 600; 30 points had been earned.
    assert (back["restored"], back["money_back"], back["bonus"], back["reversed"]) == (
        {"POINTS": "300"}, "0.00", {"POINTS": "600"}, {"POINTS": "30"},
    )  # fmt: skip
    assert till.held() == (800 + 300 + 600 - 30, 0, 0)
    assert till.is_sound()


def test_the_same_operation_again_gives_no_second_bonus():
    till, session = open_till(bonus_percent=100)
    said = till.said(session=session, settlement="bonus")
    first = till.post("till/refunds", said).json()

    again = till.post("till/refunds", said)

    assert (again["Idempotent-Replay"], again.json()) == ("true", first)
    # 500 come back, 50 that were earned go, and 50.00 at ten cents a point are 500.
    assert till.held() == (800 + 500 - 50 + 500, 0, 0)


def test_an_exchange_names_its_receipt_before_that_is_rung_up():
    till, session = open_till(gives_money=False)

    refused = refund(till, session)
    back = refund(till, session, settlement="exchange", exchange="R-2").json()["returned"]

    assert (refused.status_code, refused.json()["code"]) == (422, "activity.no_money_back")
    assert (back["settlement"], back["exchange"], back["money_back"]) == ("exchange", "R-2", "0.00")


def test_a_void_undoes_everything_whatever_the_terms_say():
    till, session = open_till(points_mode="keep", gives_money=False)

    answer = till.post(f"till/sessions/{session}/void", till.said())

    assert answer.status_code == 201, answer.content
    assert till.held() == (1250, 0, 0)
    assert till.is_sound()
