"""The pages of price lists and rates: typed as people say it, kept in smallest units."""

import pytest
from django.urls import reverse

from loyalty.kernel import scope
from loyalty.kernel.models import User
from members.ledger.models import ConversionRate, PriceList
from programs.setup.models import PointType
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])
LIST, RATE = "/admin/members_ledger/pricelist/add/", "/admin/members_ledger/conversionrate/add/"


def types(program: int) -> tuple[int, int]:
    with scope.enter([program], scope.SYSTEM):
        PointType.objects.filter(code="POINTS").update(decimals=1)
        other, _is_new = PointType.objects.get_or_create(code="MILES", defaults={"name": {"en": "miles"}})
        return PointType.objects.get(code="POINTS").pk, other.pk


def user_of(program: int, role: str) -> User:
    if role != "operator":
        return people.make_staff(program, role)
    return User.objects.filter(is_operator=True).first() or people.make_operator()


def send(program: int, role: str = "operator", step=None, **values):
    points, _miles = types(program)
    rows = [{"from_points": "0", "fixed": "2.50", "each": "0.10", "block": "10"}] if step is None else step
    sent = {
        "kind": "extend", "point_type": points, "pay_type": "", "days": "30", "window_days": "", "most_times": "",
        "least": "", "most": "", "member_cap": "100.5", "cap_period": "year", "refund_days": "14",
        "steps-TOTAL_FORMS": len(rows), "steps-INITIAL_FORMS": 0, "steps-MIN_NUM_FORMS": 0, "steps-MAX_NUM_FORMS": 1000,
        "_program": program, **values,
    }  # fmt: skip
    for place, row in enumerate(rows):
        sent |= {f"steps-{place}-{name}": value for name, value in row.items()}
    return signed_in(user_of(program, role)).post(LIST, sent, follow=True)


def lists(program: int):
    with scope.enter([program], scope.SYSTEM):
        return [
            (one.kind, one.member_cap, list(one.steps.values_list("from_points", "fixed", "each", "block")))
            for one in PriceList.objects.order_by("pk")
        ]


def test_an_operator_adds_a_price_list_in_points_and_money():
    program = people.make_program()

    answer = send(program)

    assert answer.status_code == 200
    assert lists(program) == [("extend", 1005, [(0, 250, 10, 100)])]


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ({"days": ""}, None),
        ({"kind": "reinstate", "window_days": ""}, None),
        ({"member_cap": "0.05"}, None),
        ({}, []),
        ({}, [{"from_points": "0", "fixed": "0", "each": "0", "block": "1"}]),
        ({}, [{"from_points": "0", "fixed": "0.001", "each": "0", "block": "1"}]),
        ({}, [{"from_points": "0", "fixed": "1", "each": "0", "block": "0"}]),
        ({}, [{"from_points": "5", "fixed": "1", "each": "0", "block": "1"}] * 2),
    ],
)
def test_what_makes_no_price_list_is_refused_at_the_field(values, step):
    program = people.make_program()

    assert send(program, step=step, **values).status_code == 200
    assert lists(program) == []


def test_one_list_is_in_use_for_one_thing():
    program = people.make_program()
    send(program)

    assert send(program).status_code == 200
    assert len(lists(program)) == 1


def test_an_archived_list_does_not_come_back_beside_the_one_in_its_place():
    program = people.make_program()
    send(program)
    with scope.enter([program], scope.SYSTEM):
        first = PriceList.objects.get().pk
    client = signed_in(user_of(program, "operator"))
    client.post(reverse("admin:members_ledger_pricelist_archive", args=[first]), {"_program": program})
    send(program)

    client.post(reverse("admin:members_ledger_pricelist_restore", args=[first]), {"_program": program})

    with scope.enter([program], scope.SYSTEM):
        assert PriceList.objects.filter(archived_at__isnull=True).count() == 1
        assert PriceList.objects.get(pk=first).archived_at is not None


def test_new_points_are_bought_with_money_alone():
    program = people.make_program()
    _points, miles = types(program)

    send(program, kind="buy", pay_type=miles)

    assert lists(program) == []


def test_a_marketer_adds_none():
    program = people.make_program()

    assert send(program, "marketer").status_code == 403
    assert lists(program) == []


@pytest.mark.parametrize(("give", "get", "stored"), [("10", "3", [(100, 3)]), ("0", "3", []), ("0.05", "3", [])])
def test_a_rate_is_added_in_points(give, get, stored):
    program = people.make_program()
    points, miles = types(program)
    values = {"from_type": points, "to_type": miles, "since_date": "2026-01-01", "give": give, "get": get}

    signed_in(user_of(program, "operator")).post(RATE, {**values, "_program": program}, follow=True)

    with scope.enter([program], scope.SYSTEM):
        assert list(ConversionRate.objects.values_list("give", "get")) == stored
