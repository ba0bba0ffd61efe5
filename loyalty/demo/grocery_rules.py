"""The promotions of the demo's grocery program, as a marketer would publish them."""

from typing import Any

MONTH_LATER = {"after_months": 1, "at": "end_of_month"}

BASE: dict[str, Any] = {
    "code": "BASE",
    "name": {"en": "A point for every dollar", "pl": "Punkt za każdego dolara", "ru": "Балл за каждый доллар"},
    "document": {
        "schema": "promo/1",
        "trigger": "purchase",
        "phase": "base",
        "then": [
            {"effect": "earn", "type": "POINTS", "formula": {"kind": "rate", "points": "1", "per": "1.00"}},
            {"effect": "earn", "type": "STATUS", "formula": {"kind": "rate", "points": "1", "per": "1.00"}},
        ],
    },
}


def produce(category: str) -> dict[str, Any]:
    """Double points on everything below a category."""
    of_produce = {"op": "test", "attr": "line.categories", "cmp": "overlaps", "value": [category]}
    return {
        "code": "PRODUCE-2X",
        "name": {
            "en": "Double points on fruit and vegetables",
            "pl": "Podwójne punkty za owoce i warzywa",
            "ru": "Двойные баллы за овощи и фрукты",
        },
        "document": {
            "schema": "promo/1",
            "trigger": "purchase",
            "when": {"op": "lines", "where": of_produce, "measure": "units", "cmp": "gte", "value": 1},
            "then": [
                {
                    "effect": "earn",
                    "type": "POINTS",
                    "formula": {"kind": "multiply", "factor": "2"},
                    "where": of_produce,
                }
            ],
        },
    }


HAPPY_MORNING: dict[str, Any] = {
    "code": "HAPPY-MORNING",
    "name": {"en": "Happy morning", "pl": "Szczęśliwy poranek", "ru": "Счастливое утро"},
    "document": {
        "schema": "promo/1",
        "trigger": "purchase",
        "schedule": {"weekdays": [2, 3], "times": [["07:00", "10:00"]]},
        "then": [{"effect": "earn", "type": "POINTS", "formula": {"kind": "multiply", "factor": "1.5"}}],
    },
}

BASKET: dict[str, Any] = {
    "code": "BASKET-50",
    "name": {
        "en": "25 points for a full basket",
        "pl": "25 punktów za pełny koszyk",
        "ru": "25 баллов за полную корзину",
    },
    "document": {
        "schema": "promo/1",
        "trigger": "purchase",
        "when": {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "50.00"},
        "then": [
            {
                "effect": "earn",
                "type": "POINTS",
                "formula": {"kind": "fixed", "points": "25"},
                "activation": {"after_days": 14, "at": "start_of_day"},
            }
        ],
        "limits": [{"id": "MONTH", "scope": "member", "period": "month", "measure": "uses", "max": "4"}],
    },
}


def brand(name: str, partner: str) -> dict[str, Any]:
    """Points for a manufacturer's products, paid by the manufacturer, gone at the end of the next month."""
    of_brand = {"op": "test", "attr": "line.brand", "cmp": "in", "value": [name]}
    return {
        "code": "BRAND-SPOTLIGHT",
        "name": {"en": f"{name} in the spotlight", "pl": f"{name} w centrum uwagi", "ru": f"{name} в центре внимания"},
        "document": {
            "schema": "promo/1",
            "trigger": "purchase",
            "when": {"op": "lines", "where": of_brand, "measure": "amount", "cmp": "gte", "value": "5.00"},
            "then": [
                {
                    "effect": "earn",
                    "type": "POINTS",
                    "formula": {"kind": "rate", "points": "2", "per": "5.00"},
                    "where": of_brand,
                    "expiry": MONTH_LATER,
                }
            ],
            "limits": [{"id": "MONTH", "scope": "member", "period": "month", "measure": "points", "max": "100"}],
            "funding": [{"partner": partner, "share": "1"}],
        },
    }
