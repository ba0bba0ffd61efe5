"""Spending into debt up to a limit, and the next points that repay it.

The race of a limit taken away against a spending has been seen red without the wallet's lock in ``credit.set_limit``;
that of two spendings on one limit leans on the lock of every spending.
"""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock
from loyalty.kernel.errors import Malformed
from loyalty.kernel.models import AuditRecord, OutboxEvent
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import credit, invariants, services, transfers
from members.ledger import operations as ledger
from members.ledger.models import Entry, TierCredit
from members.profiles.models import MemberTier
from members.profiles.operations import Enrolled
from programs.setup.models import PointType
from programs.tiers.models import Tier, TierScheme
from tests import factories
from tests.factories import NOON
from tests.members.world import START, World, add_member, make_world, purchase, record_purchase, wallet_of
from tests.races import names, race

pytestmark = pytest.mark.django_db(transaction=True)
NOW = START + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now():
    with clock.fixed(NOW):
        yield


def give(world: World, member: Enrolled, amount: int, key: str = "g") -> Entry:
    return services.adjust_points(
        account_id=member.account_id, point_type_id=world.points_id, amount=amount, reason_id=world.reason_id, note="",
        request_key=key, is_unlimited=True, at=NOW,
    )  # fmt: skip


def allow(world: World, member: Enrolled, limit: int, why: str = "a good customer") -> Any:
    return credit.set_limit(member_id=member.member_id, point_type_id=world.points_id, limit=limit, why=why, at=NOW)


def spend(member: Enrolled, amount: int, key: str = "s") -> Entry:
    with unit_of_work():
        cause = ledger.Cause("test", None, key)
        return ledger.spend(wallet_of(member.account_id).pk, amount, cause=cause, at=NOW)


def state(member: Enrolled) -> tuple[int, int, int]:
    wallet = wallet_of(member.account_id)
    return wallet.active, wallet.debt, wallet.credit_limit


