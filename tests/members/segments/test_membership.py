"""Segments by hand: people in and out, lists of numbers, promotions, and what purchases see of it."""

from datetime import timedelta

import pytest

from loyalty.kernel import registries
from loyalty.kernel.errors import Malformed, NotFound
from loyalty.kernel.registries import Issue, Undo
from members.segments import services
from members.segments.documents import wrapped
from members.segments.models import Segment, SegmentMember
from members.segments.services.refreshing import refresh_segments
from tests.members.world import BASE, START, add_member, make_world, purchase, record_purchase, wallet_of

pytestmark = pytest.mark.django_db

VIP_BONUS = {
    "schema": "promo/1",
    "audience": {"op": "in_segment", "segment": "VIP"},
    "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "7"}}],
}


@pytest.fixture
def program():
    made = make_world("SEG", documents={"BASE": BASE, "VIPS": VIP_BONUS}, lateness_days=5000)
    with made.entered():
        services.create_segment(code="VIP", name={"en": "VIP"}, kind="static", now=START)
        yield made


def members_of(code="VIP"):
    rows = SegmentMember.objects.filter(segment__code=code, ended_at__isnull=True)
    return sorted(rows.values_list("member__number", flat=True))


def count():
    return Segment.objects.get(code="VIP").member_count


def add(member, at=START):
    return services.add_members(code="VIP", member_ids=[member.member_id], now=at)


def issue(member, at=START, **effect):
    name = effect.setdefault("effect", "segment_add")
    wanted = Issue({"segment": "VIP", **effect}, "R", "key", at, member.member_id, member.account_id, 1)
    return registries.effect_handler(name).issue_many([wanted])[0]


def undo(member, issued, at, name="segment_add"):
    back = Undo(issued, "key", at, member.member_id, member.account_id, 2)
    registries.effect_handler(name).reverse_many([back])


def test_who_is_in_already_stays_as_they_are(program):
    member = add_member()
    assert add(member).added == 1
    again = add(member, START + timedelta(days=1))
    assert (again.added, again.present) == (0, 1)
    assert SegmentMember.objects.get().since_at == START
    assert count() == 1


def test_who_is_taken_out_leaves_a_trace(program):
    member = add_member()
    add(member)
    later = START + timedelta(days=2)
    assert services.remove_members(code="VIP", member_ids=[member.member_id], now=later).removed == 1
    row = SegmentMember.objects.get()
    assert (row.since_at, row.ended_at) == (START, later)
    assert (members_of(), count()) == ([], 0)


def test_a_list_names_members_by_number_and_by_card(program):
    add_member("M1", card="1234567890123")
    add_member("M2")
    found = services.add_listed(code="VIP", numbers="m2,\n1234567890123  M2", now=START)
    assert (found.added, members_of(), count()) == (2, ["M1", "M2"], 2)


def test_an_unknown_number_adds_nobody(program):
    add_member("M1")
    with pytest.raises(services.UnknownMembers) as refused:
        services.add_listed(code="VIP", numbers="M1 M9", now=START)
    assert refused.value.facts == {"numbers": "M9", "count": 1}
    assert members_of() == []
    with pytest.raises(Malformed):
        services.add_listed(code="VIP", numbers=" , ", now=START)


def test_a_member_of_another_program_does_not_exist(program):
    with pytest.raises(NotFound):
        services.add_members(code="VIP", member_ids=[1], now=START)
    assert members_of() == []


def test_nobody_is_put_into_a_segment_by_a_condition(program):
    member = add_member()
    services.create_segment(
        code="NOBODY", name={"en": "x"}, kind="dynamic", document=wrapped({"op": "true"}), now=START
    )
    with pytest.raises(services.NotByHand):
        services.add_members(code="NOBODY", member_ids=[member.member_id], now=START)
    assert members_of("NOBODY") == []


def test_a_code_is_used_once(program):
    with pytest.raises(services.CodeTaken):
        services.create_segment(code="VIP", name={"en": "x"}, kind="static", now=START)
    assert Segment.objects.count() == 1


def test_a_segment_that_a_promotion_asks_for_is_not_archived(program):
    with pytest.raises(services.AskedFor) as refused:
        services.archive_segment(code="VIP", now=START)
    assert refused.value.facts["users"] == "VIPS"
    assert Segment.objects.get().archived_at is None


def test_a_promotion_adds_for_some_days_and_a_return_takes_back(program):
    member = add_member()
    issued = issue(member, days=10)
    row = SegmentMember.objects.get()
    assert (row.until_at, row.cause) == (START + timedelta(days=10), "promotion")
    undo(member, issued, START + timedelta(days=1))
    row.refresh_from_db()
    assert row.ended_at == START + timedelta(days=1)


def test_a_return_leaves_a_membership_that_the_purchase_did_not_begin(program):
    member = add_member()
    add(member)
    undo(member, issue(member), START + timedelta(days=1))
    assert members_of() == ["M1"]


def test_a_promotion_removes_and_a_return_puts_back(program):
    member = add_member()
    add(member)
    issued = issue(member, effect="segment_remove")
    assert (issued["was_in"], members_of()) == (True, [])
    undo(member, issued, START + timedelta(days=1), "segment_remove")
    assert members_of() == ["M1"]


def test_only_segments_by_hand_may_be_named_by_an_effect(program):
    services.create_segment(code="ALL", name={"en": "x"}, kind="dynamic", document=wrapped({"op": "true"}), now=START)
    handler = registries.effect_handler("segment_add")
    assert list(handler.problems({"segment": "VIP"})) == []
    assert [code for _field, code, _facts in handler.problems({"segment": "ALL"})] == ["segment_by_condition"]
    assert [code for _field, code, _facts in handler.problems({"segment": "NONE"})] == ["unknown_segment"]


def test_a_time_that_is_over_ends_the_membership(program):
    member = add_member()
    issue(member, days=1)
    later = START + timedelta(days=2)
    refresh_segments(now=later)
    assert SegmentMember.objects.get().ended_at == START + timedelta(days=1)
    assert count() == 0
    add(member, later)
    assert members_of() == ["M1"]


class TestPurchases:
    def test_a_rule_sees_the_segment(self, program):
        member = add_member()
        record_purchase(purchase(member.member_id, "R1", [(1, "10.00")]))
        assert wallet_of(member.account_id).active == 10
        add(member)
        record_purchase(purchase(member.member_id, "R2", [(1, "10.00")], at=START + timedelta(hours=1)))
        assert wallet_of(member.account_id).active == 10 + 10 + 7

    def test_a_late_purchase_sees_the_segments_of_its_time(self, program):
        member = add_member()
        add(member, START + timedelta(days=3))
        record_purchase(purchase(member.member_id, "R1", [(1, "10.00")], at=START + timedelta(days=2)))
        assert wallet_of(member.account_id).active == 10
