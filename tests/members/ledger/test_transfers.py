"""Moving points between members: what leaves arrives, whatever happens at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import invariants, services, transfers
from members.ledger import operations as ledger
from members.ledger import queries as ledger_queries
from members.ledger.models import Entry, Lot, Posting, Wallet
from members.ledger.operations import transferring
from members.profiles.models import Member, MemberStatus
from members.profiles.operations import Enrolled
from programs.setup.models import Program, Region
from tests import factories
from tests.factories import Shop
from tests.members.world import START, World, add_member, make_world
from tests.races import names, race

ANNA, BELA = "79927398713", "4539578763621486"
NOW = START + timedelta(hours=1)


def grant(world: World, member: Enrolled, amount: int, key: str, *, at: datetime = NOW) -> None:
    services.adjust_points(
        account_id=member.account_id, point_type_id=world.points_id, amount=amount, reason_id=world.reason_id, note="",
        request_key=key, is_unlimited=True, at=at,
    )  # fmt: skip


def send(world: World, sender: Enrolled, recipient: Enrolled, amount: int, key: str = "t", **changes: Any) -> Any:
    return transfers.transfer_points(
        **{
            "sender_id": sender.member_id, "recipient_id": recipient.member_id, "point_type_id": world.points_id,
            "amount": amount, "note": "", "request_key": key, "at": NOW, **changes,
        }
    )  # fmt: skip


def active(*members: Enrolled) -> list[int]:
    found = dict(Wallet.objects.values_list("account_id", "active"))
    return [found[one.account_id] for one in members]


@pytest.mark.django_db(transaction=True)
class TestTransferPoints:
    def test_lots_move_with_their_end_and_their_payer(self):
        world = make_world()
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            partner = factories.make_partner(factories.Shop(world.program_id, {}), "FRESH")
            for days, amount in ((0, 30), (3, 50)):
                grant(world, anna, amount, f"g{days}", at=NOW + timedelta(days=days))
            Lot.objects.filter(amount=30).update(partner_id=partner)

            done = send(world, anna, bela, 45, at=NOW + timedelta(days=4))

            assert (done.received, done.fee, active(anna, bela)) == (45, 0, [35, 45])
            before = {
                (lot.partner_id, lot.expires_at) for lot in Lot.objects.filter(wallet__account_id=anna.account_id)
            }
            arrived = Lot.objects.filter(wallet__account_id=bela.account_id).order_by("pk")
            assert [(lot.remaining, lot.partner_id, lot.rule) for lot in arrived] == [
                (30, partner, "transfer"), (15, None, "transfer")
            ]  # fmt: skip
            assert {(lot.partner_id, lot.expires_at) for lot in arrived} == before
            legs = Posting.objects.filter(bucket="transferred").order_by("pk").values_list("partner_id", "amount")
            assert sorted(legs, key=str) == sorted([(partner, 30), (None, 15), (partner, -30), (None, -15)], key=str)
            assert [one.kind for one in ledger_queries.entries(bela.account_id)] == ["transfer"]
            assert list(invariants.check("default")) == []

    def test_the_program_may_let_points_begin_their_life_anew(self):
        world = make_world(settings={"transfer_expiry": "restart"})
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 30, "g")

            send(world, anna, bela, 10, at=NOW + timedelta(days=7))

            own, arrived = (Lot.objects.get(wallet__account_id=one.account_id) for one in (anna, bela))
            assert (own.expires_at, arrived.expires_at) == (
                datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 8, tzinfo=UTC)
            )  # fmt: skip

    def test_the_fee_is_kept_of_what_leaves(self):
        world = make_world(settings={"transfer_fee_percent": 10})
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 100, "g")

            done = send(world, anna, bela, 55)

            assert (done.amount, done.fee, done.received) == (55, 5, 50)
            assert active(anna, bela) == [45, 50]
            assert Posting.objects.get(bucket="adjusted", entry=done.out).amount == 5
            assert list(invariants.check("default")) == []

    def test_the_day_has_a_limit_in_the_zone_of_the_program(self):
        world = make_world(settings={"transfer_daily_points": 50})
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 200, "g")
            send(world, anna, bela, 30, "t1")

            with pytest.raises(transferring.BeyondDailyLimit) as refusal:
                send(world, anna, bela, 21, "t2")

            assert refusal.value.facts == {"limit": "50", "left": "20"}
            assert active(anna, bela) == [170, 30]
            send(world, anna, bela, 20, "t3")
            send(world, anna, bela, 50, "t4", at=NOW + timedelta(days=1))
            assert active(anna, bela) == [100, 100]

    def test_the_terms_of_the_senders_region_go_before_those_of_the_program(self):
        world = make_world(settings={"transfer_fee_percent": 10})
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 100, "g")
            region = Region.objects.create(
                program_id=world.program_id, code="EAST", name={"en": "East"}, settings={"transfer_fee_percent": 50}
            )
            Member.objects.filter(pk=anna.member_id).update(region=region)

            assert send(world, anna, bela, 10).received == 5
            assert send(world, bela, anna, 4, "back").received == 4

    def test_repays_the_debt_of_who_receives(self):
        world = make_world()
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 100, "g")
            Wallet.objects.filter(account_id=bela.account_id).update(credit_limit=30)
            with unit_of_work():
                wallet = Wallet.objects.get(account_id=bela.account_id)
                ledger.spend(wallet.pk, 30, cause=ledger.Cause("redemption", None, "s"), at=NOW)

            send(world, anna, bela, 50)

            wallet.refresh_from_db()
            assert (wallet.active, wallet.debt) == (20, 0)
            with pytest.raises(ledger.InsufficientPoints):
                send(world, bela, anna, 21, "back")
            assert list(invariants.check("default")) == []

    def test_points_that_were_sent_count_toward_no_tier(self):
        world = make_world()
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 100, "g")
            send(world, anna, bela, 60)

            earned = ledger_queries.earned_by_day([anna.account_id, bela.account_id], world.points_id, START.date())

        assert earned == {anna.account_id: {START.date(): 100}}

    def test_a_repeated_key_moves_nothing_more(self):
        world = make_world()
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 100, "g")

            first, again = send(world, anna, bela, 60), send(world, anna, bela, 60)

            assert (first.out.pk, first.into.pk) == (again.out.pk, again.into.pk)
            assert (active(anna, bela), Entry.objects.filter(kind="transfer").count()) == ([40, 60], 2)

    def test_a_preview_moves_nothing(self):
        world = make_world()
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 100, "g")

            assert send(world, anna, bela, 60, preview=True).received == 60
            assert active(anna, bela) == [100, 0]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_opposing_transfers_do_not_wait_for_each_other_for_ever(self):
        world = make_world()
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            grant(world, anna, 100, "g1")
            grant(world, bela, 100, "g2")

        def cross(number: int) -> Any:
            pair = (anna, bela) if number % 2 else (bela, anna)
            with world.entered(), clock.fixed(NOW):
                return send(world, *pair, 10 + number, f"t{number}")

        answers = race(cross, times=4, pause_before=(transferring, "lots_to_spend"))

        assert names(answers) == ["Transferred"] * 4
        with world.entered():
            assert active(anna, bela) == [100 - 24 + 22, 100 - 22 + 24]
            assert list(invariants.check("default")) == []

    def test_the_same_points_are_sent_once(self):
        world = make_world()
        with world.entered():
            anna, bela, cyra = add_member("A"), add_member("B"), add_member("C")
            grant(world, anna, 100, "g")

        def give(number: int) -> Any:
            with world.entered(), clock.fixed(NOW):
                return send(world, anna, (bela, cyra)[number], 80, f"t{number}")

        answers = race(give, times=2, pause_before=(transferring, "lots_to_spend"))

        assert names(answers) == ["InsufficientPoints", "Transferred"]
        with world.entered():
            assert sorted(active(anna, bela, cyra)) == [0, 20, 80]
            assert list(invariants.check("default")) == []


@pytest.mark.django_db(transaction=True)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    fee=st.integers(0, 99),
    granted=st.lists(st.integers(1, 90), min_size=3, max_size=3),
    moves=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 120)), max_size=8),
)
def test_whatever_moves_the_sum_is_what_was_given_less_the_fees(fee, granted, moves):
    world = make_world(
        f"W{datetime.now(UTC).timestamp():.0f}-{id(moves)}"[:32].upper(), settings={"transfer_fee_percent": fee}
    )
    with world.entered():
        members = [add_member(f"M{number}") for number in range(3)]
        for number, (member, amount) in enumerate(zip(members, granted, strict=True)):
            grant(world, member, amount, f"g{number}", at=NOW + timedelta(days=number % 2))
        held, fees = list(granted), 0
        for number, (sender, recipient, amount) in enumerate(moves):
            at = NOW + timedelta(days=2)
            if sender == recipient:
                with pytest.raises(transfers.SameAccount):
                    send(world, members[sender], members[recipient], amount, f"t{number}", at=at)
            elif amount > held[sender]:
                with pytest.raises(ledger.InsufficientPoints):
                    send(world, members[sender], members[recipient], amount, f"t{number}", at=at)
            else:
                send(world, members[sender], members[recipient], amount, f"t{number}", at=at)
                held[sender] -= amount
                held[recipient] += amount - amount * fee // 100
                fees += amount * fee // 100
            assert active(*members) == held
        assert sum(held) + fees == sum(granted)
        assert list(invariants.check("default")) == []


@pytest.fixture
def shop(db) -> Shop:
    made = factories.make_program(point_types=(("POINTS", 1), ("STATUS", 0)))
    factories.make_member(made, card=ANNA)
    factories.make_member(made, card=BELA, number="M2")
    return made


@pytest.fixture
def api(shop: Shop) -> Any:
    made = factories.client(shop, "transfers.write", "adjustments.write", "members.read")
    give = {"member": {"kind": "card", "value": ANNA}, "type": "POINTS", "points": "50", "reason": "GOODWILL"}
    assert made.post("/api/v1/adjustments", give, HTTP_IDEMPOTENCY_KEY="g").status_code == 201
    return made


def post(api: Any, key: str = "k", **changes: Any) -> Any:
    sent = {
        "sender": {"kind": "card", "value": ANNA}, "recipient": {"kind": "card", "value": BELA}, "type": "POINTS",
        "points": "12.5", "note": "from mum", **changes,
    }  # fmt: skip
    return api.post("/api/v1/transfers", sent, HTTP_IDEMPOTENCY_KEY=key)


class TestApi:
    def test_answers_what_left_and_what_arrived(self, shop, api):
        with factories.entered(shop):
            Program.objects.update(settings={"transfer_fee_percent": 20})

        response, again = post(api), post(api)

        answer = response.json()
        assert response.status_code == 201
        assert {name: answer[name] for name in ("type", "points", "fee", "received")} == {
            "type": "POINTS", "points": "12.5", "fee": "2.5", "received": "10.0",
        }  # fmt: skip
        assert answer["balance"]["POINTS"]["active"] == "37.5"
        assert (again.content, again["Idempotent-Replay"]) == (response.content, "true")
        assert api.get(f"/api/v1/members/card:{BELA}/balance").json()["shown"]["POINTS"] == "10.0"
        (arrived,) = api.get(f"/api/v1/members/card:{BELA}/history").json()["results"]
        assert (arrived["kind"], arrived["points"]) == ("transfer", {"POINTS": "10.0"})

    @pytest.mark.parametrize(
        ("status", "code", "field", "changes"),
        [
            (409, "ledger.insufficient_points", None, {"points": "50.1"}),
            (400, "malformed", "points", {"points": "0"}),
            (400, "malformed", "points", {"points": "-1"}),
            (400, "malformed", "points", {"points": "0.05"}),
            (400, "malformed", "type", {"type": "MILES"}),
            (422, "ledger.not_transferable", "type", {"type": "STATUS", "points": "1"}),
            (422, "ledger.same_account", "recipient", {"recipient": {"kind": "card", "value": ANNA}}),
            (404, "members.unknown", None, {"recipient": {"kind": "card", "value": "0"}}),
            (404, "members.unknown", None, {"sender": {"kind": "card", "value": "0"}}),
            (400, "malformed", "from", {"from": ANNA}),
        ],
    )
    def test_refusals_move_nothing(self, shop, api, status, code, field, changes):
        response = post(api, **changes)

        assert (response.status_code, response.json()["code"]) == (status, code)
        assert [one["field"] for one in response.json().get("errors", [])] == ([field] if field else [])
        with factories.entered(shop):
            assert not Entry.objects.filter(kind="transfer").exists()

    def test_a_blocked_member_sends_and_receives_nothing(self, shop, api):
        with factories.entered(shop):
            Member.objects.filter(number="M2").update(status=MemberStatus.BLOCKED)

        assert post(api).json()["code"] == "ledger.member_inactive"
        with factories.entered(shop):
            assert not Entry.objects.filter(kind="transfer").exists()

    def test_a_member_of_another_program_receives_nothing(self, shop, api):
        other = factories.make_program("OTHER")
        factories.make_member(other, card="9616001000000005")

        response = post(api, recipient={"kind": "card", "value": "9616001000000005"})

        assert (response.status_code, response.json()["code"]) == (404, "members.unknown")
