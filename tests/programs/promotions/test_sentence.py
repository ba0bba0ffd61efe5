"""Promotions read as a sentence: exact words in three languages, each phrase leading to its field."""

import json
from pathlib import Path

import pytest
from django.utils import translation

from loyalty.kernel.text import Texts
from programs.promotions.sentence import Names, conditions, sentence, text_of
from programs.rules.language import PROMO_SCHEMA
from programs.setup.models import PointType

pytestmark = pytest.mark.pure
EXAMPLES = json.loads((Path(__file__).parents[1] / "rules" / "examples.json").read_text(encoding="utf-8"))["promotions"]
NAMES = Names(
    currency="USD",
    exponent=2,
    point_types={
        "POINTS": PointType(code="POINTS", name=Texts(en="points", pl="punkty", ru="баллы")),
        "BEANS": PointType(code="BEANS", name=Texts(en="beans"), forms=Texts(en="bean, beans")),
    },
    default_point_type="POINTS",
    things={("category", "coffee"): "Coffee", ("category", "perfume"): "Perfume", ("partner", "X"): "Corner shop"},
)


def said(document, language="en"):
    with translation.override(language):
        return text_of(sentence(document, NAMES))


def example(code):
    return next(one for one in EXAMPLES if one["id"] == code)


class TestWords:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            (
                "en",
                "For a purchase, on: Friday, from 16:00 to 18:00, when partner: “Corner shop” – members get: double points; "
                "paid by: “Corner shop” 60 %, the operator 40 %; from 1 Dec 2026 until 1 Mar 2027.",
            ),
            (
                "pl",
                "Za zakup, dni: Piątek, od 16:00 do 18:00, gdy partner: „Corner shop” – uczestnik otrzymuje: podwójne "
                "punkty; płacą: „Corner shop” 60 %, operator 40 %; od 1 gru 2026 do 1 mar 2027.",
            ),
            (
                "ru",
                "За покупку, дни: Пятница, с 16:00 до 18:00, если партнёр: «Corner shop» – участник получает: двойные "
                "баллы; платят: «Corner shop» 60 %, оператор 40 %; с 1 дек 2026 до 1 мар 2027.",
            ),
        ],
    )
    def test_are_those_of_the_reader(self, language, words):
        assert said(example("HAPPY-X"), language) == words

    @pytest.mark.parametrize(
        ("language", "points"),
        [("en", ["1 point", "2 points", "5 points"]), ("pl", ["1 punkt", "2 punkty", "5 punktów"]),
         ("ru", ["1 балл", "2 балла", "5 баллов"])],
    )  # fmt: skip
    def test_count_in_the_forms_of_the_language(self, language, points):
        rules = [
            {"id": "A", "then": [{"effect": "earn", "formula": {"kind": "fixed", "points": amount}}]}
            for amount in "125"
        ]
        assert [said(rule, language).rpartition(": ")[2] for rule in rules] == [f"{amount}." for amount in points]

    def test_a_point_type_has_forms_of_its_own(self):
        effects = [
            {"effect": "earn", "type": "BEANS", "formula": {"kind": "rate", "points": points, "per": "2.00"}}
            for points in ("1", "3")
        ]
        assert said({"id": "A", "then": effects}) == (
            "For a purchase – members get: 1 bean for every full 2.00 USD and 3 beans for every full 2.00 USD."
        )

    def test_a_group_within_a_group_stands_in_brackets(self):
        amount = {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "20.00"}
        first = {"op": "purchase_number", "cmp": "eq", "value": 1}
        units = {"op": "lines", "measure": "units", "cmp": "gte", "value": 2}
        rule = {
            "id": "A",
            "when": {"op": "all", "of": [amount, {"op": "any", "of": [first, units]}]},
            "then": [{"effect": "earn", "formula": {"kind": "fixed", "points": "10"}}],
        }
        assert said(rule) == (
            "For a purchase, when amount of the basket at least 20.00 USD and (the first purchase or pieces in the "
            "basket: at least 2) – members get: 10 points."
        )

    def test_a_limit_for_everybody_for_ever_needs_no_period(self):
        rule = {
            "id": "A",
            "then": [{"effect": "earn", "formula": {"kind": "rate", "points": "1", "per": "5.00"}}],
            "limits": [
                {"id": "B", "scope": "promotion", "max": "50000"},
                {"id": "M", "scope": "member", "period": "month", "measure": "uses", "max": "1"},
            ],
        }
        assert said(rule) == (
            "For a purchase – members get: 1 point for every full 5.00 USD; at most 50,000 points for everybody together; "
            "at most 1 time for each member a month."
        )


class TestPhrases:
    def test_lead_to_their_fields(self):
        phrases = sentence(example("COFFEE-3"), NAMES)
        assert [(one.field, one.text) for one in phrases if one.field] == [
            ("trigger", "For a purchase"),
            ("when", "pieces in the basket (category: “Coffee”): at least 1"),
            (
                "then/0",
                "pieces number 3, 6, 9 … free (category: “Coffee”), counted on: pieces bought before, since 1 Dec 2026 "
                "(category: “Coffee”)",
            ),
            ("then/1", "a line on the receipt: “coffee-progress”"),
        ]

    @pytest.mark.parametrize("document", EXAMPLES, ids=lambda document: document["id"])
    @pytest.mark.parametrize("language", ["en", "pl", "ru"])
    def test_every_example_can_be_said(self, document, language):
        words = said(document, language)
        assert words.endswith(".")
        assert "%(" not in words
        assert "None" not in words


class TestCompleteness:
    def test_every_condition_of_the_language_has_words(self):
        kinds = set(PROMO_SCHEMA["$defs"]["condition"]["properties"]["op"]["enum"])
        assert kinds == set(conditions.WORDS)
