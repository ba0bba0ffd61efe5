"""Effects beside earning in the designer: offered only where somebody carries them out, and read back as they were."""

from typing import Any

import pytest

from programs.promotions import services
from programs.promotions.design import grants, read, tidied
from programs.promotions.design.fields import Option
from programs.promotions.design.shape import Palette
from tests import factories
from tests.programs.promotions.sending import sent

PALETTE = Palette(
    "USD",
    [Option("POINTS", "points")],
    [],
    choices={
        "voucher": [Option("FIVE", "Five off")], "message": [Option("THANKS", "Thanks")],
        "tier": [Option("GOLD", "Gold")], "attribute_set": [Option("member.visits", "Visits")],
        "segment_add": [Option("REGULAR", "Regulars")],
    },
)  # fmt: skip
COFFEE = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": ["coffee"]}
EFFECTS: list[dict[str, Any]] = [
    {"effect": "discount", "percent": "10"},
    {"effect": "discount", "amount": "5.00", "per": "selection"},
    {"effect": "nth_free", "n": 3, "where": COFFEE},
    {"effect": "bundle", "price": "5.00", "parts": [{"where": COFFEE, "units": 1}, {"where": COFFEE, "units": 2}]},
    {"effect": "voucher", "template": "FIVE", "valid_days": 14, "on_reverse": "ignore"},
    {"effect": "message", "template": "THANKS"},
    {"effect": "print", "text": {"en": "Thank you", "pl": "Dziękujemy"}},
    {"effect": "tier", "tier": "GOLD", "valid": {"after_days": 30, "at": "start_of_day"}},
    {"effect": "segment_add", "segment": "REGULAR", "days": 30},
    {"effect": "attribute_set", "attr": "member.visits", "add": "1"},
    {"effect": "flag", "flag": "REVIEW", "severity": "block", "text": {"en": "Look"}},
    {"effect": "burn", "type": "POINTS", "formula": {"kind": "fixed", "points": "10"}},
]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect["effect"])
def test_an_untouched_page_changes_nothing(effect):
    document = {"schema": "promo/1", "then": [effect]}

    assert tidied(read(document, sent(document, PALETTE), PALETTE)) == document


def test_what_is_typed_is_read():
    document = {"schema": "promo/1", "then": [EFFECTS[0], EFFECTS[4], EFFECTS[6]]}
    typed = {
        **sent(document, PALETTE),
        "f:then/0/percent": ["12,5"],
        "f:then/1/valid_days": [""],
        "f:then/2/text/pl": [""],
    }

    assert tidied(read(document, typed, PALETTE))["then"] == [
        {"effect": "discount", "percent": "12.5"},
        {"effect": "voucher", "template": "FIVE", "on_reverse": "ignore"},
        {"effect": "print", "text": {"en": "Thank you"}},
    ]


@pytest.mark.django_db
def test_offered_are_only_things_that_the_program_has():
    shop = factories.make_program()

    with factories.entered(shop):
        offered = [one.code for one in grants.additions("POINTS")]
        problems = {
            one.code: services.problems_of({"schema": "promo/1", "id": "NEW", "then": [one.node]})
            for one in grants.additions("POINTS")
            if one.code not in ("nth_free", "bundle")
        }

    assert offered == ["percent_off", "money_off", "nth_free", "bundle", "message", "print", "flag", "burn"]
    assert problems == {code: [] for code in problems}
