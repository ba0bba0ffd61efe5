"""Every case of the neutral protocol (pos_cases.json) through the HTTP door."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import OutboxEvent
from members.ledger import holds
from members.profiles import services as profiles
from members.till import services
from members.till.models import CheckoutState
from tests import factories
from tests.factories import NOON
from tests.members.till.room import CARD, Till, later

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]
GOLDEN = json.loads((Path(__file__).parent / "pos_cases.json").read_text())
PROTOCOL, REFUND = GOLDEN["neutral_protocol"], GOLDEN["worked_refund"]
OFFLINE = {one["case"]: one for one in GOLDEN["offline_cases"]}


def american(state: str) -> str:
    return state.replace("cancelled", "canceled")


class TestStates:
    """Each transition of the table, from a basket that stands where it begins."""

    @staticmethod
    def standing(till: Till, state: str) -> str:
        if state == "quoted":
            return str(till.quote("100.00", "50.00")["quote"])
        session = till.reserved("500", "100.00", "50.00")
        receipt = till.receipt("R-1", "100.00", "50.00")
        steps: dict[str, list[tuple[str, dict[str, Any]]]] = {
            "reserved": [],
            "expired": [],
            "cancelled": [("cancel", {})],
            "committed": [("commit", {"purchase": receipt, "points": "500"})],
        }
        steps["voided"] = [*steps["committed"], ("void", {})]
        steps["refunded"] = [*steps["committed"], ("refund", {})]
        steps["partially_refunded"] = [
            *steps["committed"], ("refund", {"lines": [{"line_id": "A", "qty": "1"}]}),
        ]  # fmt: skip
        for verb, content in steps[state]:
            assert TestStates.act(till, session, verb, **content).status_code == 201
        return session

    @staticmethod
    def act(till: Till, session: str, verb: str, **content: Any) -> Any:
        if verb == "refund":
            return till.post("till/refunds", till.said(session=session, **content))
        if verb == "reserve":
            return till.post("till/sessions", till.said(quote=session, points="500"))
        if verb == "commit" and "purchase" not in content:
            content["purchase"] = till.receipt("R-2", "100.00", "50.00")
        return till.post(f"till/sessions/{session}/{verb}", till.said(**content))

    def test_the_states_are_those_of_the_protocol(self):
        assert set(CheckoutState.values) == {american(state) for state in PROTOCOL["states"]}

    @pytest.mark.parametrize("transition", PROTOCOL["transitions"], ids=lambda one: f"{one[0]}-{one[1]}")
    def test_a_step_leads_where_the_table_says(self, till, transition):
        before, step, after = transition
        verb = step.split()[0]
        if before == "(none)":
            assert till.quote()["quote"]
            return
        session = self.standing(till, before)
        if verb == "ttl":
            with later(15):
                refused = self.act(till, session, "commit", points="500")
                assert refused.json()["code"] == "till.reservation_expired"
            return
        some = {"lines": [{"line_id": "A", "qty": "1"}]} if "some lines" in step else {}

        answer = self.act(till, session, verb, **some)

        assert (answer.status_code, answer.json()["state"]) == (201, american(after))
        assert till.is_sound()

    @pytest.mark.parametrize("forbidden", PROTOCOL["illegal"], ids=lambda one: f"{one[0]}-{one[1]}")
    def test_a_step_that_the_table_forbids_is_refused_and_moves_nothing(self, till, forbidden):
        state, verb, expected = forbidden
        session = self.standing(till, state)
        with later(20 if state == "expired" else 0):
            with factories.entered(till.shop):
                holds.lapse_due(at=clock.now())
            before = till.held()

            answer = self.act(till, session, verb)

            assert answer.status_code == int(expected.split()[0])
            named = expected.split()[1] if len(expected.split()) > 1 else "invalid_state"
            assert answer.json()["code"] == f"till.{named}"
            assert till.held() == before
            if "offline=true" in expected:
                receipt = till.receipt("R-9", "100.00", at=NOON)
                taken = self.act(till, session, "commit", offline=True, purchase=receipt)
                assert (taken.status_code, taken.json()["state"]) == (201, "committed")
                assert till.held() == (1350, 0, 0)
            assert till.is_sound()


class TestWorkedRefund:
    def test_points_come_back_in_steps_and_the_rest_is_money(self, till):
        given = REFUND["receipt"]
        prices = [
            f"{one['quantity']}x{one['unit_price'] // 100}.{one['unit_price'] % 100:02}" for one in given["basket"]
        ]
        session = till.reserved(str(given["points_paid"]), *prices)
        money = f"{given['money_paid_minor'] / 100:.2f}"

        paid = TestStates.act(
            till,
            session,
            "commit",
            purchase=till.receipt("R-1", *prices),
            points=str(given["points_paid"]),
            money=money,
        ).json()

        assert paid["transaction"]["points"]["POINTS"] == str(given["points_earned"])
        assert (paid["transaction"]["to_pay"], paid["warnings"]) == (money, [])
        balance = 1250 - given["points_paid"] + given["points_earned"]
        assert till.held() == (balance, 0, 0)
        returned = [[("B", "1")], [("A", "1")], [("B", "1"), ("C", "1")]]
        for step, lines in zip(REFUND["steps"], returned, strict=True):
            answer = TestStates.act(
                till, session, "refund", lines=[{"line_id": line, "qty": count} for line, count in lines]
            ).json()["returned"]

            assert answer["restored"] == {"POINTS": str(step["points_restored"])}
            assert answer["money_back"] == f"{step['money_back_minor'] / 100:.2f}"
            assert answer["reversed"] == {"POINTS": str(step["points_clawed_back"])}
            so_far = step["cumulative"]
            left = balance + so_far["points_restored"] - so_far["clawed_back"]
            assert till.held() == (left, 0, 0)
        assert till.held() == (1250, 0, 0)
        assert till.is_sound()


class TestFarCards:
    """What that protocol says in XML, said in ours: the facts are read from its own messages."""

    @staticmethod
    def told(name: str) -> dict[int, int]:
        root = ElementTree.fromstring(GOLDEN["farcards"][name]["request"])
        return {int(one.get("Kind")): int(one.get("Summa")) for one in root.iter("TransactionsEx")}

    def test_card_info_is_who_and_how_much(self, till):
        answer = ElementTree.fromstring(GOLDEN["farcards"]["getcardinfoex"]["response"].split("?>", 1)[1])
        info = answer.find("GetCardInfoEx")

        found = till.post("till/identify", {"member": {"kind": "card", "value": CARD}}).json()

        assert found["name"] == info.get("Holder")
        assert found["redeem"]["value"] == f"{int(info.get('Summa')) / 100:.2f}"
        assert (found["redeem"]["available"], found["flags"]) == ("1250", [])

    def test_a_sale_burns_earns_and_a_cancel_undoes_both(self, till):
        sale = self.told("transactionsex_sale")
        burned, earned, spent = -sale[0] // 10, sale[2] // 10, sale[3]
        total = f"{(spent - sale[0]) / 100:.2f}"
        session = till.reserved(str(burned), total)

        paid = TestStates.act(
            till,
            session,
            "commit",
            purchase=till.receipt("1077", total),
            points=str(burned),
            money=f"{spent / 100:.2f}",
        ).json()

        assert paid["transaction"]["points"]["POINTS"] == str(earned)
        assert till.held() == (1250 - burned + earned, 0, 0)
        undone = self.told("transactionsex_cancel")
        assert {kind: -amount for kind, amount in sale.items()} == undone
        voided = TestStates.act(till, session, "void").json()
        assert (voided["state"], till.held()) == ("voided", (1250, 0, 0))
        assert till.is_sound()


class TestOffline:
    @staticmethod
    def commit(till: Till, at: datetime, number: str = "R-1", price: str = "100.00", **content: Any) -> dict[str, Any]:
        return till.said(
            type="commit", offline=True, purchase=till.receipt(number, price, at=at), **content
        )  # fmt: skip

    @staticmethod
    def send(till: Till, *operations: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, list[int]]]:
        answer = till.post("till/operations", {"operations": list(operations)})
        assert answer.status_code == 207
        return answer.json()["results"], answer.json()["missing"]

    @pytest.fixture
    def case(self, request: Any) -> dict[str, Any]:
        return OFFLINE[request.param]

    def test_every_case_is_here(self):
        assert len([name for name in dir(self) if name.startswith("test_case_")]) == len(OFFLINE)

    def test_case_uploaded_three_hours_later(self, till):
        expected = OFFLINE["earn while offline, uploaded 3 h later"]["expect"]
        (result,), missing = self.send(till, self.commit(till, NOON - timedelta(hours=3)))
        assert (result["status"], missing) == (expected["status"], {"4": []})
        assert result["transaction"]["transaction"]["at"] == (NOON - timedelta(hours=3)).isoformat()
        assert till.held() == (1350, 0, 0)

    def test_case_uploaded_twice(self, till):
        expected = OFFLINE["same op uploaded twice"]["expect"]
        operation = self.commit(till, NOON)
        (first,), _missing = self.send(till, operation)
        (again,), _missing = self.send(till, operation)
        assert again == {**first, "status": expected["status"]}
        assert till.held() == (1350, 0, 0)

    def test_case_another_amount(self, till):
        expected = OFFLINE["same op_id, different amount"]["expect"]
        operation = self.commit(till, NOON)
        self.send(till, operation)
        (result,), _missing = self.send(till, {**operation, "purchase": till.receipt("R-1", "90.00")})
        assert (result["status"], result["problem"]["code"]) == (expected["status"], expected["code"])
        assert result["problem"]["status"] == expected["http_equivalent"]
        assert till.held() == (1350, 0, 0)

    def test_case_a_gap(self, till):
        expected = OFFLINE["gap in pos_seq (101 then 103)"]["expect"]
        first, lost, third = (self.commit(till, NOON, number=f"R-{number}") for number in (101, 102, 103))
        assert [one["pos_seq"] for one in (first, lost, third)] == [101, 102, 103]
        results, missing = self.send(till, third, first)
        assert [one["status"] for one in results] == [expected["status"]] * 2
        assert (results[0]["warnings"], results[1]["warnings"], missing) == ([expected["warning"]], [], {"4": [102]})
        assert till.api.get("/api/v1/till/config/4").json()["missing"] == [102]
        with factories.entered(till.shop):
            told = [services.find_gaps(at=NOON + timedelta(hours=hours)) for hours in (23, 25, 26)]
            assert (told, OutboxEvent.objects.filter(type="till.numbers_missed").count()) == ([0, 1, 0], 1)
        _results, missing = self.send(till, lost)
        assert missing == {"4": []}
        assert till.held() == (1550, 0, 0)

    def test_case_a_burn_below_the_floor(self):
        case = OFFLINE[
            "offline burn allowed up to 2000 minor with balance token younger than 24 h; balance since spent elsewhere"
        ]
        till = Till(balance=200, till_offline_limit=2000)
        token = till.post("till/identify", {"member": {"kind": "card", "value": CARD}}).json()["balance_token"]
        till.grant(-150)
        with later(60):
            (result,), _missing = self.send(
                till, self.commit(till, NOON + timedelta(minutes=30), points="200", balance_token=token)
            )
        assert (result["status"], result["flags"]) == (case["expect"]["status"], [case["expect"]["flag"]])
        # 50 were there, 150 are a debt; 80 earned by the money part repaid it in the same step or follow it.
        active, reserved, debt = till.held()
        assert (active - debt, reserved) == (200 - 150 - 200 + 80, 0)
        assert debt > 0
        assert till.is_sound()

    def test_case_a_burn_above_the_floor(self):
        expected = OFFLINE["offline burn above floor limit"]["expect"]
        till = Till(till_offline_limit=2000)
        token = till.post("till/identify", {"member": {"kind": "card", "value": CARD}}).json()["balance_token"]
        forged = token[:-4] + "AAAA"
        for points, note in (("201", token), ("100", forged), ("100", None)):
            told = {"points": points} | ({"balance_token": note} if note else {})
            (result,), _missing = self.send(till, self.commit(till, NOON, number=f"R-{points}-{note}"[:40], **told))
            assert (result["status"], result["problem"]["code"]) == (expected["status"], f"till.{expected['code']}")
        assert till.held() == (1250, 0, 0)

    def test_all_of_a_day_together_is_within_the_note_and_the_limit(self):
        till = Till(balance=200, till_offline_limit=2000)
        token = till.post("till/identify", {"member": {"kind": "card", "value": CARD}}).json()["balance_token"]
        told = [
            self.send(till, self.commit(till, NOON, number=number, points=points, balance_token=token))[0][0]
            for number, points in (("R-1", "120"), ("R-2", "81"), ("R-3", "80"), ("R-4", "1"))
        ]
        assert [one["status"] for one in told] == ["accepted", "rejected", "accepted", "rejected"]
        assert till.is_sound()

    def test_another_note_of_the_same_balance_gives_no_more(self):
        till = Till(balance=200, till_offline_limit=2000)
        notes = [
            till.post("till/identify", {"member": {"kind": "card", "value": CARD}}).json()["balance_token"]
            for _number in range(2)
        ]
        told = [
            self.send(till, self.commit(till, NOON, number=f"R-{place}", points="150", balance_token=note))[0][0][
                "status"
            ]
            for place, note in enumerate(notes)
        ]
        assert told == ["accepted", "rejected"]

    def test_a_receipt_that_was_refused_took_nothing(self):
        till = Till(balance=200, till_offline_limit=2000)
        token = till.post("till/identify", {"member": {"kind": "card", "value": CARD}}).json()["balance_token"]
        old = self.commit(till, NOON, number="R-1", price="1.00", points="150", balance_token=token)
        (refused,), _missing = self.send(till, old)
        (taken,), _missing = self.send(till, self.commit(till, NOON, number="R-2", points="200", balance_token=token))
        assert (refused["status"], taken["status"]) == ("rejected", "accepted")

    def test_case_a_clock_ahead(self, till):
        expected = OFFLINE["occurred_at 10 min in the future"]["expect"]
        (result,), _missing = self.send(till, self.commit(till, NOON + timedelta(minutes=10)))
        assert (result["status"], result["warnings"]) == (expected["status"], [expected["warning"]])
        assert result["transaction"]["transaction"]["at"] == NOON.isoformat()

    def test_case_too_old(self, till):
        expected = OFFLINE["occurred_at older than 30 days"]["expect"]
        (result,), _missing = self.send(till, self.commit(till, NOON - timedelta(days=31)))
        assert (result["status"], result["problem"]["code"]) == (expected["status"], f"till.{expected['code']}")
        assert till.held() == (1250, 0, 0)

    def test_case_a_refund_before_its_sale(self, till):
        expected = OFFLINE["refund arrives before its sale (two terminals)"]["expect"]
        sale = self.commit(till, NOON, number="R-7")
        back = till.said(type="refund", receipt="R-7", lines=[{"line_id": "A", "qty": "1"}])
        (result,), _missing = self.send(till, back)
        assert (result["status"], till.held()) == (expected["status"], (1250, 0, 0))
        self.send(till, sale)
        (result,), _missing = self.send(till, back)
        assert (result["status"], result["state"], till.held()) == ("accepted", "refunded", (1250, 0, 0))
        assert till.is_sound()

    def test_case_a_card_blocked_meanwhile(self, till):
        expected = OFFLINE["card blocked between occurred_at and received_at"]["expect"]
        with factories.entered(till.shop):
            profiles.block_identifier(till.anna.member_id, kind="card", value=CARD)
        with later(60):
            before, after = self.commit(till, NOON - timedelta(minutes=5)), self.commit(till, NOON, number="R-2")
            results, _missing = self.send(till, before, after)
        assert [one["status"] for one in results] == [expected["status"], "rejected"]
        assert results[1]["problem"]["code"] == "members.unknown"
        assert till.held() == (1350, 0, 0)
