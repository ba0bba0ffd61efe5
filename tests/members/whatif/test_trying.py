"""The test panel: any purchase with the draft as it stands, why and why not, and nothing written."""

import pytest

from loyalty.kernel.models import AuditRecord
from members.activity.models import Evaluation, Purchase
from members.ledger.models import Entry
from programs.promotions.models import LimitCounter
from tests.kernel.pages.staff import signed_in
from tests.members.desk.room import CARD
from tests.members.whatif.room import DOUBLE, open_bench

pytestmark = pytest.mark.django_db
PAGE = "/admin/what-if/DOUBLE/try/"
PART = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def bench(db):
    return open_bench()


def text_of(answer):
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def rows():
    return Purchase.objects.count(), Evaluation.objects.count(), Entry.objects.count(), LimitCounter.objects.count()


def test_the_last_purchase_is_judged_at_once_and_nothing_is_written(bench):
    client = signed_in(bench.user("marketer"))
    with bench.room.world.entered():
        before = rows()
    found = text_of(client.get(PAGE, **PART))
    # 60 base points doubled on top of 60 base and 10 for the large basket.
    assert "Applies: +60 points" in found
    assert "130 points" in found
    assert "70 points" in found
    with bench.room.world.entered():
        assert rows() == before


def test_the_tree_tells_what_was_wanted_and_what_was_found(bench):
    few = {**DOUBLE, "when": {**DOUBLE["when"], "of": [{**DOUBLE["when"]["of"][0], "value": "80.00"},
                                                        DOUBLE["when"]["of"][1]]}}  # fmt: skip
    bench.save(few)
    found = text_of(signed_in(bench.user("marketer")).get(PAGE, **PART))
    assert "Not applied: the basket is 60.00 USD, at least 80.00 USD is needed" in found
    tree = found.split('class="tree"')[1]
    assert tree.index("(does not fit)") < tree.index("80.00 USD") < tree.index("60.00 USD") < tree.index("(fits)")
    assert "Honey cake" in tree


def test_a_change_of_the_draft_is_judged_anew(bench):
    client = signed_in(bench.user("marketer"))
    assert "+60 points" in text_of(client.get(PAGE, **PART))
    bench.save({**DOUBLE, "then": [{**DOUBLE["then"][0], "formula": {"kind": "multiply", "factor": "3"}}]})
    assert "+120 points" in text_of(client.get(PAGE, **PART))


def test_an_unfinished_draft_is_not_judged(bench):
    bench.save({**DOUBLE, "then": []})
    found = text_of(signed_in(bench.user("marketer")).get(PAGE, **PART))
    assert "Fill in what is marked" in found
    assert "All rules together" not in found


def test_a_sample_basket_is_judged_like_a_purchase(bench):
    client = signed_in(bench.user("marketer"))
    basket = {"mode": "sample", "begun": "1", "sku": ["SKU2"], "qty": ["4"], "price": ["12,50"]}
    found = text_of(client.get(PAGE, basket, **PART))
    assert "Applies: +50 points" in found
    assert "110 points" in found
    assert "Not applied" in text_of(client.get(PAGE, {**basket, "qty": ["1"]}, **PART))
    assert "This is not a number." in text_of(client.get(PAGE, {**basket, "qty": ["many"]}, **PART))


def test_a_member_is_found_masked_and_looking_at_their_purchases_is_written_down(bench):
    client = signed_in(bench.user("marketer", "agent"))
    found = text_of(client.get(f"{PAGE}members/", {"q": "Łąkowa"}))
    assert "A••• Ł•••" in found
    assert "Anna" not in found
    assert CARD not in found
    assert f"•••• {CARD[-4:]}" in found
    with bench.room.world.entered():
        before = AuditRecord.objects.filter(action="member.viewed").count()
    found = text_of(client.get(PAGE, {"choose": str(bench.room.member.public_id)}, **PART))
    assert "Their last purchases" in found
    with bench.room.world.entered():
        assert AuditRecord.objects.filter(action="member.viewed").count() == before + 1


def test_who_may_not_look_at_members_finds_them_by_whole_numbers_and_sees_no_name(bench):
    client = signed_in(bench.user("marketer"))
    assert "Anna" not in text_of(client.get(f"{PAGE}members/", {"q": "Łąkowa"}))
    found = text_of(client.get(f"{PAGE}members/", {"q": CARD}))
    assert "M100" in found
    assert "Anna" not in found
    assert "Anna" not in text_of(client.get(PAGE, {"choose": str(bench.room.member.public_id)}, **PART))


def test_the_panel_is_for_those_who_design(bench):
    assert signed_in(bench.user("analyst")).get(PAGE).status_code == 403
    assert signed_in(bench.user("marketer")).get("/admin/what-if/NONE/try/").status_code == 404
