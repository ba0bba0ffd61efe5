"""A till goes on without rules and with a history that does not come in time."""

from datetime import timedelta

import pytest
from django.db import connection

from members.ledger import holds
from members.ledger.models import Hold
from members.till import services
from members.till.models import TillOperation
from members.till.reading import kept_order
from programs.setup.models import Program
from tests import factories
from tests.factories import NOON
from tests.members.till.room import CARD, later

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]


class TestDegraded:
    """No rules, or a history that does not come in time: the till goes on, and the points follow."""

    def test_without_rules_a_quote_says_what_it_can(self, till):
        with factories.entered(till.shop):
            Program.objects.update(snapshot_number=999)
        answer = till.quote("100.00")
        assert (answer["to_pay"], answer["redeem"]["most"], answer["points"]) == ("100.00", "1000", {})
        assert (answer["is_complete"], answer["missing"]) == (False, ["rules"])

    def test_without_rules_a_receipt_is_accepted_and_judged_later(self, till):
        with factories.entered(till.shop):
            number = Program.objects.get().snapshot_number
            Program.objects.update(snapshot_number=999)
        said = till.said(purchase=till.receipt("R-1", "100.00"))

        answer = till.post("till/receipts", said)

        assert (answer.status_code, answer.json()["status"], answer.json()["is_complete"]) == (202, "accepted", False)
        assert answer.json()["warnings"] == ["points_later", "rules"]
        assert till.post("till/receipts", said).content == answer.content
        assert till.held() == (1250, 0, 0)
        with factories.entered(till.shop):
            assert CARD not in str(TillOperation.objects.get().content)
            assert services.complete_kept(kept_order) == 0
            Program.objects.update(snapshot_number=number)
            assert [services.complete_kept(kept_order) for _turn in range(2)] == [1, 0]
            assert TillOperation.objects.get().content is None
        assert till.held() == (1350, 0, 0)
        done = till.post("till/receipts", said)
        assert (done.status_code, done.json()["is_complete"]) == (201, True)
        assert done.json()["transaction"]["points"]["POINTS"] == "100"
        assert till.is_sound()

    def test_a_session_paid_with_money_is_judged_later_whatever_became_of_its_reservation(self, till):
        sessions = [till.reserved("100", "50.00"), till.reserved("200", "50.00")]
        with factories.entered(till.shop):
            number = Program.objects.get().snapshot_number
            Program.objects.update(snapshot_number=999)
        told = [
            till.post(f"till/sessions/{session}/commit", till.said(purchase=till.receipt(name, "50.00"), **paid))
            for session, name, paid in zip(sessions, ("R-1", "R-2"), ({}, {"points": "200"}), strict=True)
        ]
        assert [one.status_code for one in told] == [202, 202]
        quoted = till.quote("50.00")["quote"]
        unheld = till.post(
            f"till/sessions/{quoted}/commit", till.said(purchase=till.receipt("R-3", "50.00"), points="5")
        )  # fmt: skip
        assert (unheld.status_code, unheld.json()["code"]) == (409, "till.not_yet")
        with factories.entered(till.shop):
            for hold in Hold.objects.all():
                holds.release_hold(hold.pk, reason="x", request_key="x", at=NOON)
            Program.objects.update(snapshot_number=number)
            assert services.complete_kept(kept_order) == 2
        # 50 for the first receipt; 30 for the money part of the second, whose 200 points were taken nevertheless.
        assert till.held() == (1250 + 50 + 30 - 200, 0, 0)
        assert till.is_sound()

    def test_one_that_makes_no_sense_keeps_the_others_from_nothing(self, till):
        with factories.entered(till.shop):
            number = Program.objects.get().snapshot_number
            Program.objects.update(snapshot_number=999)
        for name in ("R-1", "R-2"):
            till.post("till/receipts", till.said(purchase=till.receipt(name, "100.00")))
        with factories.entered(till.shop):
            Program.objects.update(snapshot_number=number)
            row = TillOperation.objects.earliest("pk")
            row.content["purchase"]["basket_discount"] = "100.01"
            row.save(update_fields=["content"])
            assert services.complete_kept(kept_order) == 2
            assert list(TillOperation.objects.order_by("pk").values_list("status", flat=True)) == [
                "rejected",
                "accepted",
            ]
        assert till.held() == (1350, 0, 0)

    def test_a_slow_history_does_not_hold_the_till_up(self, till, settings):
        settings.TILL_BUDGET = timedelta(milliseconds=80)
        session = till.reserved("500", "200.00")
        said = till.said(purchase=till.receipt("R-1", "200.00"), points="500")
        with factories.entered(till.shop), Blocked("members_purchase"):
            answer = till.post(f"till/sessions/{session}/commit", said)
            assert (answer.status_code, answer.json()["warnings"]) == (202, ["points_later", "history"])
            assert till.held() == (750, 500, 0)
        with later(30), factories.entered(till.shop):
            # The time of the reservation is over meanwhile: what the till was promised is taken nevertheless.
            assert services.complete_kept(kept_order) == 1
        assert till.held() == (900, 0, 0)

    def test_a_step_that_does_not_come_in_time_is_sent_again(self, till, settings):
        settings.TILL_BUDGET = timedelta(milliseconds=80)
        said = till.said(quote=till.quote("200.00")["quote"], points="500")
        with factories.entered(till.shop), Blocked("members_wallet"):
            answer = till.post("till/sessions", said)
            assert (answer.status_code, answer.json()["code"]) == (409, "till.not_yet")
        assert till.held() == (1250, 0, 0)
        assert till.post("till/sessions", said).json()["state"] == "reserved"
        assert till.held() == (750, 500, 0)

    def test_points_that_nobody_holds_are_not_given_away_unseen(self, till):
        with factories.entered(till.shop):
            Program.objects.update(snapshot_number=999)
        answer = till.post("till/receipts", till.said(purchase=till.receipt("R-1", "100.00"), points="10"))
        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "till.not_yet", "60")
        assert till.held() == (1250, 0, 0)


class Blocked:
    """Somebody else has a table to themselves for a while."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __enter__(self) -> None:
        self.other = connection.copy()
        self.other.set_autocommit(False)
        with self.other.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{self.table}" IN SHARE ROW EXCLUSIVE MODE')

    def __exit__(self, *_raised: object) -> None:
        self.other.rollback()
        self.other.close()
