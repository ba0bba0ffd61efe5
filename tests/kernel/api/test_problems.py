"""What the API says when it says no, and the pages that describe it."""

import json
import re

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from loyalty.kernel.api import problems
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_unknown_address_is_a_problem_too():
    response = APIClient().get("/api/v1/nothing-here")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize("authorization", ["Bearer lk_wrong", "Bearer ", "Basic bGs6", "lk_wrong"])
def test_a_key_that_is_none_is_refused(authorization):
    response = APIClient(HTTP_AUTHORIZATION=authorization).get("/api/v1/members/card:1")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


def test_a_method_that_an_address_does_not_know_is_a_problem():
    response = factories.client(factories.make_program(), "purchases.write").delete("/api/v1/transactions")

    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_a_form_is_not_json():
    response = factories.client(factories.make_program(), "purchases.write").post(
        "/api/v1/transactions", "external_id=1", content_type="application/x-www-form-urlencoded"
    )

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


class TestDocuments:
    def test_the_schema_names_every_operation_once_and_its_problems(self):
        response = APIClient().get("/api/v1/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json")

        assert response.status_code == 200
        document = json.loads(response.content)
        operations = [one for path in document["paths"].values() for one in path.values()]
        names = [one["operationId"] for one in operations]
        assert len(names) == len(set(names)) >= 14
        for one in operations:
            if one["operationId"] in {"schema_retrieve", "oauth_token"}:
                continue
            assert one["security"] == [{"key": []}]
            assert {"401", "403", "404", "429"} <= set(one["responses"])
            assert "Scope of the key" in one["description"]
        adjust = document["paths"]["/api/v1/adjustments"]["post"]
        assert any(one["name"] == "Idempotency-Key" and one["required"] for one in adjust["parameters"])

    def test_the_page_runs_under_the_policy_that_allows_no_inline_script(self):
        response = APIClient().get("/api/v1/docs", HTTP_ACCEPT="text/html")

        page = response.content.decode()
        assert response.status_code == 200
        assert "'unsafe-inline'" not in re.search(r"script-src[^;]*", response["Content-Security-Policy"]).group(0)
        assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
        sources = re.findall(r'<script[^>]*\bsrc="([^"]+)"', page)
        assert len(sources) == 3
        assert all(source.startswith("/") for source in sources)
        script = APIClient().get(sources[-1].replace("&amp;", "&"))
        assert (script.status_code, script["Content-Type"]) == (200, "application/javascript")
        assert "/api/v1/schema" in script.content.decode()


def test_a_lost_database_is_an_outage_and_nothing_else_is():
    def lost(state):
        problem = OperationalError("gone")
        problem.__cause__ = type("Cause", (Exception,), {"sqlstate": state})()
        return problems.is_outage(problem)

    assert [lost(state) for state in (None, "08006", "57P01", "57P03", "40P01")] == [True] * 5
    assert [lost(state) for state in ("55P03", "22003")] == [False] * 2
    assert not problems.is_outage(ValueError())
    answer = problems.unavailable()
    assert (answer.status_code, answer["Retry-After"], json.loads(answer.content)["code"]) == (503, "2", "unavailable")
