"""History: windows, net of returns, measures, streaks: C12, C13."""

import pytest

from tests.programs.rules.builders import compare_to, earn, fixed, in_category, line, points, rule, trial

pytestmark = pytest.mark.pure


def bought(at, *lines, **fields):
    return {"at": at, "lines": list(lines) or [line("10.00")], **fields}


def history_is(measure, value, history, **fields):
    """Does the history value equal ``value``? None when it is unknown."""
    purchase = fields.pop("purchase", {})
    events = fields.pop("events", [])
    condition = {"op": "history", "measure": measure, "cmp": "eq", "value": value, **fields}
    bonus = rule("R", earn(fixed("1")), audience=condition)
    answer = trial([bonus], [line("7.00", 1, "now", sku="NOW")], history=history, purchase=purchase, events=events)
    if points(answer) == "1":
        return True
    return {"audience_false": False, "unknown_attribute": None}[answer["not_applied"]["R"]]


class TestWindows:
    def test_the_last_days_are_local_dates_with_today(self):
        """D = 4 December; the last 3 days are 2, 3 and 4 December."""
        history = [
            bought("2026-12-01T23:59:59+01:00"),
            bought("2026-12-02T00:00:00+01:00"),
            bought("2026-12-04T09:00:00+01:00"),
        ]
        assert history_is("purchases", 2, history, window={"last_days": 3})
        assert history_is("purchases", 1, history, window={"last_days": 1})

    def test_only_earlier_purchases_count(self):
        history = [bought("2026-12-04T17:29:59+01:00"), bought("2026-12-04T17:30:00+01:00")]
        assert history_is("purchases", 1, history)

    def test_history_counts_in_program_time_not_in_the_shops(self):
        """23:30 UTC on 30 November is 1 December in Warsaw."""
        history = [bought("2026-11-30T23:30:00+00:00", store_tz="America/New_York")]
        assert history_is("purchases", 1, history, window={"this": "month"})

    @pytest.mark.parametrize(
        ("window", "expected"),
        [
            ({"this": "day"}, 0),
            ({"this": "week"}, 1),
            ({"this": "month"}, 1),
            ({"this": "quarter"}, 2),
            ({"this": "year"}, 3),
            ({"previous": "week"}, 0),
            ({"previous": "month"}, 1),
            ({"previous": "quarter"}, 1),
            ({"previous": "year"}, 1),
            ({"last_months": 1}, 2),
            ({"last_hours": 48}, 0),
            ({"last_hours": 120}, 1),
            ({"since": "2026-11-05"}, 2),
            (None, 4),
        ],
    )
    def test_periods(self, window, expected):
        """D = Friday 4 December 2026, in the week from Monday 30 November; a purchase wholly returned is none."""
        history = [
            bought("2025-12-31T12:00:00+01:00"),
            bought("2026-09-30T12:00:00+02:00"),
            bought("2026-11-05T12:00:00+01:00"),
            bought("2026-12-01T12:00:00+01:00"),
            bought("2026-12-02T12:00:00+01:00", line("1.00", 1, returned=1)),
        ]
        assert history_is("purchases", expected, history, **({} if window is None else {"window": window}))

    def test_this_purchase_counts_only_when_the_words_say_so(self):
        history = [bought("2026-12-01T12:00:00+01:00")]
        assert history_is("amount", "10.00", history)
        assert history_is("amount", "17.00", history, include_current=True)
        assert history_is("amount", "7.00", history, include_current=True, where=in_category("now"))
        assert history_is("purchases", 2, history, include_current=True)
        assert history_is("purchases", 0, history, include_current=True, where=in_category("other"))


