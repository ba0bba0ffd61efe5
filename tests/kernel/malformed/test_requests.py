"""Ten thousand broken requests to every call of the API: an answer that the document names, and nothing half done."""

import json
import os
import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.kernel.doors import test_api, walk
from tests.kernel.doors.asking import taken_back
from tests.kernel.doors.places import Place
from tests.kernel.doors.watching import Watch
from tests.kernel.malformed.breaking import Sent, broken
from tests.members.world import BASE

pytestmark = pytest.mark.proof
share = int(os.environ.get("PROOF_SHARE", "0"))
# In `make test` two hundred, in a whole `make prove` ten thousand.
REQUESTS = 100 * share or 200
AT_ONCE = 50
# What is kept of a refusal: the answer for its repeat, and for a till that the operation was refused.
KEPT_OF_REFUSALS = {"loyalty_stored_answer", "members_till_operation"}
# Neither done nor refused: a return waits for its receipt, and the till asks again.
NOT_YET = b'"till.not_yet"'
# Beside what the document names: no such address, no such method, an unreadable host or header.
ALWAYS = {400, 404, 405, 414}
INSIDES = (b"Traceback", b"psycopg", b"site-packages", b"django", b"SELECT ", b"INSERT ", b"Error:", b".py")
# Of a method that the call has not, the sender is told what is noticed first.
UNREADABLE = {401, 403, 406, 415, 429}


TRIED = {"at": "2026-03-02T09:00:00+00:00", "lines": [{"unit_price": "10.00"}]}


def operation(**content: Any) -> dict[str, Any]:
    return {"op_id": str(uuid.uuid4()), "pos_seq": 7, "till": "4", **content}


def well_formed(place: Place) -> list[tuple[str, Sent]]:
    """A right request for every call, by the name of its route."""
    named = test_api.things(place)
    purchase = test_api.body_of("api-transactions", named)
    member, session = purchase["member"], str(uuid.uuid4())
    reserve, commit = {"quote": session, "points": "5"}, {"session": session, "purchase": purchase, "points": "5"}
    bodies: dict[str, Any] = {
        "api-members": {"first_name": "Ola", "email": "ola@example.com", "cards": ["6011000990139424"]},
        "api-transfers": {"sender": member, "recipient": {"kind": "member", "value": "M2"}, "type": "POINTS", "points": "5"},
        "api-transactions-batch": {"transactions": [purchase, purchase]},
        "api-events": {"external_id": "E-1", "kind": "visit", "member": member, "at": purchase["at"], "attributes": {"a": 1}},
        "api-credit-limit": {"type": "POINTS", "limit": "5", "why": "asked"},
        "api-till-sessions": operation(**reserve),
        "api-till-commit": operation(**commit),
        "api-till-receipts": operation(**commit),
        "api-till-cancel": operation(session=session),
        "api-till-void": operation(session=session),
        "api-till-refunds": operation(receipt="R-1", lines=[{"line_id": "1", "qty": 1}]),
        "api-till-operations": {
            "operations": [
                operation(type="reserve", **reserve), operation(type="commit", **commit), operation(type="void", receipt="R-1"),
            ]
        },
        "api-segment-members": {"add": ["M2"], "remove": ["M1"]},
        "api-trial": {"program": {"currency": "EUR"}, "purchase": TRIED, "rules": [{**BASE, "id": "BASE"}]},
        "api-files": "external_id;member;at;sku;amount\nR-1;0;2026-10-20T11:30:00Z;A;1.00\n#END;1;1;1.00\n",
    }  # fmt: skip
    found = []
    for name, method, _scope in test_api.calls():
        content = bodies.get(name, test_api.body_of(name, named)) if method != "GET" else None
        query = "?first=2026-01-01&last=2026-01-31" if name == "api-statement" else ""
        found.append(
            (name, Sent(method, test_api.address_of(name, named) + query, json.loads(json.dumps(content, default=str))))
        )
    return found


