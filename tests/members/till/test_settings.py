"""The page of the settings of tills."""

import pytest

from loyalty.kernel import scope
from loyalty.kernel.models import AuditRecord
from programs.setup.models import Program
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])
PAGE = "/admin/reservations/settings/"


def send(program: int, user, **values):
    sent = {
        "points_at_till": "discount", "till_hold_minutes": "20", "till_offline_limit": "12.50",
        "card_earns_per_hour": "10", "_program": program,
    }  # fmt: skip
    return signed_in(user).post(PAGE, {**sent, **values}, follow=True)


def kept(program: int) -> dict:
    with scope.enter([program], scope.SYSTEM):
        found = Program.objects.get().settings
        return {name: value for name, value in found.items() if name != "unknown_articles"}


def test_an_operator_sets_how_tills_work_and_it_is_written_down():
    program = people.make_program()
    user = people.make_operator()

    page = send(program, user).content.decode()
    send(program, user)

    assert "Saved. Tills work so from now on." in page
    assert 'value="12.50"' in page
    assert kept(program) == {"points_at_till": "discount", "till_hold_minutes": 20, "till_offline_limit": 1250}
    with scope.enter([program], scope.SYSTEM):
        assert AuditRecord.objects.filter(action="program.changed").count() == 1


@pytest.mark.parametrize(
    "values",
    [{"till_hold_minutes": "0"}, {"till_hold_minutes": "1441"}, {"till_offline_limit": "-1"},
     {"till_offline_limit": "0.001"}, {"points_at_till": "gold"}],
)  # fmt: skip
def test_what_is_no_setting_is_refused_at_the_field(values):
    program = people.make_program()

    assert 'class="error"' in send(program, people.make_operator(), **values).content.decode()
    assert kept(program) == {}


def test_a_marketer_sets_nothing():
    program = people.make_program()

    assert send(program, people.make_staff(program, "marketer")).status_code == 403
    assert kept(program) == {}
