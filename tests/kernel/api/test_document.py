"""The OpenAPI document: without warnings, with every problem and every limit of every call."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

WRITES = {"post", "put", "patch", "delete"}
ALWAYS = {"401", "403", "404", "406", "429", "500"}
OF_WRITES = ALWAYS | {"400", "409", "415", "422"}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document as the command writes it; a warning or a fault of its form ends the command."""
    path: Path = tmp_path_factory.mktemp("openapi") / "schema.json"
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", file=str(path))
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def calls(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    found = [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation["security"] != [{}]
    ]
    assert len(found) >= 15, "the API has more calls than that"
    return found


def test_every_problem_of_every_call_is_documented(document):
    for path, method, operation in calls(document):
        expected = OF_WRITES if method in WRITES else ALWAYS
        described = {
            status: answer["content"] for status, answer in operation["responses"].items() if status[0] in "45"
        }
        assert expected <= set(described), (method, path)
        assert all(content == PROBLEM for content in described.values()), (method, path)


def test_every_call_tells_how_much_the_key_may_still_ask(document):
    for path, method, operation in calls(document):
        refused = operation["responses"]["429"]["headers"]
        assert set(refused) == {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"}
        done = [answer for status, answer in operation["responses"].items() if status[0] == "2"]
        assert all("RateLimit-Remaining" in answer["headers"] for answer in done), (method, path)


def test_every_call_names_the_scope_that_it_needs(document):
    for path, method, operation in calls(document):
        assert "Scope of the key: `" in operation["description"], (method, path)


def test_every_write_says_what_keeps_it_from_happening_twice(document):
    without = {
        (method, path)
        for path, method, operation in calls(document)
        if method in WRITES and "Idempotency-Key" not in {one["name"] for one in operation["parameters"]}
    }

    # Operations of a till carry an ``op_id`` of their own; identifying and quoting record nothing.
    by_operation = {one for one in without if one[1].startswith("/api/v1/till/") and not one[1].endswith("/identify")}
    assert len(by_operation) == 7
    assert without - by_operation == {
        ("post", "/api/v1/quotes"),
        ("post", "/api/v1/point-sales/quote"),
        ("post", "/api/v1/till/identify"),
        ("post", "/api/v1/transactions"),
        ("post", "/api/v1/transactions/batch"),
        ("post", "/api/v1/transactions/{external_id}/returns"),
        ("post", "/api/v1/transactions/{external_id}/returns/quote"),
        ("post", "/api/v1/promotions/trial"),
        # A file is known by its content; what is stopped is stopped.
        ("post", "/api/v1/files/purchases"),
        ("post", "/api/v1/files/purchases/{file_id}/stop"),
        ("post", "/api/v1/files/purchases/{file_id}/resume"),
    }