class TestSetLimit:
    def test_spending_goes_into_debt_up_to_the_limit_and_not_beyond(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            give(world, anna, 30)
            allow(world, anna, 50)

            with pytest.raises(ledger.InsufficientPoints) as refusal:
                spend(anna, 81)
            assert refusal.value.facts == {"available": "80", "needed": "81"}
            assert state(anna) == (30, 0, 50)

            spend(anna, 80)
            assert state(anna) == (0, 50, 50)
            with pytest.raises(ledger.InsufficientPoints):
                spend(anna, 1, "s-2")
            assert list(invariants.check("default")) == []

    def test_the_next_earning_repays_first(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            allow(world, anna, 50)
            spend(anna, 40)

            record_purchase(purchase(anna.member_id, "R-1", [(1, "25.00")], at=NOW))
            assert state(anna) == (0, 15, 50)
            record_purchase(purchase(anna.member_id, "R-2", [(1, "25.00")], at=NOW))

            assert state(anna) == (10, 0, 50)
            assert list(invariants.check("default")) == []

    def test_is_written_down_once_with_its_reason(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            version = wallet_of(anna.account_id).version
            allow(world, anna, 50)
            allow(world, anna, 50)

            deed = AuditRecord.objects.get(action="credit.changed")
            assert (deed.changes, deed.reason) == ({"credit_limit": [0, 50]}, "a good customer")
            assert OutboxEvent.objects.filter(type="credit.changed").count() == 1
            assert (wallet_of(anna.account_id).version, Entry.objects.count()) == (version, 0)

    def test_is_never_lower_than_the_debt(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            allow(world, anna, 50)
            spend(anna, 40)

            with pytest.raises(credit.CreditInUse) as refusal:
                allow(world, anna, 39)

            assert refusal.value.facts == {"debt": "40"}
            assert state(anna) == (0, 40, 50)
            allow(world, anna, 40)
            assert state(anna) == (0, 40, 40)

    @pytest.mark.parametrize(("limit", "why"), [(-1, "a good customer"), (10, " ")])
    def test_below_zero_or_without_a_reason_is_refused(self, limit, why):
        world = make_world()
        with world.entered():
            anna = add_member()
            with pytest.raises(Malformed):
                allow(world, anna, limit, why)
            assert state(anna) == (0, 0, 0)

    def test_points_that_only_count_are_never_owed(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            PointType.objects.update(is_spendable=False)
            with pytest.raises(credit.NoCredit):
                allow(world, anna, 10)
            assert state(anna) == (0, 0, 0)

    def test_credit_is_neither_sent_on_nor_corrected_away(self):
        world = make_world()
        with world.entered():
            anna, bela = add_member("A"), add_member("B")
            allow(world, anna, 50)
            with pytest.raises(ledger.InsufficientPoints):
                transfers.transfer_points(
                    sender_id=anna.member_id, recipient_id=bela.member_id, point_type_id=world.points_id, amount=1,
                    note="", request_key="t", at=NOW,
                )  # fmt: skip
            with pytest.raises(ledger.InsufficientPoints):
                give(world, anna, -1, "k")
            assert (state(anna), Entry.objects.count()) == ((0, 0, 50), 0)


class TestRaces:
    def test_two_spendings_share_one_limit(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            allow(world, anna, 50)

        def act(number: int) -> Entry:
            with world.entered(), clock.fixed(NOW):
                return spend(anna, 30, f"s-{number}")

        answers = race(act, times=2, pause_before=(ledger.moves, "post"))

        assert names(answers) == ["Entry", "InsufficientPoints"]
        with world.entered():
            assert state(anna) == (0, 30, 50)
            assert list(invariants.check("default")) == []

    def test_a_limit_taken_away_meets_a_spending(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            allow(world, anna, 50)

        def act(number: int) -> Any:
            with world.entered(), clock.fixed(NOW):
                return spend(anna, 30) if number else allow(world, anna, 0)

        answers = race(act, times=2, pause_before=(ledger.moves, "post"))

        with world.entered():
            wallet = wallet_of(anna.account_id)
            assert names(answers) in (["CreditInUse", "Entry"], ["InsufficientPoints", "Wallet"])
            assert wallet.debt <= wallet.credit_limit
            assert list(invariants.check("default")) == []


class TestApi:
    def test_sets_the_limit_and_shows_it_in_the_balance(self):
        card = "79927398713"
        shop = factories.make_program(point_types=(("POINTS", 1),))
        factories.make_member(shop, card=card)
        api = factories.client(shop, "members.read", "adjustments.write")
        address, body = f"/api/v1/members/card:{card}/credit-limit", {"type": "POINTS", "limit": "12.5", "why": "VIP"}
        with clock.fixed(NOON):
            first = api.put(address, body, HTTP_IDEMPOTENCY_KEY="k")
            again = api.put(address, body, HTTP_IDEMPOTENCY_KEY="k")
            wrong = api.put(address, {**body, "limit": "-1"}, HTTP_IDEMPOTENCY_KEY="k-2")
            read = factories.client(shop, "members.read").put(address, body, HTTP_IDEMPOTENCY_KEY="k-3")
            balance = api.get(f"/api/v1/members/card:{card}/balance").json()

        assert (first.status_code, first.json()) == (200, {"type": "POINTS", "limit": "12.5", "debt": "0.0"})
        assert (again.content, again["Idempotent-Replay"]) == (first.content, "true")
        assert (wrong.status_code, read.status_code) == (400, 403)
        assert balance["credit_limit"] == {"POINTS": "12.5"}


def give_tier(member: Enrolled, tier: Tier) -> None:
    MemberTier.objects.filter(member_id=member.member_id).update(ended_at=NOW)
    MemberTier.objects.create(member_id=member.member_id, scheme=tier.scheme, tier=tier, since_at=NOW, cause="manual")


def make_tier(world: World, code: str, rank: int, *limits: int) -> Tier:
    scheme = TierScheme.objects.filter(code="STATUS").first() or TierScheme.objects.create(
        code="STATUS", name={"en": "Status"}, point_type_id=world.points_id
    )
    tier = Tier.objects.create(scheme=scheme, code=code, name={"en": code}, rank=rank, threshold=rank * 1000)
    for limit in limits:
        TierCredit.objects.create(tier=tier, point_type_id=world.points_id, limit=limit)
    return tier


class TestTiers:
    def test_the_newest_limit_of_the_present_tier_is_in_force(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            give_tier(anna, make_tier(world, "GOLD", 2, 80, 40))
            give_tier(add_member("B"), make_tier(world, "TOP", 3, 500))

            with pytest.raises(ledger.InsufficientPoints) as refusal:
                spend(anna, 41)
            assert refusal.value.facts == {"available": "40", "needed": "41"}
            spend(anna, 40)

            assert (state(anna), credit.limits(anna.account_id)) == ((0, 40, 0), {"POINTS": 40})
            assert list(invariants.check("default")) == []

    def test_a_lost_tier_lends_no_more_and_its_debt_stays_explained(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            give_tier(anna, make_tier(world, "GOLD", 2, 40))
            spend(anna, 30)
            give_tier(anna, make_tier(world, "BASIC", 0))

            with pytest.raises(ledger.InsufficientPoints):
                spend(anna, 1, "s-2")

            assert (state(anna), credit.limits(anna.account_id)) == ((0, 30, 0), {"POINTS": 0})
            assert list(invariants.check("default")) == []

    @pytest.mark.parametrize(("own", "in_force"), [(10, 40), (60, 60)])
    def test_the_higher_of_own_and_tier_counts(self, own, in_force):
        world = make_world()
        with world.entered():
            anna = add_member()
            give_tier(anna, make_tier(world, "GOLD", 2, 40))
            allow(world, anna, own)

            assert credit.limits(anna.account_id) == {"POINTS": in_force}
            spend(anna, in_force)
            allow(world, anna, in_force)
            assert list(invariants.check("default")) == []

    def test_a_debt_beyond_all_credit_is_a_breach(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            give_tier(anna, make_tier(world, "GOLD", 2, 40))
            allow(world, anna, 60)
            spend(anna, 60)
            wallet = wallet_of(anna.account_id)
            wallet.credit_limit = 0
            wallet.save(update_fields=["credit_limit"])

            assert [one.code for one in invariants.check("default")] == ["L25"]
