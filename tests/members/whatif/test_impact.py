"""The strip: what a sample of members bought, with the draft, projected on everybody; what is worth a look."""

import time

import pytest

from loyalty.kernel import clock
from members.whatif import drafts
from members.whatif.impact import impact_of
from programs.promotions import services as promotions
from programs.setup.models import Program
from tests.kernel.pages.staff import signed_in
from tests.members.desk.room import NOW
from tests.members.whatif.room import DOUBLE, open_bench

pytestmark = pytest.mark.django_db
BUDGET = {"id": "ALL", "scope": "promotion", "measure": "points", "max": "120"}


@pytest.fixture
def bench(db):
    return open_bench()


def impact(bench):
    with bench.room.world.entered(), clock.fixed(NOW):
        return impact_of(drafts.draft_of("DOUBLE").contest(NOW), NOW)


def test_a_small_program_is_looked_at_whole(bench):
    bench.save({**DOUBLE, "limits": [BUDGET]})
    with bench.room.world.entered():
        Program.objects.update(point_value="0.02")
        promotions.freeze_settings(now=NOW)
    found = impact(bench)
    assert found.share == (2, 2)
    assert (found.seen, found.hits, found.members, found.purchases) == (1, 1, 1, 1)
    assert found.gives == {"POINTS": 60}
    # Sixty points at two cents.
    assert found.cost == 120
    assert [one.days for one in found.budgets] == [60]


def test_a_rule_on_the_same_purchases_is_worth_a_look(bench):
    found = impact(bench)
    assert found.together == [("BONUS", 1)]
    assert (found.is_dead, found.warnings) == (False, 1)


def test_a_draft_that_reaches_nothing_in_ninety_days_says_so(bench):
    bench.save({**DOUBLE, "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "500.00"}})
    found = impact(bench)
    assert (found.hits, found.is_dead, found.days_seen) == (0, True, 90)


def test_more_than_three_times_the_base_points_of_a_line_is_worth_a_look(bench):
    bench.save({**DOUBLE, "then": [{**DOUBLE["then"][0], "formula": {"kind": "multiply", "factor": "4"}}]})
    assert impact(bench).steep == 1
    assert "more than three times its base points" in text_of(bench)


def text_of(bench):
    answer = signed_in(bench.user("marketer")).get("/admin/what-if/DOUBLE/impact/", HTTP_HX_REQUEST="true")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_strip_says_what_it_was_estimated_from(bench):
    found = text_of(bench)
    assert "≈ 60 points" in found
    assert "Estimated from 1 purchases of 2 of 2 members" in found
    assert "also earn by “Bonus”" in found


def test_the_strip_is_quick(bench):
    client = signed_in(bench.user("marketer"))
    client.get("/admin/what-if/DOUBLE/impact/", HTTP_HX_REQUEST="true")
    began = time.process_time()
    client.get("/admin/what-if/DOUBLE/impact/", HTTP_HX_REQUEST="true")
    assert time.process_time() - began < 0.3
