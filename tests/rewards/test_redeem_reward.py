"""Taking rewards: the price is paid once, the stock is never oversold, cancellation gives everything back."""

from datetime import timedelta

import pytest

from loyalty.kernel import clock
from loyalty.kernel.errors import NotFound
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import invariants
from members.ledger import operations as ledger
from members.ledger.models import Entry, Lot
from members.profiles.models import Member
from programs.setup.models import PointType, Region
from rewards.catalog.models import Reward
from rewards.redemption import operations, services
from rewards.redemption.models import Redemption
from tests.members.world import START, World, add_member, make_world, purchase, record_purchase, wallet_of
from tests.races import names, race

NOW = START + timedelta(hours=1)


def add_reward(code: str = "MUG", *, price: int = 30, stock: int | None = 1) -> Reward:
    with unit_of_work():
        return Reward.objects.create(
            code=code, name={"en": code}, description={"en": code}, price=price, stock=stock,
            point_type=PointType.objects.get(code="POINTS"),
        )  # fmt: skip


def add_rich_member(number: str, amount: str = "40.00") -> ledger.Cause:
    member = add_member(number)
    record_purchase(purchase(member.member_id, f"R-{number}", [(1, amount)]))
    return member


def redeem(member, reward: Reward, *, key: str = "k1", quantity: int = 1, **values) -> Redemption:
    return services.redeem_reward(
        member_id=member.member_id,
        reward_id=reward.pk,
        quantity=quantity,
        request_key=key,
        channel="store",
        at=NOW,
        **values,
    )


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _now():
    with clock.fixed(NOW):
        yield


@pytest.mark.django_db
class TestRedeeming:
    def test_spends_the_price_and_takes_one_unit(self, world):
        with world.entered():
            member, reward = add_rich_member("M1"), add_reward(stock=5)
            redemption = redeem(member, reward, quantity=1)
            reward.refresh_from_db()
            assert (redemption.price, reward.stock, wallet_of(member.account_id).active) == (30, 4, 10)
            assert len(redemption.code) == 10

    def test_the_same_key_again_is_the_first_answer(self, world):
        with world.entered():
            member, reward = add_rich_member("M1"), add_reward(stock=5)
            first, again = redeem(member, reward), redeem(member, reward)
            assert first.pk == again.pk
            assert (Redemption.objects.count(), wallet_of(member.account_id).active) == (1, 10)

    def test_a_preview_shows_and_changes_nothing(self, world):
        with world.entered():
            member, reward = add_rich_member("M1"), add_reward(stock=5)
            shown = redeem(member, reward, preview=True)
            reward.refresh_from_db()
            assert shown.price == 30
            assert (Redemption.objects.count(), reward.stock, wallet_of(member.account_id).active) == (0, 5, 40)

    def test_refusals_change_nothing(self, world):
        with world.entered():
            member = add_rich_member("M1")
            for reward, refusal in (
                (add_reward("DEAR", price=41, stock=1), ledger.InsufficientPoints),
                (add_reward("GONE", stock=0), operations.RewardUnavailable),
            ):
                with pytest.raises(refusal):
                    redeem(member, reward)
                reward.refresh_from_db()
                assert reward.stock == (0 if reward.code == "GONE" else 1)
            with pytest.raises(NotFound):
                services.redeem_reward(
                    member_id=1, reward_id=reward.pk, quantity=1, request_key="k", channel="store", at=NOW
                )
            assert (Redemption.objects.count(), wallet_of(member.account_id).active) == (0, 40)


@pytest.mark.django_db
class TestCanceling:
    def test_gives_points_back_to_their_lots_and_the_unit_to_the_stock(self, world):
        with world.entered():
            member, reward = add_rich_member("M1"), add_reward(stock=5)
            before = list(Lot.objects.order_by("pk").values_list("pk", "remaining", "expires_at"))
            redemption = redeem(member, reward)
            given = {"redemption_id": redemption.pk, "reason": "changed mind", "at": NOW}
            canceled = services.cancel_redemption(request_key="c-1", **given)
            reward.refresh_from_db()
            assert (canceled.state, reward.stock, wallet_of(member.account_id).active) == ("canceled", 5, 40)
            assert list(Lot.objects.order_by("pk").values_list("pk", "remaining", "expires_at")) == before
            with pytest.raises(services.AlreadyCanceled):
                services.cancel_redemption(redemption_id=redemption.pk, reason="again", request_key="c-2", at=NOW)
            # A repeat after a crash is the same deed.
            assert services.cancel_redemption(request_key="c-1", **given).cancel_entry_id == canceled.cancel_entry_id
            assert wallet_of(member.account_id).active == 40
            assert list(invariants.check("default")) == []

    def test_the_region_of_the_member_may_allow_more_time(self, world):
        with world.entered():
            member, reward = add_rich_member("M1"), add_reward()
            redemption = redeem(member, reward)
            region = Region.objects.create(
                program_id=world.program_id, code="EAST", name={"en": "East"}, settings={"cancelable_days": 40}
            )
            Member.objects.filter(pk=member.member_id).update(region=region)
            canceled = services.cancel_redemption(
                redemption_id=redemption.pk, reason="late", request_key="c", at=NOW + timedelta(days=31)
            )
            assert canceled.state == "canceled"

    def test_is_refused_after_thirty_days(self, world):
        with world.entered():
            member, reward = add_rich_member("M1"), add_reward()
            redemption = redeem(member, reward)
            with pytest.raises(services.TooLateToCancel):
                services.cancel_redemption(
                    redemption_id=redemption.pk, reason="late", request_key="c-3", at=NOW + timedelta(days=31)
                )
            assert wallet_of(member.account_id).active == 10


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_the_last_unit_goes_to_one_of_two_members(self, world):
        with world.entered():
            members, reward = [add_rich_member("M1"), add_rich_member("M2")], add_reward(stock=1)

        def act(number: int) -> Redemption:
            with world.entered():
                return redeem(members[number], reward, key=f"k{number}")

        answers = race(act, times=2, pause_before=(operations.stock, "take"))
        assert names(answers) == ["Redemption", "RewardUnavailable"]
        with world.entered():
            assert Redemption.objects.count() == 1
            assert sorted(wallet_of(member.account_id).active for member in members) == [10, 40]

    def test_points_are_spent_once_by_two_at_once(self, world):
        with world.entered():
            # Two rewards: with one, the lock of its stock would hide a missing lock of the wallet.
            member, rewards = add_rich_member("M1"), [add_reward("MUG"), add_reward("PEN")]

        def act(number: int) -> Redemption:
            with world.entered():
                return redeem(member, rewards[number], key=f"k{number}")

        answers = race(act, times=2, pause_before=(ledger.moves.plans, "spend"))
        assert names(answers) == ["InsufficientPoints", "Redemption"]
        with world.entered():
            assert (wallet_of(member.account_id).active, Entry.objects.filter(kind="redeem").count()) == (10, 1)
            assert list(invariants.check("default")) == []

    def test_a_repeat_at_the_same_instant_spends_once(self, world):
        with world.entered():
            member, reward = add_rich_member("M1", "100.00"), add_reward(stock=None)

        def act(_number: int) -> Redemption:
            with world.entered():
                return redeem(member, reward, key="same")

        answers = race(act, times=2, pause_before=(operations.stock, "take"))
        assert names(answers) == ["Redemption", "Redemption"]
        assert answers[0].pk == answers[1].pk
        with world.entered():
            assert wallet_of(member.account_id).active == 70
