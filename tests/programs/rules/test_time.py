"""Schedules, time zones, clock changes, calendar arithmetic, life of points: C11, C21."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from programs.rules import Inactivity, ends_at, inactivity, starts_at
from programs.rules.dates import add_months, anniversary
from tests.programs.rules.builders import earn, fixed, line, points, rule, trial

pytestmark = pytest.mark.pure

WARSAW = "Europe/Warsaw"


def is_on(schedule, at, **purchase):
    found = trial([rule("R", earn(fixed("1")), schedule=schedule)], [line("1.00")], purchase={"at": at, **purchase})
    return points(found) == "1"


class TestSchedule:
    EVENING = {"weekdays": [5], "times": [["16:00", "18:00"]]}

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("2026-12-04T15:59:59+01:00", False),
            ("2026-12-04T16:00:00+01:00", True),
            ("2026-12-04T17:59:59+01:00", True),
            ("2026-12-04T18:00:00+01:00", False),
            ("2026-12-03T17:00:00+01:00", False),
            ("2026-12-04T15:00:00+00:00", True),
        ],
    )
    def test_windows_include_their_start_and_exclude_their_end(self, at, expected):
        assert is_on(self.EVENING, at) is expected

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("2026-12-04T22:30:00+01:00", True),
            ("2026-12-05T01:59:00+01:00", True),
            ("2026-12-05T02:00:00+01:00", False),
            ("2026-12-05T22:30:00+01:00", False),
            ("2026-12-04T01:00:00+01:00", False),
        ],
    )
    def test_a_window_over_midnight_belongs_to_the_day_on_which_it_starts(self, at, expected):
        assert is_on({"weekdays": [5], "times": [["22:00", "02:00"]]}, at) is expected

    def test_a_blackout_switches_the_local_day_off(self):
        schedule = {"times": [["22:00", "02:00"]], "blackout": ["2026-12-24"]}
        assert not is_on(schedule, "2026-12-24T23:00:00+01:00")
        assert is_on(schedule, "2026-12-25T01:00:00+01:00")
        assert not is_on({"blackout": ["12-24"]}, "2027-12-24T12:00:00+01:00")

    def test_times_of_day_are_those_of_the_shop(self):
        """16:30 in London is 17:30 in Warsaw; 17:30 in London is 18:30 in Warsaw."""
        assert is_on(self.EVENING, "2026-12-04T17:30:00+00:00", store_tz="Europe/London")
        assert not is_on(self.EVENING, "2026-12-04T17:30:00+00:00")

    def test_validity_is_half_open_and_in_program_time(self):
        schedule = {"from": "2026-12-01T00:00:00", "to": "2026-12-05"}
        assert not is_on(schedule, "2026-11-30T23:59:59+01:00", store_tz="Asia/Tokyo")
        assert is_on(schedule, "2026-12-01T00:00:00+01:00", store_tz="America/New_York")
        assert is_on(schedule, "2026-12-04T23:59:59+01:00")
        assert not is_on(schedule, "2026-12-05T00:00:00+01:00")

    def test_a_skipped_local_time_never_matches(self):
        """On 28 March 2027 Warsaw goes from 02:00 to 03:00."""
        schedule = {"times": [["02:00", "03:00"]]}
        assert not is_on(schedule, "2027-03-28T00:59:59+00:00")
        assert not is_on(schedule, "2027-03-28T01:00:00+00:00")

    def test_a_doubled_hour_matches_twice(self):
        """On 25 October 2026 Warsaw has 02:30 twice."""
        schedule = {"times": [["02:00", "03:00"]]}
        assert is_on(schedule, "2026-10-25T00:30:00+00:00")
        assert is_on(schedule, "2026-10-25T01:30:00+00:00")
        assert not is_on(schedule, "2026-10-25T02:30:00+00:00")

    def test_days_of_the_month_count_from_either_end(self):
        assert is_on({"month_days": [4]}, "2026-12-04T12:00:00+01:00")
        assert is_on({"month_days": [-1]}, "2026-12-31T12:00:00+01:00")
        assert not is_on({"month_days": [-1]}, "2026-12-30T12:00:00+01:00")

    def test_listed_dates(self):
        assert is_on({"dates": ["2026-12-04", "05-01"]}, "2026-12-04T12:00:00+01:00")
        assert is_on({"dates": ["2026-12-04", "05-01"]}, "2030-05-01T12:00:00+02:00")
        assert not is_on({"dates": ["2026-12-04"]}, "2027-12-04T12:00:00+01:00")

    def test_a_condition_may_hold_during_a_schedule(self):
        during = {"op": "during", "schedule": {"times": [["17:00", "18:00"]]}}
        night = {"op": "during", "schedule": {"times": [["23:00", "24:00"]]}}
        rules = [rule("A", earn(fixed("1")), when=during), rule("B", earn(fixed("2")), when=night)]
        answer = trial(rules, [line("1.00")])
        assert (points(answer), answer["not_applied"]) == ("1", {"B": "when_false"})


class TestCalendar:
    def test_adding_months_keeps_the_day_or_takes_the_last(self):
        assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
        assert add_months(date(2027, 12, 15), 2) == date(2028, 2, 15)
        assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)

    def test_a_birthday_on_29_february_is_28_february_in_a_common_year(self):
        assert anniversary(date(2000, 2, 29), 2027) == date(2027, 2, 28)
        assert anniversary(date(2000, 2, 29), 2028) == date(2028, 2, 29)

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("2027-02-25T12:00:00+01:00", True),
            ("2027-02-24T12:00:00+01:00", False),
            ("2027-03-02T12:00:00+01:00", True),
            ("2027-03-03T12:00:00+01:00", False),
        ],
    )
    def test_a_birthday_window_includes_both_its_ends(self, at, expected):
        window = {"op": "birthday_within", "before": 3, "after": 2}
        member = {"id": "m", "birthday": "2000-02-29"}
        answer = trial([rule("R", earn(fixed("1")), when=window)], [line("1.00")], member=member, purchase={"at": at})
        assert (points(answer) == "1") is expected

    def test_a_birthday_window_reaches_over_new_year(self):
        window = {"op": "birthday_within", "before": 5, "after": 0}
        member = {"id": "m", "birthday": "1990-01-02"}
        bonus = rule("R", earn(fixed("1")), when=window)
        assert (
            points(trial([bonus], [line("1.00")], member=member, purchase={"at": "2026-12-30T12:00:00+01:00"})) == "1"
        )

    def test_an_anniversary_of_any_date_and_a_missing_one(self):
        window = {"op": "anniversary_within", "attr": "member.joined", "before": 0, "after": 0}
        bonus = rule("R", earn(fixed("1")), when=window)
        assert points(trial([bonus], [line("1.00")], member={"id": "m", "joined": "2020-12-04"})) == "1"
        assert trial([bonus], [line("1.00")])["not_applied"] == {"R": "unknown_attribute"}

    def test_age_is_counted_on_the_local_day(self):
        adult = rule("R", earn(fixed("1")), when={"op": "test", "attr": "member.age", "cmp": "gte", "value": 18})
        assert points(trial([adult], [line("1.00")], member={"id": "m", "birthday": "2008-12-04"})) == "1"
        assert points(trial([adult], [line("1.00")], member={"id": "m", "birthday": "2008-12-05"})) == "0"


class TestLife:
    AT = datetime(2026, 1, 31, 17, 45, tzinfo=UTC)  # 18:45 in Warsaw

    def local(self, *parts):
        return datetime(*parts, tzinfo=ZoneInfo(WARSAW))

    def test_without_a_document_points_start_at_once_and_never_end(self):
        assert starts_at(None, self.AT, WARSAW) == self.AT
        assert ends_at(None, self.AT, WARSAW) is None
        assert ends_at({"never": True}, self.AT, WARSAW) is None

    @pytest.mark.parametrize(
        ("life", "expected"),
        [
            ({"after_days": 14}, (2026, 2, 14, 18, 45)),
            ({"after_days": 14, "at": "start_of_day"}, (2026, 2, 14)),
            ({"after_months": 1}, (2026, 2, 28, 18, 45)),
            ({"after_months": 12, "at": "end_of_month"}, (2027, 2, 1)),
            ({"after_months": 1, "at": "end_of_quarter"}, (2026, 4, 1)),
            ({"after_days": 0, "at": "end_of_year"}, (2027, 1, 1)),
            ({"at": "end_of_month"}, (2026, 2, 1)),
            ({"after_months": 2, "after_days": 1, "at": "start_of_day"}, (2026, 4, 1)),
        ],
    )
    def test_shifts_in_local_time(self, life, expected):
        assert starts_at(life, self.AT, WARSAW) == self.local(*expected)
        assert ends_at(life, self.AT, WARSAW) == self.local(*expected)

    def test_a_date_starts_points_in_its_morning_and_ends_them_after_it(self):
        assert starts_at({"on": "2026-03-01"}, self.AT, WARSAW) == self.local(2026, 3, 1)
        assert ends_at({"on": "2026-03-01"}, self.AT, WARSAW) == self.local(2026, 3, 2)

    def test_a_shift_over_a_clock_change_keeps_the_time_of_day(self):
        assert ends_at({"after_months": 3}, self.AT, WARSAW) == datetime(2026, 4, 30, 16, 45, tzinfo=UTC)

    def test_an_event_and_inactivity_are_left_to_who_knows_them(self):
        assert starts_at({"on_event": "delivered"}, self.AT, WARSAW) is None
        latest = starts_at({"on_event": "delivered", "after_days": 9}, self.AT, WARSAW)
        assert latest == starts_at({"after_days": 9}, self.AT, WARSAW)
        life = {"after_inactivity": {"months": 6}}
        assert ends_at(life, self.AT, WARSAW) == ends_at({"after_months": 6}, self.AT, WARSAW)
        assert inactivity(life) == Inactivity(days=0, months=6)
        assert inactivity({"after_days": 1}) is None
