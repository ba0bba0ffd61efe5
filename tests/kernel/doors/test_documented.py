"""The API does what its OpenAPI document says: no fault, no answer that it does not name, each as it describes it."""

import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import ApiKey
from tests.browser import routes
from tests.kernel.doors import test_api, walk
from tests.kernel.doors.asking import taken_back
from tests.kernel.doors.places import Place

pytestmark = [pytest.mark.proof, pytest.mark.long]
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# At a share of 100: for each call so many requests that fit the document, and as many that do not.
REQUESTS = 30
MUCH = 1_000_000
FEWEST_CALLS = 45


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The document with the application behind it, which keeps the connection of the test between requests."""
    monkeypatch.setattr(django_settings, "API_RATE_PER_MEMBER", MUCH)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema", get_wsgi_application(), headers={"Accept": JSON})
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


JSON = "application/vnd.oai.openapi+json"


def token_of(place: Place) -> str:
    """The token of a key with every scope, that may ask as often as it likes."""
    with routes.in_program(place.program):
        key, token = ApiKey.issue(name="documented", scopes=sorted(SCOPES))
        key.rate_per_second = MUCH
        key.save()
    return token


def real(case: Any, named: dict[str, Any]) -> None:
    """Have the request name things that are there, as far as it names any."""
    given_names = {**named, "identity": f"card:{named['card']}", "code": named["voucher"], "till": "4"}
    if "/segments/" in case.path:
        given_names["code"] = named["segment"]
    for name in case.path_parameters or {}:
        if name in given_names:
            case.path_parameters[name] = str(given_names[name])
    if isinstance(case.body, dict) and "member" in case.body:
        case.body["member"] = {"kind": "card", "value": named["card"]}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "fits not"])
def test_every_call_answers_as_its_document_says(mode, document, two):
    own, _other = two
    headers, named, asked = {"Authorization": f"Bearer {token_of(own)}"}, test_api.things(own), []
    share = int(os.environ.get("PROOF_SHARE", "100"))
    faults: dict[str, str] = {}

    for result in document.get_all_operations():
        operation = result.ok()
        if operation.label.endswith(("/schema", "/docs", "/oauth/token")):
            continue
        asked.append(operation.label)

        @settings(
            max_examples=max(1, REQUESTS * share // 100), database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans())
        def holds(case: Any, is_real: bool) -> None:
            if is_real:
                real(case, named)
            with taken_back():
                once = {"Idempotency-Key": uuid.uuid4().hex}
                response = case.call(headers={**headers, **once})
            case.validate_response(response, checks=CHECKS)

        try:
            holds()
        except (Exception, BaseExceptionGroup) as problem:  # each call is asked, whatever another one answered
            faults[operation.label] = "\n".join([str(problem), *map(str, getattr(problem, "exceptions", ()))])

    assert len(asked) >= FEWEST_CALLS
    assert len(walk.operations()) >= len({label.split(" ", 1)[1] for label in asked})
    assert not faults, "\n\n".join(f"{label}: {told}" for label, told in faults.items())
