"""What a till says that makes no sense, comes too late or does not add up; what it prints."""

from datetime import timedelta

import pytest

from loyalty.kernel import clock
from members.activity.models import Purchase
from members.till import tokens
from tests import factories
from tests.factories import NOON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]


class TestTillInput:
    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"op_id": "7"}, 400, "malformed"),
            ({"pos_seq": -1}, 400, "malformed"),
            ({"pos_seq": 10**18}, 400, "malformed"),
            ({"till": ""}, 400, "malformed"),
            ({"purchase": []}, 400, "malformed"),
            ({"purchase": {}}, 400, "malformed"),
            ({"points": "-5"}, 400, "malformed"),
            ({"points": "1251"}, 409, "ledger.insufficient_points"),
            ({"points": "1001"}, 422, "activity.points_beyond_purchase"),
            ({"offline": "perhaps"}, 400, "malformed"),
            ({"points": "5", "offline": True, "balance_token": "no.token"}, 422, "till.offline_burn_not_allowed"),
            ({"anything": 1}, 400, "malformed"),
        ],
    )
    def test_is_refused_and_moves_nothing(self, till, changes, status, code):
        said = {**till.said(purchase=till.receipt("R-1", "200.00" if changes.get("points") == "1251" else "100.00"))}
        answer = till.post("till/receipts", {**said, **changes})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        with factories.entered(till.shop):
            assert (till.held(), Purchase.objects.count()) == ((1250, 0, 0), 0)

    def test_a_refused_receipt_leaves_its_session_as_it_was(self, till):
        session = till.reserved("100", "50.00")
        factories.make_member(till.shop, card="4539578763621486", number="M2")
        strange = {**till.receipt("R-1", "50.00"), "member": {"kind": "card", "value": "4539578763621486"}}
        late = till.receipt("R-1", "50.00", at=NOON - timedelta(days=31))
        answers = [till.post(f"till/sessions/{session}/commit", till.said(purchase=one)) for one in (strange, late)]
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(400, "malformed"), (422, "till.too_old")]
        assert till.held() == (1150, 100, 0)
        paid = till.post(f"till/sessions/{session}/commit", till.said(purchase=till.receipt("R-1", "50.00")))
        assert (paid.status_code, paid.json()["state"], till.held()) == (201, "committed", (1300, 0, 0))

    def test_a_clock_an_hour_ahead_is_refused(self, till):
        answer = till.post(
            "till/receipts", till.said(purchase=till.receipt("R-1", "10.00", at=NOON + timedelta(hours=1)))
        )  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (422, "activity.in_the_future")

    def test_one_that_cannot_be_read_keeps_no_other_back(self, till):
        good = till.said(type="commit", purchase=till.receipt("R-1"))
        answer = till.post("till/operations", {"operations": [7, {"type": "dance"}, {"type": "commit"}, good]})
        assert [one["status"] for one in answer.json()["results"]] == ["rejected"] * 3 + ["accepted"]
        assert till.held() == (1350, 0, 0)

    def test_a_receipt_is_not_voided_on_another_day(self, till):
        session = till.post("till/receipts", till.said(purchase=till.receipt("R-1"))).json()["session"]
        with clock.fixed(NOON + timedelta(days=1)):
            answer = till.post(f"till/sessions/{session}/void", till.said())
        assert (answer.status_code, answer.json()["code"]) == (409, "till.day_closed")
        assert till.held() == (1350, 0, 0)

    def test_money_that_does_not_fit_is_said(self, till):
        answer = till.post("till/receipts", till.said(purchase=till.receipt("R-1"), money="99.00")).json()
        assert (answer["status"], answer["warnings"]) == ("accepted", ["money_differs"])

    @pytest.mark.parametrize(
        ("language", "line"),
        [("en", "Earned: 150 points"), ("pl", "Naliczono: 150 points"), ("ru", "Начислено: 150 points")],
    )
    def test_the_paper_speaks_the_members_language(self, till, language, line):
        with factories.entered(till.shop):
            till.anna_row().update(language=language)
        session = till.reserved("500", "200.00")
        answer = till.post(
            f"till/sessions/{session}/commit", till.said(purchase=till.receipt("R-1", "200.00"), points="500")
        ).json()  # fmt: skip
        assert line in answer["receipt"]
        assert len(answer["receipt"]) >= 4

    def test_a_note_of_a_balance_is_good_here_only(self):
        note = tokens.Note(1, "m", "POINTS", 5, NOON)
        assert tokens.read(tokens.sign(note)) == note
        assert tokens.read(tokens.sign(note)[:-2] + "xx") is None
        assert tokens.read("") is None
