"""What the operator says about the member desk holds for the program, and is written down."""

import pytest

from loyalty.kernel import scope
from loyalty.kernel.models import AuditRecord
from programs.setup.models import Program
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/members/settings/"
USUAL = {
    "correction_daily_points": "", "contact_hold_hours": "72", "look_minutes": "30", "looks_per_hour": "60",
    "caller_minutes": "15",
}  # fmt: skip


@pytest.fixture
def program() -> int:
    return people.make_program()


def send(client, program: int, **values):
    return client.post(PAGE, {**USUAL, **values, "_program": program}, follow=True)


def kept(program: int) -> dict:
    with scope.enter([program], scope.SYSTEM):
        found = Program.objects.get().settings
        return {name: value for name, value in found.items() if name != "unknown_articles"}


def test_what_differs_from_usual_is_kept_and_written_down_once(program):
    operator = signed_in(people.make_operator())

    page = send(operator, program, correction_daily_points="500", contact_hold_hours="24").content.decode()
    send(operator, program, correction_daily_points="500", contact_hold_hours="24")

    assert "Saved. The desk works so from now on." in page
    assert 'value="500"' in page
    assert kept(program) == {"correction_daily_points": 500, "contact_hold_hours": 24}
    with scope.enter([program], scope.SYSTEM):
        deed = AuditRecord.objects.get(action="program.changed")
    assert deed.changes == {"correction_daily_points": [None, 500], "contact_hold_hours": [72, 24]}


@pytest.mark.parametrize(
    "values",
    [{"correction_daily_points": "-1"}, {"contact_hold_hours": ""}, {"contact_hold_hours": "9000"},
     {"look_minutes": "0"}, {"looks_per_hour": "x"}],
)  # fmt: skip
def test_what_is_no_setting_is_refused_at_the_field(program, values):
    answer = send(signed_in(people.make_operator()), program, **values)

    assert 'class="error"' in answer.content.decode()
    assert kept(program) == {}


def test_nobody_else_sets_anything(program):
    supervisor = signed_in(people.make_staff(program, "supervisor"))

    assert send(supervisor, program, correction_daily_points="500").status_code == 403
    assert kept(program) == {}
