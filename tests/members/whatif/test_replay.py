"""Recorded purchases as the rules read them again: the same as the till's judgment, net of what was given back."""

from datetime import timedelta

import pytest

from loyalty.kernel import clock
from members.activity import replay
from members.activity.models import Evaluation
from members.activity.replay import Depth
from members.whatif import drafts, rulesets
from members.whatif.queries import replaying as queries
from members.whatif.replaying import replay_accounts
from programs.promotions import snapshots
from tests.members.desk.room import NOW, give_back
from tests.members.whatif.room import open_bench
from tests.members.world import purchase, record_purchase

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench(db):
    return open_bench()


SHALLOW, SINCE = Depth(), NOW - timedelta(days=1)


def loaded(bench, depth=SHALLOW, since=SINCE):
    with bench.room.world.entered():
        return replay.load([bench.room.member.pk], snapshots.present(), since=since, depth=depth)[bench.room.member.pk]


def test_live_rules_give_again_what_the_till_gave(bench):
    with bench.room.world.entered(), clock.fixed(NOW):
        contest = drafts.draft_of("DOUBLE").contest(NOW)
        setting = queries.setting_of(contest, NOW, 30, is_estimate=True)
        found = replay_accounts(queries.pasts_of([bench.room.member.pk], setting), setting)
        given = Evaluation.objects.get().outcome["points"]
        assert sum(amount for key, amount in found.live.items() if key[0] == "rule") == given["POINTS"] == 70


def test_returned_pieces_are_taken_out(bench):
    give_back(bench.room)
    one = loaded(bench).purchases[0]
    assert [(line.sku, int(line.qty), line.paid) for line in one.purchase.lines] == [
        ("SKU1", 1, 4000),
        ("SKU2", 1, 1000),
    ]
    assert one.amount == 5000


def test_the_past_is_read_as_far_as_rules_look(bench):
    with bench.room.world.entered(), clock.fixed(NOW):
        long_ago = NOW - timedelta(days=20)
        record_purchase(purchase(bench.room.member.pk, "OLD", [(1, "5.00")], at=long_ago))
    assert len(loaded(bench).purchases) == 1
    assert len(loaded(bench, Depth(days=5)).purchases) == 1
    deep = loaded(bench, Depth(days=30, counts=True))
    assert (len(deep.purchases), deep.earlier) == (2, 0)
    shallow = loaded(bench, Depth(counts=True))
    assert (len(shallow.purchases), shallow.earlier) == (1, 1)


@pytest.mark.parametrize(
    ("window", "days"),
    [
        ({"last_days": 60}, 60),
        ({"last_months": 2}, 63),
        ({"this": "month"}, 31),
        ({"previous": "week"}, 14),
        (None, None),
    ],
)
def test_the_depth_is_the_longest_window(bench, window, days):
    history = {"op": "history", "measure": "purchases", "cmp": "gte", "value": 1} | (
        {"window": window} if window else {}
    )
    document = {"schema": "promo/1", "audience": history, "then": [
        {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "1"}}]}  # fmt: skip
    with bench.room.world.entered():
        found = rulesets.contest(snapshots.present(), "DOUBLE", {}, document, NOW)
        assert replay.depth_of([found.live, found.drafted], NOW.date()).days == days


def test_dates_on_which_rules_begin_and_end_are_left_aside():
    document = {"schedule": {"from": "2030-01-01", "to": "2030-02-01", "weekdays": [1]}, "then": []}
    assert rulesets.timeless(document) == {"then": [], "schedule": {"weekdays": [1]}}