def documented() -> dict[tuple[str, str], set[int]]:
    """The statuses that each call may answer with, by the name of its route and its method."""
    document = SchemaGenerator(api_version="v1").get_schema(request=None, public=True)
    by_address = {f"/{address}": name for name, address in walk.names().items()}
    for kind in ("str:", "path:", "uuid:", "int:"):
        by_address = {text.replace(f"<{kind}", "{").replace(">", "}"): name for text, name in by_address.items()}
    return {
        (by_address[path], method.upper()): {int(status) for status in call["responses"]}
        for path, calls in document["paths"].items()
        for method, call in calls.items()
    }


def answer(api: APIClient, sent: Sent) -> Any:
    """What comes of a request; what was done is undone, what was refused stays as the refusal left it."""
    headers = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex, **sent.headers}
    statuses: list[int] = []
    with taken_back(lambda: not statuses or statuses[0] < 400 or NOT_YET in response.body):
        response = api.generic(sent.method, sent.address, sent.bytes(), content_type=sent.content_type, **headers)
        response.body = b"".join(response.streaming_content) if response.streaming else response.content
        statuses.append(response.status_code)
    return response


def fault(name: str, sent: Sent, response: Any, told: dict[tuple[str, str], set[int]]) -> str:
    """What is wrong with an answer, in words; empty for a right one."""
    known = told.get((name, sent.method), UNREADABLE) | ALWAYS
    where = told_of(sent)
    if response.status_code not in known and sent.method in {"GET", "POST", "PUT", "PATCH"}:
        return f"{where}: {response.status_code} {response.body[:300]!r}"
    if response.status_code >= 500:
        return f"{where}: {response.status_code}"
    if response.status_code >= 400 and any(word in response.body for word in INSIDES):
        return f"{where}: tells of the inside: {response.body[:300]!r}"
    is_problem = response.headers.get("Content-Type", "").startswith("application/problem+json")
    if response.status_code >= 400 and sent.method != "HEAD" and is_problem:
        problem = json.loads(response.body)
        if not (problem["status"] == response.status_code and problem["code"] and problem["detail"]):
            return f"{where}: {problem}"
    return ""


def changed_by(api: APIClient, sent: Sent, watch: Watch) -> list[str]:
    """The tables that one request alone changes although it is refused."""
    with taken_back():
        answer(api, sent)
        watch.look()
    return sorted(set(watch.changed) - KEPT_OF_REFUSALS)


def told_of(sent: Sent) -> str:
    return f"{sent.method} {sent.address[:200]} {sent.content_type} {dict(sent.headers)} {sent.bytes()[:300]!r}"


def parts(count: int, size: int) -> Iterator[int]:
    for begun in range(0, count, size):
        yield min(size, count - begun)


def test_a_broken_request_is_refused_as_documented_and_leaves_nothing(api, place):
    dice, right, told = random.Random(REQUESTS), well_formed(place), documented()
    writing, reading = ([one for one in right if (one[1].method == "GET") is is_read] for is_read in (False, True))
    watch, faults, refused = Watch(place.program), [], 0

    for size in parts(REQUESTS, AT_ONCE):
        asked = []
        with taken_back():
            for _turn in range(size):
                name, sent = dice.choice(reading if dice.random() < 0.2 else writing)
                sent = broken(sent, dice)
                response = answer(api, sent)
                asked.append(sent)
                refused += response.status_code >= 400
                faults += [one for one in (fault(name, sent, response, told),) if one]
            watch.look()
        if set(watch.changed) - KEPT_OF_REFUSALS:
            faults += [told_of(sent) + f" changed {found}" for sent in asked if (found := changed_by(api, sent, watch))]

    assert refused >= 0.7 * REQUESTS
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:40])


def test_the_requests_are_right_before_they_are_broken(api, place):
    """Else they would be refused for a reason of their own, and their breaking would prove nothing."""
    told = {}
    for name, sent in well_formed(place):
        with taken_back():
            response = answer(api, sent)
        told[name, sent.method] = response.status_code, response.body

    assert not (wrong := [f"{c}: {b[130:]!r}" for c, (s, b) in told.items() if s == 400]), "\n".join(wrong)
