"""The trial document over HTTP and on the command line."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from programs.rules import run_trial
from tests import factories

RULE: dict[str, Any] = {
    "id": "BASE",
    "phase": "base",
    "then": [{"effect": "earn", "formula": {"kind": "rate", "points": "1", "per": "1.00"}}],
}
PURCHASE: dict[str, Any] = {
    "at": "2026-12-04T17:30:00+01:00",
    "lines": [{"sku": "A", "unit_price": "10.50", "qty": 2}],
}


def document(**changes: Any) -> dict[str, Any]:
    return {"rules": [RULE], "purchase": PURCHASE, **changes}


def nested(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"op": "test", "attr": "txn.channel", "cmp": "eq", "value": "web"}
    for _level in range(depth - 1):
        condition = {"op": "all", "of": [condition]}
    return {**RULE, "phase": "bonus", "when": condition}


@pytest.fixture
def api(db):
    return factories.client(factories.make_program(), "promotions.trial")


class TestTrial:
    def test_answers_what_the_language_answers(self, api):
        response = api.post("/api/v1/promotions/trial", document(returns=[[[0, 1]]]))

        assert response.status_code == 200
        assert response.json() == run_trial(document(returns=[[[0, 1]]]))
        assert (response.json()["points"], response.json()["reversed"]) == ({"POINTS": "21"}, {"POINTS": "11"})

    def test_takes_rules_as_deep_as_the_language_does(self, api):
        response = api.post("/api/v1/promotions/trial", document(rules=[nested(12)]))

        assert response.json()["not_applied"] == {"BASE": "unknown_attribute"}
        assert api.post("/api/v1/promotions/trial", document(rules=[nested(13)])).status_code == 400

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("rules/BASE/thn", {"rules": [{**RULE, "thn": []}]}),
            ("rules/BASE/then", {"rules": [{"id": "BASE"}]}),
            ("rules", {"rules": []}),
            ("rules.0", {"rules": ["BASE"]}),
            ("body", {"surprise": 1}),
            ("purchase", {"purchase": {}}),
            ("purchase.at", {"purchase": {**PURCHASE, "at": "2026-12-04T17:30:00"}}),
            ("purchase.at", {"purchase": {**PURCHASE, "at": "noon"}}),
            ("purchase.store_tz", {"purchase": {**PURCHASE, "store_tz": "Mars/Base"}}),
            ("purchase.lines.0", {"purchase": {**PURCHASE, "lines": [{"sku": "A"}]}}),
            ("purchase.lines.0.qty", {"purchase": {**PURCHASE, "lines": [{"amount": "1", "qty": "-1"}]}}),
            ("purchase.lines.0.amount", {"purchase": {**PURCHASE, "lines": [{"amount": "NaN"}]}}),
            ("purchase.lines.0.discount", {"purchase": {**PURCHASE, "lines": [{"unit_price": "1", "discount": "2"}]}}),
            ("purchase.lines", {"purchase": {**PURCHASE, "lines": [{"unit_price": "1", "qty": 100_001}]}}),
            ("purchase.basket_discount", {"purchase": {**PURCHASE, "basket_discount": "21.01"}}),
            ("purchase.paid_with_points", {"purchase": {**PURCHASE, "paid_with_points": "21.01"}}),
            ("program.timezone", {"program": {"timezone": "Mars/Base"}}),
            ("program.rounding", {"program": {"rounding": "sideways"}}),
            ("member.birthday", {"member": {"birthday": "2026-02-30"}}),
            ("used_limits.M", {"used_limits": {"M": "many"}}),
            ("returns.0", {"returns": [[[0, 3]]]}),
            ("returns.0", {"returns": [[[7, 1]]]}),
            ("history.0.lines.0.returned", {"history": [{**PURCHASE, "lines": [{"amount": "1", "returned": 2}]}]}),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_named(self, api, field, changes):
        response = api.post("/api/v1/promotions/trial", document(**changes))

        assert (response.status_code, response.json()["code"]) == (400, "malformed"), response.content
        assert field in {one["field"] for one in response.json()["errors"]}

    @pytest.mark.parametrize("content", [[], None, "text", 1])
    def test_what_is_no_document_at_all(self, api, content):
        response = api.generic("POST", "/api/v1/promotions/trial", json.dumps(content), content_type="application/json")

        assert (response.status_code, response.json()["code"]) == (400, "malformed")


class TestCommand:
    def run(self, path: Any) -> str:
        out = io.StringIO()
        call_command("trial", str(path), stdout=out)
        return out.getvalue()

    def test_prints_the_answer(self, tmp_path):
        file = tmp_path / "trial.json"
        file.write_text(json.dumps(document()))

        assert json.loads(self.run(file)) == run_trial(document())

    def test_names_what_is_wrong(self, tmp_path):
        file = tmp_path / "trial.json"
        file.write_text(json.dumps(document(purchase={})))

        with pytest.raises(CommandError, match=r'"field": "purchase"'):
            self.run(file)

    def test_prints_problems_of_rules_and_fails(self, tmp_path, capsys):
        file = tmp_path / "trial.json"
        file.write_text(json.dumps(document(rules=[{"id": "BASE"}])))
        out = io.StringIO()

        with pytest.raises(SystemExit, match="1"):
            call_command("trial", str(file), stdout=out)

        assert json.loads(out.getvalue())["errors"][0]["code"] == "missing_field"

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(CommandError, match="No such file"):
            self.run(tmp_path / "none.json")
