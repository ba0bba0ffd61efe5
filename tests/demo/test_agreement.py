"""The demo as the product judged it against the oracle that knows the raw files and the rules in words only."""

import os
from collections import defaultdict
from datetime import date, datetime, time, timedelta

import pytest

from loyalty.demo import extras, grocery, loading
from loyalty.demo.journey import calendar
from loyalty.kernel import scope
from members.activity.models import Evaluation, Purchase
from members.ledger import invariants
from members.ledger.models import Lot, Posting
from members.profiles.models import Member, MemberTier
from members.segments.models import Segment
from programs.setup.models import Program
from tests.demo import oracle

TODAY = date(2026, 3, 4)
# A share of 100 plays three months, the suite ten days.
DAYS = max(10, 90 * int(os.environ.get("PROOF_SHARE", "0")) // 100)


def granted() -> dict[int, dict[tuple[str, str], int]]:
    """By household: what each rule gave, of each point type, from the lots of the ledger."""
    found: dict[int, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    rows = Lot.objects.exclude(rule="").values_list(
        "wallet__account__members__member__number", "rule", "wallet__point_type__code", "amount"
    )
    for number, rule, kind, amount in rows:
        found[household(number)][rule, kind] += amount
    return found


def taken_back() -> dict[int, dict[tuple[str, str], int]]:
    """By household: what returns took back of each rule, from the evaluations of the returns."""
    found: dict[int, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    rows = Evaluation.objects.filter(kind="return").values_list("purchase__member__number", "outcome")
    for number, outcome in rows:
        for rule, _effect, kind, amount in outcome["reversed"]:
            found[household(number)][rule, kind] += amount
    return found


def household(number: str) -> int:
    return int(number.removeprefix("G"))


def expected(points: dict[str, int], status: int) -> dict[tuple[str, str], int]:
    found = {(rule, "POINTS"): amount for rule, amount in points.items() if amount}
    return found | ({(oracle.BASE, "STATUS"): status} if status else {})


@pytest.mark.proof
@pytest.mark.long
@pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])
def test_every_households_points_are_those_of_the_raw_files():
    last = calendar.last_date(TODAY)
    first = last - timedelta(days=DAYS - 1)
    history = loading.read_days(TODAY, first, last)

    grocer = loading.create_grocery(TODAY, first, last)
    loading.play_grocery(grocer, history, processes=2, report=lambda done, total: None)
    program_id = grocer.program_id
    with scope.enter([program_id], scope.SYSTEM):
        extras.create(list(grocer.accounts), datetime.combine(last, time(23), calendar.ZONE))
        counts = dict(Segment.objects.values_list("code", "member_count"))
        raised = MemberTier.objects.filter(ended_at=None, tier__code__in=["SILVER", "GOLD"]).count()
    assert (counts["TASTERS"], counts["RAISED"]) == (extras.TASTERS, raised)

    results = oracle.compute(TODAY, first, last)
    with scope.enter([program_id], scope.SYSTEM):
        given, back = granted(), taken_back()
        assert {household(number) for number in Member.objects.values_list("number", flat=True)} == set(results)
        for number, result in results.items():
            assert dict(given.get(number, {})) == expected(result.points, result.status), number
            assert dict(back.get(number, {})) == expected(result.reversed, result.status_reversed), number
        tiers = {household(row.member.number): row.tier.code for row in MemberTier.objects.filter(ended_at=None)
                 .select_related("member", "tier")}  # fmt: skip
        assert {number: tier for number, tier in tiers.items() if tier != "BASIC"} == {
            number: result.tier for number, result in results.items() if result.tier
        }
        assert Purchase.objects.count() == sum(result.purchases for result in results.values())
        assert sum(Purchase.objects.values_list("amount", flat=True)) == sum(one.paid for one in results.values())
        issued = -sum(
            Posting.objects.filter(bucket="issued", entry__kind="earn", point_type__code="POINTS").values_list(
                "amount", flat=True
            )
        )
        assert issued == sum(result.points.total() for result in results.values()) > 0
        assert Program.objects.get().code == grocery.CODE
    assert list(invariants.check("auditor")) == []
