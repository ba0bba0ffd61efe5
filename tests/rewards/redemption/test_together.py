"""Several redemptions in one transaction: each is judged by what those before it left; two transactions never get in each
other's way.

Every race has been seen red without its lock, and every judgment without what it remembers of those before.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from loyalty.kernel import clock, telemetry
from loyalty.kernel.api.idempotency import Answered, Asked, answer_each
from loyalty.kernel.api.serializers import represent
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import ApiKey
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import holds
from members.ledger.models import Entry, Hold, Wallet
from members.ledger.operations import NewHold
from members.profiles import queries as profiles
from rewards.catalog import queries as catalog
from rewards.catalog.models import Reward
from rewards.redemption import operations
from rewards.redemption.api import documents, gathered
from rewards.redemption.models import Redemption
from rewards.redemption.operations import Wanted, redeeming, stock
from rewards.redemption.serializers import RedemptionSerializer
from tests.factories import NOON, Shop, make_key
from tests.races import names, race
from tests.rewards.redemption.room import CARDS, add_reward, entered, give, open_shop, state

pytestmark = pytest.mark.django_db(transaction=True)
LAPSED = NOON + timedelta(minutes=10)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def wanted(*asked: tuple[int, str], at: Any = NOON, quantity: int = 1, prefix: str = "k") -> list[Wanted]:
    """What members, by their numbers, take of rewards, by their codes."""
    members = profiles.identified_each([("card", CARDS[number]) for number, _code in asked])
    rewards = catalog.priced_by_code([code for _number, code in asked])
    return [
        Wanted(member, rewards[code], quantity, f"{prefix}{place}", "api", at)
        for place, (member, (_number, code)) in enumerate(zip(members, asked, strict=True))
        if member is not None
    ]


def redeem(shop: Shop, *asked: tuple[int, str], **choices: Any) -> list[Any]:
    with entered(shop), clock.fixed(NOON), unit_of_work():
        return operations.redeem(wanted(*asked, **choices))


def kinds(answers: list[Any]) -> list[str]:
    return [type(one).__name__ for one in answers]


class TestInTurn:
    def test_the_last_unit_goes_to_the_first_who_can_pay(self, shop):
        add_reward(shop, "CUP", price=600, stock=1)
        with entered(shop):
            account_id = profiles.identified("card", CARDS[1]).account_id
        give(shop, account_id, 200, "more")
        assert kinds(redeem(shop, (0, "CUP"), (1, "CUP"), (2, "CUP"))) == [
            "InsufficientPoints", "Redeemed", "RewardUnavailable"
        ]  # fmt: skip
        assert state(shop, "CUP") == ([500, 100, 500, 500], 0, 1)

    def test_what_is_left_is_told_to_each_who_comes_too_late(self, shop):
        add_reward(shop, "CUP", stock=3)
        first, second, third = redeem(shop, (0, "CUP"), (1, "CUP"), (2, "CUP"), quantity=2)
        assert (first.held[0].active, second.facts, third.facts) == (
            300, {"reward": "CUP", "left": 1}, {"reward": "CUP", "left": 1}
        )  # fmt: skip

    def test_the_points_go_to_whoever_comes_first_and_each_is_told_what_was_left(self, shop):
        add_reward(shop, "CUP", price=300)
        answers = redeem(shop, (0, "MUG"), (0, "CUP"), (0, "CUP"), (0, "MUG"), (1, "CUP"))
        assert kinds(answers) == ["Redeemed", "Redeemed", "InsufficientPoints", "Redeemed", "Redeemed"]
        assert [one.held[0].active for one in answers if not isinstance(one, Refusal)] == [400, 100, 0, 200]
        assert answers[2].facts == {"available": "10.0", "needed": "30.0"}
        assert state(shop) == ([0, 200, 500, 500], None, 4)

    def test_what_is_told_without_reading_is_what_is_read(self, shop):
        with entered(shop), clock.fixed(NOON), unit_of_work():
            one = operations.redeem(wanted((0, "MUG"), quantity=2))[0]
            row = Redemption.objects.select_related("reward__point_type").get()
            read = documents.redemption_document(row)
            assert documents.redeemed_document(one) == read
            facts = {name: getattr(row, name) for name in ("code", "quantity", "state", "redeemed_at", "canceled_at")}
            facts |= {name: read[name] for name in ("reward", "type", "price", "balance")}
            described = represent(RedemptionSerializer, {**facts, "id": row.public_id, "reason": row.cancel_reason})
        assert (list(read.items()), len(row.code)) == (list(described.items()), 10)

    def test_a_key_of_before_is_the_first_redemption(self, shop):
        first = redeem(shop, (0, "MUG"))[0]
        again, other = redeem(shop, (0, "MUG"), (1, "MUG"))
        assert (kinds([again, other]), again.redemption_id) == (["Earlier", "Redeemed"], first.redemption_id)
        assert state(shop) == ([400, 400, 500, 500], None, 2)


class TestWhatLapsed:
    """Points that a till set aside and never took are let go of by whoever spends, not by whoever is refused."""

    @pytest.fixture
    def held(self, shop: Shop) -> Hold:
        with entered(shop):
            wallet = Wallet.objects.get(account__members__member__number="M1", point_type__code="POINTS")
            member = profiles.identified("card", CARDS[1])
            new = NewHold(
                wallet_id=wallet.pk, member_id=member.member_id, amount=450, expires_at=LAPSED, request_key="h",
                source="api", till="4",
            )  # fmt: skip
            return holds.hold_points(new, at=NOON)

    def state_of(self, shop: Shop, hold: Hold) -> tuple[str, int, int]:
        with entered(shop):
            wallet = Wallet.objects.get(pk=hold.wallet_id)
            return Hold.objects.get(pk=hold.pk).state, wallet.active, wallet.reserved

    def test_is_spent_again(self, shop, held):
        answers = redeem(shop, (1, "MUG"), (1, "MUG"), (0, "MUG"), at=LAPSED)
        assert [one.held[0].active for one in answers] == [400, 300, 400]
        assert (self.state_of(shop, held), answers[1].held[0].reserved) == (("lapsed", 300, 0), 0)
        assert state(shop) == ([400, 300, 500, 500], None, 3)

    def test_stays_where_it_is_when_nothing_is_spent(self, shop, held):
        add_reward(shop, "DEAR", price=501)
        assert kinds(redeem(shop, (1, "DEAR"), (0, "MUG"), at=LAPSED)) == ["InsufficientPoints", "Redeemed"]
        assert self.state_of(shop, held) == ("open", 50, 450)
        answers = redeem(shop, (1, "DEAR"), (1, "MUG"), (1, "DEAR"), at=LAPSED, prefix="l")
        assert kinds(answers) == ["InsufficientPoints", "Redeemed", "InsufficientPoints"]
        assert self.state_of(shop, held) == ("lapsed", 400, 0)

    def test_what_is_still_held_is_not_spent(self, shop, held):
        assert kinds(redeem(shop, (1, "MUG"), (1, "MUG"))) == ["InsufficientPoints"] * 2
        assert self.state_of(shop, held) == ("open", 50, 450)


class TestRaces:
    """Two transactions, as of two processes."""

    def test_the_last_units_are_given_once_and_nobody_waits_for_the_other_forever(self, shop):
        add_reward(shop, "CUP", stock=3)
        add_reward(shop, "PEN", stock=1)
        # Other members: a lock of their wallets would hide a missing lock of the stock.
        orders = [((0, "CUP"), (1, "PEN"), (0, "CUP")), ((2, "PEN"), (3, "CUP"), (2, "CUP"))]
        answers = race(
            lambda number: redeem(shop, *orders[number], prefix=f"r{number}-"), times=2, pause_before=(stock, "take")
        )
        assert sorted(names([one for each in answers for one in each])) == ["Redeemed"] * 4 + ["RewardUnavailable"] * 2
        assert state(shop, "CUP")[1:] == (0, 4)
        assert state(shop, "PEN")[1] == 0

    def test_points_are_spent_once_whatever_the_order_of_the_members(self, shop):
        add_reward(shop, "CUP", price=300)
        orders = [((0, "CUP"), (1, "CUP"), (2, "CUP")), ((2, "CUP"), (1, "CUP"), (0, "CUP"))]
        answers = race(
            lambda number: redeem(shop, *orders[number], prefix=f"r{number}-"), times=2,
            pause_before=(redeeming.ledger, "post"),
        )  # fmt: skip
        assert sorted(names([one for each in answers for one in each])) == ["InsufficientPoints"] * 3 + ["Redeemed"] * 3
        assert state(shop) == ([200, 200, 200, 500], None, 3)

    def test_one_request_in_two_groups_is_made_by_one_of_them(self, shop):
        make_key(shop, "redemptions.write")

        def act(number: int) -> Any:
            with entered(shop), clock.fixed(NOON):
                return answer_each([asked(0), asked(1 + number)], gathered._answer)

        answers = race(act, times=2, pause_before=(operations, "redeem"))
        shared = sorted(type(each[0]).__name__ for each in answers)
        assert shared == ["Answered", "StillRunning"]
        assert [type(each[1]) for each in answers] == [Answered, Answered]
        assert state(shop) == ([400, 400, 400, 500], None, 3)


def asked(number: int) -> Asked[gathered.Requested]:
    """What member M``number`` asks for, with a key of their own."""
    requested = gathered.Requested("card", CARDS[number], "MUG", 1, f"api:{number}", NOON, telemetry.origin())
    return Asked(ApiKey.objects.get().pk, f"key-{number}", b"x" * 32, requested)


class TestStoredAnswers:
    def test_a_repeat_beside_its_first_is_a_replay_and_with_another_body_a_mismatch(self, shop):
        make_key(shop, "redemptions.write")
        with entered(shop), clock.fixed(NOON):
            first, second = asked(0), asked(1)
            other = replace(first, digest=b"y" * 32)
            answers = answer_each([first, second, first, other, second], gathered._answer)
            again = answer_each([other, first], gathered._answer)
        assert [getattr(one, "is_replay", one) for one in answers[:3]] == [False, False, True]
        assert (kinds(answers)[3], answers[4].is_replay) == ("IdempotencyMismatch", True)
        assert (answers[2].content, answers[4].content) == (answers[0].content, answers[1].content)
        assert (kinds(again), again[1].is_replay) == (["IdempotencyMismatch", "Answered"], True)
        assert again[1].content["code"] == answers[0].content["code"]
        assert state(shop) == ([400, 400, 500, 500], None, 2)
        with entered(shop):
            assert (Reward.objects.count(), Entry.objects.filter(kind="redeem").count()) == (1, 2)
            assert Redemption.objects.count() == 2
