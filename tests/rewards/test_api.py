"""Rewards over HTTP: the catalog, taking a reward, giving it back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import services as ledger
from members.ledger.models import Entry, Wallet
from members.profiles import operations as profiles
from members.profiles import services as members
from members.profiles.models import ContactChange, Member, MemberStatus
from members.profiles.operations import NewMember
from members.profiles.services import PersonChanges
from programs.setup.models import ReasonCode
from rewards.catalog.models import Reward
from rewards.redemption.models import Redemption
from tests import factories
from tests.factories import NOON, Shop

pytestmark = pytest.mark.django_db

CARD = "79927398713"
HELD = 505  # 50.5 points


def stock_up(shop: Shop, code: str = "MUG", *, price: int = 200, stock: int | None = 5, **values: Any) -> Reward:
    with factories.entered(shop), unit_of_work():
        return Reward.objects.create(
            code=code, name={"en": code.title(), "pl": f"{code.title()} po polsku"}, description={"en": code},
            price=price, stock=stock, **{"point_type_id": shop.point_types["POINTS"], **values},
        )  # fmt: skip


def make_shop(code: str = "SHOP") -> Shop:
    made = factories.make_program(code, point_types=(("POINTS", 1), ("STATUS", 0)))
    member = factories.make_member(made, card=CARD)
    with factories.entered(made):
        ledger.adjust_points(
            account_id=member.account_id, point_type_id=made.point_types["POINTS"], amount=HELD,
            reason_id=ReasonCode.objects.get().pk, note="", request_key="start", is_unlimited=False, at=NOON,
        )  # fmt: skip
    return made


def state_of(shop: Shop, code: str = "MUG") -> tuple[int, int | None, int, int]:
    """Points of the member, units in stock, redemptions, entries beyond the first correction."""
    with factories.entered(shop):
        return (
            Wallet.objects.get(point_type__code="POINTS").active,
            Reward.objects.get(code=code).stock,
            Redemption.objects.count(),
            Entry.objects.count() - 1,
        )


def redeem(api: Any, key: str = "k-1", **changes: Any) -> Any:
    given = {"member": {"kind": "card", "value": CARD}, "reward": "MUG", "quantity": 2, **changes}
    return api.post("/api/v1/redemptions", given, HTTP_IDEMPOTENCY_KEY=key)


def cancel(api: Any, redemption_id: str, key: str = "c-1", **changes: Any) -> Any:
    address = f"/api/v1/redemptions/{redemption_id}/cancel"
    return api.post(address, {"reason": "changed mind", **changes}, HTTP_IDEMPOTENCY_KEY=key)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def api(shop: Shop) -> Any:
    return factories.client(shop, "redemptions.write")


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


class TestCatalog:
    def test_tells_what_points_buy_in_the_language_of_the_reader(self, shop):
        mug, trip = stock_up(shop), stock_up(shop, "TRIP", price=90000, stock=None, kind="service")
        stock_up(shop, "GONE", stock=0)
        stock_up(shop, "LATER", starts_at=NOON + timedelta(seconds=1))
        stock_up(shop, "OVER", ends_at=NOON)
        stock_up(shop, "OLD", archived_at=NOON)
        api = factories.client(shop, "rewards.read")

        answer = api.get("/api/v1/rewards", HTTP_ACCEPT_LANGUAGE="pl").json()

        assert answer["next"] is None
        assert answer["results"][:2] == [
            {
                "id": str(mug.public_id), "code": "MUG", "name": "Mug po polsku", "kind": "gift", "price": "20.0",
                "type": "POINTS", "stock": 5, "is_available": True,
            },
            {
                "id": str(trip.public_id), "code": "TRIP", "name": "Trip po polsku", "kind": "service",
                "price": "9000.0", "type": "POINTS", "stock": None, "is_available": True,
            },
        ]  # fmt: skip
        assert [(row["code"], row["stock"], row["is_available"]) for row in answer["results"][2:]] == [
            ("GONE", 0, False)
        ]
        assert api.get("/api/v1/rewards", HTTP_ACCEPT_LANGUAGE="en").json()["results"][0]["name"] == "Mug"

    def test_pages_without_repeating_or_hiding(self, shop):
        for number in range(5):
            stock_up(shop, f"R{number}")
        api = factories.client(shop, "rewards.read")

        pages = [api.get("/api/v1/rewards", {"limit": 2}).json()]
        while pages[-1]["next"]:
            pages.append(api.get("/api/v1/rewards", {"limit": 2, "cursor": pages[-1]["next"]}).json())

        assert [[row["code"] for row in page["results"]] for page in pages] == [["R0", "R1"], ["R2", "R3"], ["R4"]]

    def test_shows_nothing_of_another_program(self, shop):
        stock_up(shop)
        other = make_shop("OTHER")

        assert factories.client(other, "rewards.read").get("/api/v1/rewards").json() == {"results": [], "next": None}

    def test_a_cursor_of_another_list_is_refused(self, shop):
        response = factories.client(shop, "rewards.read").get(
            "/api/v1/rewards", {"cursor": "WyIyMDI2LTEwLTIwVDEyOjAwOjAwKzAwOjAwIiwxXQ"}
        )

        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "invalid_cursor")


class TestRedeem:
    def test_spends_the_price_of_all_units(self, shop, api):
        stock_up(shop)

        response = redeem(api)

        assert response.status_code == 201, response.content
        answer = response.json()
        with factories.entered(shop):
            row = Redemption.objects.get()
        assert answer == {
            "id": str(row.public_id), "code": row.code, "reward": "MUG", "quantity": 2, "type": "POINTS",
            "price": "40.0", "state": "issued", "redeemed_at": "2026-10-20T12:00:00Z", "canceled_at": None,
            "reason": "",
            "balance": {
                "POINTS": {"active": "10.5", "pending": "0.0", "reserved": "0.0", "debt": "0.0"},
                "STATUS": {"active": "0", "pending": "0", "reserved": "0", "debt": "0"},
            },
        }  # fmt: skip
        assert (row.channel, row.price) == ("api", 400)
        assert state_of(shop) == (105, 3, 1, 1)

    def test_a_repeat_gets_the_first_answer_and_spends_nothing(self, shop, api):
        stock_up(shop)

        first, again = redeem(api), redeem(api)

        assert (again.status_code, again["Idempotent-Replay"], again.content) == (201, "true", first.content)
        assert state_of(shop) == (105, 3, 1, 1)
        assert redeem(api, quantity=1).json()["code"] == "idempotency_mismatch"
        assert state_of(shop) == (105, 3, 1, 1)

    def test_one_unit_unless_told_otherwise(self, shop, api):
        stock_up(shop)
        given = {"member": {"kind": "card", "value": CARD}, "reward": "MUG"}

        response = api.post("/api/v1/redemptions", given, HTTP_IDEMPOTENCY_KEY="k-1")

        assert (response.json()["quantity"], response.json()["price"]) == (1, "20.0")
        assert state_of(shop) == (305, 4, 1, 1)

    def test_too_few_points_move_nothing(self, shop, api):
        stock_up(shop, price=506)

        response = redeem(api, quantity=1)

        assert (response.status_code, response.json()["code"]) == (409, "ledger.insufficient_points")
        assert response["Content-Type"] == "application/problem+json"
        assert state_of(shop) == (505, 5, 0, 0)

    def test_who_never_had_points_has_too_few(self, shop, api):
        stock_up(shop)
        with factories.entered(shop), unit_of_work():
            profiles.add_members([NewMember(number="M2", enrolled_at=NOON, cards=("4111111111111111",))])

        response = redeem(api, member={"kind": "card", "value": "4111111111111111"})

        assert (response.status_code, response.json()["code"]) == (409, "ledger.insufficient_points")
        assert state_of(shop) == (505, 5, 0, 0)

    def test_points_that_only_count_buy_nothing(self, shop, api):
        stock_up(shop, point_type_id=shop.point_types["STATUS"])

        response = redeem(api)

        assert (response.status_code, response.json()["code"]) == (422, "rewards.not_spendable")
        assert state_of(shop) == (505, 5, 0, 0)

    def test_a_blocked_member_takes_nothing(self, shop, api):
        stock_up(shop)
        with factories.entered(shop):
            Member.objects.update(status=MemberStatus.BLOCKED)

        response = redeem(api)

        assert (response.status_code, response.json()["code"]) == (409, "rewards.member_inactive")
        assert state_of(shop) == (505, 5, 0, 0)

    def test_who_waits_after_a_new_address_is_told_the_instant_as_machines_read_it(self, shop, api):
        stock_up(shop)
        with factories.entered(shop):
            person = Member.objects.get()
            members.change_member(person.pk, PersonChanges(email="new@example.com"))
        before = state_of(shop)

        answer = redeem(api).json()

        with factories.entered(shop):
            until = ContactChange.objects.get().held_until
        assert answer["code"] == "members.contact_changed_recently"
        assert datetime.fromisoformat(answer["until"]) == until
        assert state_of(shop) == before

    def test_sold_out_moves_nothing(self, shop, api):
        stock_up(shop, stock=1)

        response = redeem(api)

        assert (response.status_code, response.json()["code"]) == (409, "rewards.unavailable")
        assert state_of(shop) == (505, 1, 0, 0)
        assert redeem(api, "k-2", quantity=1).status_code == 201
        assert state_of(shop) == (305, 0, 1, 1)

    def test_another_programs_reward_is_as_unknown_as_any(self, shop, api):
        stock_up(shop)
        other = make_shop("OTHER")
        stock_up(other, "CUP")

        foreign, unknown = redeem(api, reward="CUP"), redeem(api, "k-2", reward="NOTHING")

        assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
        assert foreign.content == unknown.content
        assert (state_of(shop), state_of(other, "CUP")) == ((505, 5, 0, 0), (505, 5, 0, 0))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"quantity": 0}, "quantity"),
            ({"quantity": 101}, "quantity"),
            ({"quantity": "two"}, "quantity"),
            ({"reward": ""}, "reward"),
            ({"price": "1"}, "price"),
            ({"member": {"kind": "shoe", "value": CARD}}, "member.kind"),
        ],
    )
    def test_a_malformed_request_moves_nothing(self, shop, api, changes, field):
        stock_up(shop)

        response = redeem(api, **changes)

        assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)
        assert state_of(shop) == (505, 5, 0, 0)

    def test_the_scope_to_read_does_not_redeem(self, shop):
        stock_up(shop)

        response = redeem(factories.client(shop, "rewards.read", "members.write"))

        assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
        assert state_of(shop) == (505, 5, 0, 0)


class TestCancel:
    def test_gives_points_and_units_back(self, shop, api):
        stock_up(shop)
        redeemed = redeem(api).json()

        response = cancel(api, redeemed["id"])

        assert response.status_code == 200, response.content
        assert response.json() == redeemed | {
            "state": "canceled", "canceled_at": "2026-10-20T12:00:00Z", "reason": "changed mind",
            "balance": redeemed["balance"]
            | {"POINTS": {"active": "50.5", "pending": "0.0", "reserved": "0.0", "debt": "0.0"}},
        }  # fmt: skip
        assert state_of(shop) == (505, 5, 1, 2)

    def test_a_repeat_gets_the_first_answer_and_another_key_a_refusal(self, shop, api):
        stock_up(shop)
        redeemed = redeem(api).json()
        first = cancel(api, redeemed["id"])

        again, other = cancel(api, redeemed["id"]), cancel(api, redeemed["id"], "c-2")

        assert (again.status_code, again["Idempotent-Replay"], again.content) == (200, "true", first.content)
        assert (other.status_code, other.json()["code"]) == (409, "rewards.already_canceled")
        assert state_of(shop) == (505, 5, 1, 2)

    def test_is_refused_when_thirty_days_have_passed(self, shop, api):
        stock_up(shop)
        redeemed = redeem(api).json()

        with clock.fixed(NOON + timedelta(days=30, seconds=1)):
            response = cancel(api, redeemed["id"])

        assert (response.status_code, response.json()["code"]) == (409, "rewards.too_late_to_cancel")
        assert state_of(shop) == (105, 3, 1, 1)

    def test_another_programs_redemption_is_as_unknown_as_any(self, shop, api):
        stock_up(shop)
        redeemed = redeem(api).json()
        stranger = factories.client(make_shop("OTHER"), "redemptions.write")

        foreign = cancel(stranger, redeemed["id"])
        unknown = cancel(stranger, "00000000-0000-4000-8000-000000000000", "c-2")

        assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
        assert foreign.content == unknown.content
        assert state_of(shop) == (105, 3, 1, 1)

    def test_needs_a_reason(self, shop, api):
        stock_up(shop)
        redeemed = redeem(api).json()

        response = cancel(api, redeemed["id"], reason=" ")

        assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "reason")
        assert state_of(shop) == (105, 3, 1, 1)

    def test_cannot_be_read(self, shop, api):
        stock_up(shop)

        response = api.get(f"/api/v1/redemptions/{redeem(api).json()['id']}/cancel")

        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
