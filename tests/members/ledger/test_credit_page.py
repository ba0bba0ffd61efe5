"""The page of credits that tiers give."""

import pytest

from loyalty.kernel import scope
from members.ledger.models import TierCredit
from programs.setup.models import PointType
from programs.tiers.models import Tier
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])
ADD = "/admin/members_ledger/tiercredit/add/"


def send(program: int, role: str, limit: str):
    with scope.enter([program], scope.SYSTEM):
        PointType.objects.update(decimals=1)
        tier, kind = Tier.objects.get(code="SILVER").pk, PointType.objects.get(code="POINTS").pk
    values = {"tier": tier, "point_type": kind, "limit": limit, "_program": program}
    return signed_in(people.make_staff(program, role)).post(ADD, values, follow=True)


def limits(program: int) -> list[int]:
    with scope.enter([program], scope.SYSTEM):
        return list(TierCredit.objects.order_by("pk").values_list("limit", flat=True))


def test_a_marketer_adds_a_limit_in_points():
    program = people.make_program()

    page = send(program, "marketer", "12.5").content.decode()

    assert "12.5" in page
    assert limits(program) == [125]


@pytest.mark.parametrize("limit", ["12.55", "-1", "x"])
def test_what_is_no_limit_is_refused_at_the_field(limit):
    program = people.make_program()

    assert send(program, "marketer", limit).status_code == 200
    assert limits(program) == []


def test_an_analyst_adds_none():
    program = people.make_program()

    assert send(program, "analyst", "10").status_code == 403
    assert limits(program) == []
