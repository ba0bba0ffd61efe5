"""Short ways to write trial documents in tests."""

from typing import Any

from programs.rules import run_trial

AT = "2026-12-04T17:30:00+01:00"  # a Friday


def line(price: str, qty: Any = 1, *categories: str, **fields: Any) -> dict[str, Any]:
    return {"unit_price": price, "qty": qty, "categories": list(categories), **fields}


def earn(formula: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"effect": "earn", "formula": formula, **fields}


def rate(points: str = "1", per: str = "10.00", **fields: Any) -> dict[str, Any]:
    return {"kind": "rate", "points": points, "per": per, **fields}


def fixed(points: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "fixed", "points": points, **fields}


def times(factor: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "multiply", "factor": factor, **fields}


def rule(rule_id: str, *effects: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": rule_id, "then": list(effects), **fields}


def base(formula: dict[str, Any] | None = None, rule_id: str = "BASE", **fields: Any) -> dict[str, Any]:
    return rule(rule_id, earn(formula or rate(), **fields), phase="base")


def compare_to(attr: str, cmp: str, value: Any = None) -> dict[str, Any]:
    condition = {"op": "test", "attr": attr, "cmp": cmp}
    return condition if value is None else {**condition, "value": value}


def in_category(*categories: str) -> dict[str, Any]:
    return compare_to("line.categories", "overlaps", list(categories))


def trial(rules: list[dict[str, Any]], lines: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """Run a trial; ``purchase`` and ``program`` fields are merged into the defaults."""
    document = {
        "program": {"currency": "PLN", "timezone": "Europe/Warsaw", **fields.pop("program", {})},
        "rules": rules,
        "member": fields.pop("member", {"id": "m-1"}),
        "purchase": {"at": AT, "lines": lines, **fields.pop("purchase", {})},
        **fields,
    }
    answer = run_trial(document)
    assert "errors" not in answer, answer
    return answer


def points(answer: dict[str, Any], code: str = "POINTS") -> str:
    return answer["points"][code]


def of_rule(answer: dict[str, Any], rule_id: str, code: str = "POINTS") -> str:
    granted = answer["by_rule"].get(rule_id)
    return "0" if granted is None else granted["points"].get(code, "0")
