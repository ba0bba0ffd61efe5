"""Vouchers at the same instant. Each test has been seen red with its guard removed."""

from datetime import timedelta

import pytest

from loyalty.kernel import clock
from loyalty.kernel.unit_of_work import unit_of_work
from rewards.vouchers import operations, services
from rewards.vouchers.models import Voucher, VoucherTemplate, VoucherUse
from tests.members.world import START, World, add_member, make_world
from tests.races import names, race

pytestmark = pytest.mark.django_db(transaction=True)
NOW = START + timedelta(hours=1)


def at_once(world: World, act, *, pause_before, times: int = 2) -> list:
    def inside(number: int):
        with world.entered(), clock.fixed(NOW):
            return act(number)

    return race(inside, times=times, pause_before=pause_before)


def issue(world: World, **values) -> str:
    with world.entered():
        VoucherTemplate.objects.create(code="FIVE", name={"en": "5 off"}, **{"kind": "amount", "value": 500, **values})
        member = add_member()
        voucher = services.issue_voucher(member_id=member.member_id, template_code="FIVE", request_key="first", at=NOW)
    return voucher.code


def use(code: str, number: int) -> VoucherUse:
    return services.use_voucher(
        code=code, member_id=None, receipt=f"R{number}", store="", request_key=f"use-{number}", at=NOW
    )


def test_two_tills_use_the_last_use_and_one_wins():
    world = make_world()
    code = issue(world)

    answers = at_once(world, lambda number: use(code, number), pause_before=(operations, "count_use"))

    assert names(answers) == ["VoucherUse", "VoucherUsedUp"]
    with world.entered():
        assert list(Voucher.objects.values_list("state", "used")) == [("used", 1)]
        assert VoucherUse.objects.count() == 1


def test_three_tills_share_two_uses():
    world = make_world()
    code = issue(world, uses=2)

    answers = at_once(world, lambda number: use(code, number), pause_before=(operations, "count_use"), times=3)

    assert names(answers) == ["VoucherUse", "VoucherUse", "VoucherUsedUp"]
    with world.entered():
        assert list(Voucher.objects.values_list("state", "used")) == [("used", 2)]


def test_one_request_sent_twice_uses_it_once():
    world = make_world()
    code = issue(world, uses=5)

    answers = at_once(world, lambda _number: use(code, 0), pause_before=(operations, "count_use"))

    assert names(answers) == ["VoucherUse", "VoucherUse"]
    assert answers[0].pk == answers[1].pk
    with world.entered():
        assert list(Voucher.objects.values_list("used", flat=True)) == [1]


def test_used_and_withdrawn_at_once_is_one_of_the_two():
    world = make_world()
    code = issue(world)

    def act(number: int):
        if number:
            return use(code, number)
        with unit_of_work():
            key = Voucher.objects.get().pk
            return tuple(operations.withdraw_unused({key: "returned"}, NOW))

    answers = at_once(world, act, pause_before=(operations, "count_use"))

    with world.entered():
        state, used = Voucher.objects.values_list("state", "used").get()
    assert (state, used, names(answers)) in [
        ("used", 1, ["VoucherUse", "tuple"]),
        ("withdrawn", 0, ["VoucherTakenBack", "tuple"]),
    ]


def test_two_purchases_take_different_codes_of_a_pool():
    world = make_world()
    with world.entered():
        template = VoucherTemplate.objects.create(
            code="POOL", name={"en": "pool"}, kind="amount", value=500, source="pool"
        )
        Voucher.objects.create(template=template, code="AAAA-0001", state="pooled")
        Voucher.objects.create(template=template, code="AAAA-0002", state="pooled")
        members = [add_member("M1"), add_member("M2")]

    answers = at_once(
        world,
        lambda number: (
            services.issue_voucher(
                member_id=members[number].member_id, template_code="POOL", request_key=f"k{number}", at=NOW
            ).code
        ),
        pause_before=(operations, "_hand_out"),
    )

    assert sorted(answers) == ["AAAA-0001", "AAAA-0002"]