class TestMeasures:
    HISTORY = [
        bought("2026-12-01T09:00:00+01:00", line("10.00", 3, "a", sku="S1"), line("2.00", "0.4", "b", unit="kg")),
        bought("2026-12-01T19:00:00+01:00", line("20.00", 1, "a", sku="S2"), channel="web"),
        bought("2026-12-02T09:00:00+01:00", line("5.00", 2, "a", sku="S1", returned=1, discount="1.01")),
    ]

    @pytest.mark.parametrize(
        ("measure", "value", "fields"),
        [
            ("amount", "55.29", {}),
            ("amount", "54.49", {"where": in_category("a")}),
            ("amount", "20.00", {"txn_where": compare_to("txn.channel", "eq", "web")}),
            ("units", 6, {}),
            ("units", 1, {"where": in_category("b")}),
            ("purchases", 3, {}),
            ("purchases", 1, {"where": in_category("b")}),
            ("days", 2, {}),
            ("days", 3, {"include_current": True}),
            ("days_since_last", 2, {}),
            ("days_since_last", 3, {"where": in_category("b")}),
            ("distinct:sku", 2, {}),
            ("distinct:sku", 3, {"include_current": True}),
        ],
    )
    def test_values(self, measure, value, fields):
        """The kept unit of the last line: 5.00 less half of 1.01, half up 0.51 = 4.49; 30.00 + 0.80 + 20.00 + 4.49."""
        assert history_is(measure, value, self.HISTORY, **fields)

    def test_days_since_the_last_purchase_are_unknown_without_one(self):
        assert history_is("days_since_last", 0, []) is None
        assert history_is("amount", "0", []) is True

    def test_points_of_a_type(self):
        history = [bought("2026-12-01T09:00:00+01:00", points={"POINTS": "12"}), bought("2026-12-02T09:00:00+01:00")]
        assert history_is("points", 12, history, window={"this": "month"})

    def test_events_of_a_type(self):
        events = [
            {"at": "2026-12-01T09:00:00+01:00", "type": "survey"},
            {"at": "2026-12-02T09:00:00+01:00", "type": "login"},
            {"at": "2026-12-05T09:00:00+01:00", "type": "survey"},
        ]
        assert history_is("events", 1, [], event="survey", events=events)


class TestStreaks:
    def test_weeks_in_a_row_with_the_current_one(self):
        """Weeks of 16 and 23 November, and this purchase in the week of 30 November."""
        history = [
            bought("2026-11-18T12:00:00+01:00"),
            bought("2026-11-29T23:00:00+01:00"),
            bought("2026-11-08T12:00:00+01:00"),
        ]
        assert history_is("streak", 3, history)
        assert history_is("streak", 2, history, window={"this": "month"})

    def test_a_filter_breaks_the_streak(self):
        history = [bought("2026-11-25T12:00:00+01:00", line("1.00", 1, "now")), bought("2026-11-18T12:00:00+01:00")]
        assert history_is("streak", 2, history, where=in_category("now"))
        assert history_is("streak", 3, history)

    def test_the_older_spelling(self):
        history = [bought("2026-11-25T12:00:00+01:00")]
        condition = {"op": "streak_weeks", "cmp": "gte", "value": 2}
        bonus = rule("R", earn(fixed("1")), when=condition)
        assert points(trial([bonus], [line("1.00")], history=history)) == "1"
        assert points(trial([bonus], [line("1.00")])) == "0"


class TestComparedHistory:
    def test_a_share_of_spend(self):
        """40% of 100.00 on sport is reached with 40.00."""
        share = {
            "op": "compare",
            "left": {"op": "history", "measure": "amount", "where": in_category("sport"), "window": {"last_days": 180}},
            "cmp": "gte",
            "right": {
                "op": "mul",
                "of": ["0.40", {"op": "history", "measure": "amount", "window": {"last_days": 180}}],
            },
        }
        bonus = rule("R", earn(fixed("1")), audience=share)

        def answer(sport, other):
            lines = [line(sport, 1, "sport"), line(other)]
            return points(trial([bonus], [line("1.00")], history=[bought("2026-11-01T12:00:00+01:00", *lines)]))

        assert (answer("40.00", "60.00"), answer("39.99", "60.00")) == ("1", "0")
