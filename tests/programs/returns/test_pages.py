"""The pages of terms of return: added, read in words, ended."""

from datetime import date

import pytest
from django.urls import reverse

from loyalty.kernel import clock, scope
from loyalty.kernel.models import AuditRecord
from programs.catalog.models import Category
from programs.promotions import snapshots
from programs.returns.models import ReturnTerms
from programs.setup.models import PointType, Program
from tests.browser import people
from tests.factories import NOON
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/programs_returns/returnterms/"


@pytest.fixture
def program():
    key = people.make_program()
    with clock.fixed(NOON), scope.enter([key], scope.SYSTEM):
        Program.objects.filter(pk=key).update(point_value="0.01")
    with clock.fixed(NOON):
        yield key


@pytest.fixture
def operator(program):
    client = signed_in(people.make_operator())
    client.post("/admin/program/", {"program": program, "next": "/admin/"})
    return client


def wanted(program, **values):
    return {
        "_program": program, "channel": "", "since_date": "2026-10-21", "days": "14", "points_mode": "recompute",
        "gives_money": "on", **values,
    }  # fmt: skip


def rows(program):
    with scope.enter([program], scope.SYSTEM):
        return list(ReturnTerms.objects.order_by("pk"))


def test_added_terms_judge_purchases_from_then_on(program, operator, django_capture_on_commit_callbacks):
    with scope.enter([program], scope.SYSTEM):
        grocery = Category.objects.get(code="grocery")

    with django_capture_on_commit_callbacks(execute=True):
        answer = operator.post(f"{LIST}add/", wanted(program, category=grocery.pk, channel="online"))

    assert answer.status_code == 302, answer.content.decode()
    (row,) = rows(program)
    with scope.enter([program], scope.SYSTEM):
        held = snapshots.present().returns.by_id[row.pk]
        assert (held.category, held.channel, held.days, held.since) == ("grocery", "online", 14, date(2026, 10, 21))
        assert AuditRecord.objects.filter(action="return_terms.created", object_id=str(row.pk)).exists()
    shown = operator.get(LIST).content.decode()
    assert "Grocery, online shop: taken back for 14 days" in shown
    assert "From later on" in shown


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"bonus_percent": "110"}, "Choose the points that the member gets."),
        ({"bonus_type": "points"}, "Say how much of the money becomes points."),
        ({"bonus_percent": "0", "bonus_type": "points"}, "greater than or equal to 1"),
        ({"days": "-1"}, "greater than or equal to 0"),
        ({"since_date": ""}, "required"),
    ],
)
def test_what_makes_no_sense_is_said_at_the_field(program, operator, values, said):
    with scope.enter([program], scope.SYSTEM):
        points = PointType.objects.get().pk
    if "bonus_type" in values:
        values = {**values, "bonus_type": points}

    answer = operator.post(f"{LIST}add/", wanted(program, **values))

    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert rows(program) == []


def test_a_bonus_needs_points_that_are_worth_money(program, operator):
    with scope.enter([program], scope.SYSTEM):
        Program.objects.filter(pk=program).update(point_value=0)
        points = PointType.objects.get().pk

    answer = operator.post(f"{LIST}add/", wanted(program, bonus_percent="50", bonus_type=points))

    assert "gives its points no value in money" in answer.content.decode()
    assert rows(program) == []


def test_two_terms_of_the_same_never_begin_on_one_day(program, operator):
    operator.post(f"{LIST}add/", wanted(program))

    answer = operator.post(f"{LIST}add/", wanted(program, days="30"))

    assert "There are terms for the same from this day." in answer.content.decode()
    assert [row.days for row in rows(program)] == [14]


@pytest.mark.parametrize(("since", "until"), [("2026-10-01", date(2026, 10, 21)), ("2026-12-01", date(2026, 12, 1))])
def test_terms_are_ended_after_today_or_before_they_begin_and_once(program, operator, since, until):
    operator.post(f"{LIST}add/", wanted(program, since_date=since))
    (row,) = rows(program)
    address = reverse("admin:programs_returns_returnterms_end", args=[row.pk])

    asked = operator.get(address).content.decode()
    first = operator.post(address, {"_program": program})
    operator.post(address, {"_program": program})

    assert "Purchases that were recorded with them keep them." in asked
    assert first.status_code == 302
    (row,) = rows(program)
    assert row.until_date == until
    with scope.enter([program], scope.SYSTEM):
        assert AuditRecord.objects.filter(action="return_terms.ended").count() == 1


def test_they_are_read_by_who_plans_promotions_and_set_by_the_operator(program, operator):
    operator.post(f"{LIST}add/", wanted(program))
    (row,) = rows(program)
    marketer = signed_in(people.make_staff(program, "marketer"))

    assert marketer.get(LIST).status_code == 200
    assert marketer.get(f"{LIST}add/").status_code == 403
    assert marketer.post(reverse("admin:programs_returns_returnterms_end", args=[row.pk])).status_code == 403
    assert signed_in(people.make_staff(program, "agent")).get(LIST).status_code == 403
    assert rows(program)[0].until_date is None


def test_nobody_changes_them(program, operator):
    operator.post(f"{LIST}add/", wanted(program))
    (row,) = rows(program)

    operator.post(f"{LIST}{row.pk}/change/", wanted(program, days="1"))

    assert rows(program)[0].days == 14
