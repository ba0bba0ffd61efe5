"""Setting up a program: its own page, its point types."""

import pytest

from loyalty.kernel import registries, scope
from loyalty.kernel.pages import life
from programs.setup.models import PointType, Program
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
PROGRAMS = "/admin/programs_setup/program/"
SETTINGS = {
    "code": "SECOND", "name_en": "Second", "language": "en", "currency": "PLN", "timezone": "Europe/Warsaw",
    "is_running": "on", "basis": "paid", "earn_on": "after_loyalty_discounts", "rounding": "down", "point_value": "0.01",
    "lateness_days": "30", "reversal_policy": "debt", "debt_share": "100",
}  # fmt: skip


@pytest.fixture
def first():
    return people.make_program("FIRST")


@pytest.fixture
def operator(first):
    return signed_in(people.make_operator())


@pytest.fixture
def told(monkeypatch):
    """The programs for which it was told that settings changed."""
    programs = []
    monkeypatch.setattr(registries, "_on_settings_changed", [lambda: programs.append(scope.program_id())])
    return programs


def the_point_type(program):
    with scope.enter([program], scope.SYSTEM):
        return PointType.objects.get()


class TestProgram:
    def test_a_new_one_stands_behind_its_own_wall(self, operator, first, told, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            answer = operator.post(f"{PROGRAMS}add/", SETTINGS)

        assert answer.status_code == 302
        second = next(key for key in scope.every_program() if key != first)
        with scope.enter([second], scope.SYSTEM):
            assert Program.objects.get().currency == "PLN"
        with scope.enter([first], scope.SYSTEM):
            assert [program.code for program in Program.objects.all()] == ["FIRST"]
        assert told == [second]

    def test_the_list_shows_all_programs_to_the_operator_only(self, operator, first):
        people.make_program("OTHER")

        assert "OTHER" in operator.get(PROGRAMS).content.decode()
        assert signed_in(people.make_staff(first, "marketer")).get(PROGRAMS).status_code == 403

    def test_the_currency_stays_once_given(self, operator, first, told):
        operator.post(f"{PROGRAMS}{first}/change/", {**SETTINGS, "debt_share": "50"})

        with scope.enter([first], scope.SYSTEM):
            program = Program.objects.get()
        assert (program.currency, program.debt_share) == ("EUR", 50)


class TestPointType:
    @pytest.mark.parametrize(
        ("typed", "document"),
        [
            ({"expiry_kind": "never"}, {"never": True}),
            ({"expiry_kind": "after_months", "expiry_count": "6", "expiry_ending": "end_of_quarter"},
             {"after_months": 6, "at": "end_of_quarter"}),
            ({"expiry_kind": "after_days", "expiry_count": "0", "expiry_ending": "end_of_year"},
             {"after_days": 0, "at": "end_of_year"}),
            ({"expiry_kind": "on", "expiry_on": "2027-12-31"}, {"on": "2027-12-31"}),
        ],
    )  # fmt: skip
    def test_its_life_is_typed_in_parts(self, typed, document, operator, first, told):
        kind = the_point_type(first)
        form = {"name_en": "points", "is_spendable": "on", "position": "0", "activation_kind": "at_once", **typed}

        assert operator.post(f"/admin/programs_setup/pointtype/{kind.pk}/change/", form).status_code == 302

        saved = the_point_type(first)
        assert (saved.expiry, saved.activation) == (document, {})

    def test_a_life_without_its_number_is_refused_and_nothing_changes(self, operator, first, told):
        kind = the_point_type(first)
        form = {"name_en": "points", "position": "0", "activation_kind": "at_once", "expiry_kind": "after_days"}

        answer = operator.post(f"/admin/programs_setup/pointtype/{kind.pk}/change/", form)

        assert "Say how many days or months." in answer.content.decode()
        assert the_point_type(first).expiry == {"after_months": 12}

    def test_a_change_freezes_the_rules_anew(self, operator, first, told, django_capture_on_commit_callbacks):
        kind = the_point_type(first)
        form = {"name_en": "stars", "is_spendable": "on", "position": "0", "activation_kind": "at_once",
                "expiry_kind": "never"}  # fmt: skip

        with django_capture_on_commit_callbacks(execute=True):
            operator.post(f"/admin/programs_setup/pointtype/{kind.pk}/change/", form)

        assert told == [first]

    @pytest.mark.parametrize("document", [{}, {"after_days": 14}, {"after_months": 6, "at": "end_of_month"}])
    def test_a_stored_life_comes_back_from_its_form_unchanged(self, document):
        field = life.LifeField(life.STARTS if not document else life.ENDS)

        assert field.clean(field.widget.decompress(document)) == document


class TestGroups:
    def test_are_typed_row_by_row(self, operator, first):
        page = f"/admin/programs_setup/program/{first}/change/"
        with scope.enter([first], scope.SYSTEM):
            shown = {
                "name_en": "First", "language": "en", "is_running": "on", "basis": "paid", "rounding": "down",
                "earn_on": "after_loyalty_discounts", "point_value": "0", "lateness_days": "30",
                "reversal_policy": "debt", "debt_share": "100",
            }  # fmt: skip

        typed = {
            "groups-name": ["summer", "", "two"],
            "groups-mode": ["best", "best", "at_most"],
            "groups-most": ["", "", "2"],
        }
        operator.post(page, {**shown, **typed})

        with scope.enter([first], scope.SYSTEM):
            assert Program.objects.get().groups == {"summer": "best", "two": "at_most:2"}
        assert "at_most:2" not in operator.get(page).content.decode()

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"groups-name": "Summer!", "groups-mode": "best", "groups-most": ""}, "cannot be a name"),
            (
                {"groups-name": ["a", "a"], "groups-mode": ["best", "all"], "groups-most": ["", ""]},
                "stands there twice",
            ),
            ({"groups-name": "a", "groups-mode": "at_most", "groups-most": ""}, "Say how many of"),
            ({"groups-name": "a", "groups-mode": "worst", "groups-most": ""}, "Choose what happens"),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_stays_typed(self, typed, words, operator, first):
        page = f"/admin/programs_setup/program/{first}/change/"

        answer = operator.post(page, {"name_en": "First", **typed}).content.decode()

        assert words in answer
        with scope.enter([first], scope.SYSTEM):
            assert Program.objects.get().groups == {}
