"""Settings at several levels: the nearest wins."""

import pytest

from programs.setup import terms
from programs.setup.models import Brand, Program, Region
from programs.setup.terms import CANCELABLE_DAYS, TERMS, TRANSFER_DAILY_POINTS, nearest

pytestmark = pytest.mark.pure

NAMES = ("region", "brand", "program", "operator")


def value(levels: dict[str, int], settings) -> int:
    """What holds when each level says what ``levels`` has for it."""
    said = {name: {"cancelable_days": levels[name]} if name in levels else {} for name in NAMES}
    settings.TERMS = said["operator"]
    return nearest(
        CANCELABLE_DAYS,
        Program(settings=said["program"]),
        brand=Brand(settings=said["brand"]),
        region=Region(settings=said["region"]),
    )


@pytest.mark.parametrize("first", range(len(NAMES)))
def test_each_level_goes_before_those_behind_it(first, settings):
    levels = {name: 10 + place for place, name in enumerate(NAMES)}

    assert value(dict(list(levels.items())[first:]), settings) == 10 + first


def test_where_nobody_says_anything_it_is_what_is_usual(settings):
    assert value({}, settings) == 30
    assert nearest(CANCELABLE_DAYS, Program(settings={})) == 30


def test_saying_that_there_is_no_limit_hides_the_limit_behind(settings):
    settings.TERMS = {"transfer_daily_points": 500}

    assert nearest(TRANSFER_DAILY_POINTS, Program(settings={})) == 500
    assert nearest(TRANSFER_DAILY_POINTS, Program(settings={"transfer_daily_points": None})) is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("card_check", "mod97"),
        ("unknown_articles", "perhaps"),
        ("cancelable_days", -1),
        ("cancelable_days", True),
        ("transfer_expiry", "never"),
        ("transfer_fee_percent", 100),
        ("transfer_daily_points", "many"),
    ],
)
def test_a_value_that_makes_no_sense_is_a_mistake(name, wrong):
    with pytest.raises(AssertionError, match=name):
        nearest(TERMS[name], Program(settings={name: wrong}))


def test_every_usual_value_is_one_that_makes_sense():
    assert all(term.accepts(term.usual) for term in terms.TERMS.values())
    assert all(term.name == name for name, term in terms.TERMS.items())
