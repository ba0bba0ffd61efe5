"""From when and until when points can be used: chosen by kind, each kind with its own fields, read back as they were."""

from typing import Any

import pytest

from programs.promotions.design import normal, parts, read, tidied
from programs.promotions.design.fields import Option
from programs.promotions.design.shape import Palette, all_fields
from programs.rules import validate
from tests.programs.promotions.sending import sent

PALETTE = Palette("USD", [Option("POINTS", "points")], [], events=[Option("SHIPPED", "Shipped")])
ACTIVATIONS: list[dict[str, Any]] = [
    {"after_days": 14}, {"after_days": 14, "at": "end_of_month"}, {"after_months": 1}, {"on": "2026-12-01"},
    {"at": "end_of_month"}, {"on_event": "SHIPPED"}, {"on_event": "SHIPPED", "after_days": 30},
]  # fmt: skip
EXPIRIES: list[dict[str, Any]] = [
    {"never": True}, {"after_inactivity": {"months": 6}}, {"after_inactivity": {"days": 90}}, {"on": "2026-12-31"},
    {"after_months": 12, "at": "end_of_year"}, {"after_days": 30},
]  # fmt: skip


def promotion(**life):
    earn = {"effect": "earn", "type": "POINTS", "formula": {"kind": "fixed", "points": "5"}, **life}
    return {"schema": "promo/1", "then": [earn]}


def typed(document, **changed):
    """The document after the page was sent with some fields changed."""
    data = sent(document, PALETTE)
    for name, value in changed.items():
        data[f"f:then/0/{name}"] = [value]
    return read(document, data, PALETTE)


def labels(document):
    return {field.path.removeprefix("then/0/"): field.label for field in all_fields(parts(normal(document), PALETTE))}


@pytest.mark.parametrize("life", [{"activation": one} for one in ACTIVATIONS] + [{"expiry": one} for one in EXPIRIES])
def test_an_untouched_page_changes_nothing(life):
    document = promotion(**life)
    assert tidied(read(document, sent(document, PALETTE), PALETTE)) == document


@pytest.mark.parametrize("name", ["activation", "expiry"])
def test_each_kind_begins_as_a_whole_and_goes_again(name):
    kinds = [
        "after_days",
        "after_months",
        "at",
        *(["on_event"] if name == "activation" else ["never", "after_inactivity"]),
    ]
    for kind in kinds:
        begun = typed(promotion(), **{f"{name}/@life": kind})
        assert kind in begun["then"][0][name]
        assert not validate({"id": "R", "version": 1, **tidied(begun)}), begun
        assert name not in tidied(typed(begun, **{f"{name}/@life": ""}))["then"][0]


def test_an_event_is_chosen_with_the_days_after_which_it_is_not_waited_for():
    begun = typed(promotion(), **{"activation/@life": "on_event"})
    assert labels(begun)["activation/on_event"] == "the event"
    filled = typed(begun, **{"activation/after_days": "30"})
    assert filled["then"][0]["activation"] == {"on_event": "SHIPPED", "after_days": 30}


def test_months_without_activity_are_typed():
    begun = typed(promotion(), **{"expiry/@life": "after_inactivity"})
    assert labels(begun)["expiry/after_inactivity/months"] == "months without activity"
    filled = typed(begun, **{"expiry/after_inactivity/months": "18"})
    assert filled["then"][0]["expiry"] == {"after_inactivity": {"months": 18}}


def test_another_kind_leaves_nothing_of_the_one_before():
    begun = promotion(expiry={"after_months": 12, "at": "end_of_year"})
    changed = typed(begun, **{"expiry/@life": "never", "expiry/after_months": "7"})
    assert changed["then"][0]["expiry"] == {"never": True}


def test_an_event_is_offered_only_where_the_program_has_one():
    bare = Palette("USD", [Option("POINTS", "points")], [])
    field = next(one for one in all_fields(parts(normal(promotion()), bare)) if one.path == "then/0/activation/@life")
    assert "on_event" not in [option.value for option in field.options]
