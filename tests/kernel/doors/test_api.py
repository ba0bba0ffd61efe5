"""Every call of the API x key x thing: a key opens its own program with its scope, and learns nothing of another's."""

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from loyalty.kernel import clock
from loyalty.kernel.api.permissions import SCOPES
from members.profiles.models import Identifier, Member
from members.segments.models import Segment
from rewards.catalog.models import Reward
from rewards.redemption.models import Redemption
from rewards.vouchers.models import Voucher
from tests import factories
from tests.browser import routes
from tests.factories import Shop
from tests.kernel.doors import matrix, places, walk
from tests.kernel.doors.asking import ask
from tests.kernel.doors.places import Place
from tests.kernel.doors.test_staff import enter
from tests.kernel.doors.watching import Watch

pytestmark = pytest.mark.proof
SCOPE_REFUSED, NOT_FOUND = 403, 404
MADE_NUMBER = re.compile(rb'"id":"[0-9a-f-]{36}"|"received_at":"[^"]*"')
# Receipts are found by whoever sent them: this key has sent none.
OF_ITS_SENDER = frozenset({("api-transaction", "GET"), ("api-returnable", "GET"), ("api-return-quote", "POST")})
OTHER_CARD = "4539578763621486"


def things(place: Place) -> dict[str, Any]:
    """What a key may name of a program."""
    with routes.in_program(place.program):
        card = Identifier.objects.filter(kind="card").earliest("pk").value
        return {
            "card": card,
            "number": Member.objects.earliest("pk").number,
            "external_id": places.external_of(place),
            "redemption_id": Redemption.objects.earliest("pk").public_id,
            "reservation_id": place.things["reservation-release"]["hold_id"],
            "session_id": uuid.uuid4(),
            "file_id": place.things["purchase-file"]["file_id"],
            "sale_id": place.things["desk-sale-end"]["sale_id"],
            "voucher": Voucher.objects.earliest("pk").code,
            "segment": Segment.objects.get(code__endswith="LISTED").code,
            "reward": Reward.objects.get(code__endswith="MUG").code,
        }


def nothing() -> dict[str, Any]:
    """Names of the same kind that nobody has."""
    return {
        "card": "79927398721", "number": "M987654", "external_id": "R-none", "redemption_id": uuid.uuid4(),
        "reservation_id": uuid.uuid4(), "session_id": uuid.uuid4(), "file_id": uuid.uuid4(), "voucher": "NONE-2345",
        "sale_id": uuid.uuid4(),
        "segment": "NONE", "reward": "NONE",
    }  # fmt: skip


def address_of(name: str, named: Mapping[str, Any]) -> str:
    """The address of a call about what is named."""
    given = {
        "identity": f"card:{named['card']}", "external_id": named["external_id"], "redemption_id": named["redemption_id"],
        "reservation_id": named["reservation_id"], "session_id": named["session_id"], "file_id": named["file_id"], "till": "4",
        "sale_id": named["sale_id"],
        "code": named["segment"] if name.startswith("api-segment") else named["voucher"],
    }  # fmt: skip
    wanted = walk.names()[name]
    return reverse(name, kwargs={key: value for key, value in given.items() if f":{key}>" in wanted})


def body_of(name: str, named: Mapping[str, Any]) -> dict[str, Any]:
    """What a call is sent: well formed, about what is named."""
    member = {"kind": "card", "value": named["card"]}
    line = {"sku": "1000", "unit_price": "1.00"}
    purchase = {
        "external_id": "R-9",
        "member": member,
        "at": "2026-03-02T09:00:00+00:00",
        "currency": "EUR",
        "lines": [line],
    }
    bodies: dict[str, dict[str, Any]] = {
        "api-member": {"city": "Gdynia"},
        "api-member-identifiers": {"kind": "card", "value": "4539148803436467"},
        "api-consents": {
            "purpose": "NEWS", "decision": "given", "method": "paper", "language": "en", "channel": "shop", "version": 1,
        },
        "api-adjustments": {"member": member, "type": "POINTS", "points": "5", "reason": "GOODWILL"},
        "api-transactions": purchase,
        "api-returns": {"external_id": "RET-9", "lines": [{"line_id": "1", "qty": 1}]},
        "api-return-quote": {"lines": [{"line_id": "1", "qty": 1}]},
        "api-tiers": {"scheme": "STATUS", "tier": "SILVER", "reason": "gift"},
        "api-quotes": {key: value for key, value in purchase.items() if key != "external_id"},
        "api-reservations": {"member": member, "points": "1", "till": "4"},
        "api-reservation-capture": {},
        "api-till-identify": {"member": member},
        "api-point-sales": {"kind": "buy", "member": member, "type": "SOLD", "points": "5", "price": "1.00"},
        "api-point-sale-quote": {"kind": "buy", "member": member, "type": "SOLD", "points": "5"},
        "api-point-sale-payment": {"payment": "P-1"},
        "api-point-sale-refund": {"why": "withdrawn"},
        "api-point-sale-cancel": {"why": "no money came"},
        "api-segment-members": {"add": [], "remove": []},
        "api-redemptions": {"member": member, "reward": named["reward"]},
        "api-redemption-cancel": {"reason": "broken"},
        "api-member-vouchers": {"template": "SAMPLE"},
        "api-voucher-withdraw": {"reason": "stolen"},
    }  # fmt: skip
    return bodies.get(name, {})


# Calls that name a thing of the program, in the address or in the body, and answer 404 for what is not there.
ABOUT_A_THING = frozenset(
    {
        ("api-member", "GET"), ("api-consents", "GET"), ("api-balance", "GET"), ("api-lots", "GET"), ("api-offers", "GET"),
        ("api-tiers", "GET"), ("api-history", "GET"), ("api-transaction", "GET"), ("api-returnable", "GET"),
        ("api-return-quote", "POST"), ("api-member-vouchers", "GET"),
        ("api-voucher", "GET"), ("api-segment-members", "GET"), ("api-member", "PATCH"), ("api-adjustments", "POST"),
        ("api-transactions", "POST"), ("api-till-identify", "POST"), ("api-redemptions", "POST"),
        ("api-redemption-cancel", "POST"), ("api-voucher-withdraw", "POST"), ("api-voucher-use", "POST"),
        ("api-reservations", "POST"), ("api-member-vouchers", "POST"), ("api-member-identifiers", "POST"),
        ("api-reservation-cancel", "POST"), ("api-reservation-capture", "POST"), ("api-point-sales", "POST"),
        ("api-point-sale-quote", "POST"), ("api-point-sale", "GET"), ("api-point-sale-payment", "POST"),
        ("api-point-sale-refund", "POST"), ("api-point-sale-cancel", "POST"),
    }
)  # fmt: skip


def calls() -> list[tuple[str, str, str]]:
    return [
        (name, method, scope) for name, methods in sorted(matrix.CALLS.items()) for method, scope in methods.items()
    ]


def lost(gone: Place) -> dict[str, Any]:
    """Names of what was there and is no more."""
    return {
        **nothing(), "redemption_id": gone.things["redemption-cancel"]["redemption_id"],
        "reservation_id": gone.things["reservation-release"]["hold_id"], "file_id": gone.things["purchase-file"]["file_id"],
        "sale_id": gone.things["desk-sale-end"]["sale_id"],
    }  # fmt: skip


def send(
    client: Any, name: str, method: str, named: Mapping[str, Any], look: Callable[[], None] | None = None
) -> tuple[int, bytes]:
    """Status and body of a call about what is named."""
    body = body_of(name, named) if method != "GET" else None
    more = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex} if method != "GET" else {}
    status, answer, _headers = ask(client, method, address_of(name, named), body, look=look, **more)
    return status, answer


def without_echo(answer: tuple[int, bytes], named: Mapping[str, Any]) -> tuple[int, bytes]:
    """An answer that was no refusal, without what it repeats of the request and the number that it gave out."""
    status, body = answer
    if status >= 300:
        return answer
    return status, MADE_NUMBER.sub(b"", body.replace(named["external_id"].encode(), b""))


def client_of(place: Place, *scopes: str) -> Any:
    client = factories.client(Shop(place.program, {}), *scopes)
    client.raise_request_exception = False
    return client


def test_a_key_without_the_scope_gets_one_answer_whatever_it_names(two):
    own, other = two
    named = (things(own), things(other), nothing())
    for name, method, scope in calls():
        client = client_of(own, *(set(SCOPES) - {scope}))

        answers = {send(client, name, method, one) for one in named}

        assert len(answers) == 1, (name, method)
        assert {status for status, _body in answers} == {SCOPE_REFUSED}, (name, method)


def test_what_another_program_has_answers_byte_for_byte_as_what_nobody_has(three):
    own, other, gone = three
    client, named = client_of(own, *SCOPES), (things(other), nothing(), lost(gone))
    wrong, watch = [], Watch(other.program)
    for name, method, _scope in calls():
        of_others, of_nobody, of_gone = (
            without_echo(send(client, name, method, one, look=watch.look), one) for one in named
        )  # fmt: skip
        if of_others != of_nobody or of_gone != of_nobody or watch.changed:
            wrong.append(f"{name} {method}: {of_others} but {of_nobody}, {of_gone}; changed: {watch.changed}")
        elif ((name, method) in ABOUT_A_THING and of_others[0] != NOT_FOUND) or of_others[0] >= 500:
            wrong.append(f"{name} {method}: {of_others}")

    assert not wrong, "\n".join(wrong)


def test_what_another_member_has_is_not_taken(two):
    """A member's voucher, reservation and card serve that member alone, within one program too."""
    own, _other = two
    named, client = things(own), client_of(own, *SCOPES)
    second = {"kind": "card", "value": OTHER_CARD}
    reserve = {"member": {"kind": "card", "value": named["card"]}, "points": "1", "till": "4"}
    made = client.post("/api/v1/reservations", reserve, HTTP_IDEMPOTENCY_KEY="hold")
    assert made.status_code == 201, made.content
    purchase = {
        **body_of("api-transactions", named),
        "external_id": "R-77",
        "at": clock.now().isoformat(),
        "member": second,
    }
    watch = Watch(own.program)
    tries = {
        "voucher": ask(client, "POST", address_of("api-voucher-use", named), {"member": second}, HTTP_IDEMPOTENCY_KEY="a"),
        "reservation": ask(client, "POST", "/api/v1/transactions", {**purchase, "reservation": made.json()["reservation"]}),
        "card": ask(
            client, "POST", f"/api/v1/members/card:{OTHER_CARD}/identifiers", {"kind": "card", "value": named["card"]},
            HTTP_IDEMPOTENCY_KEY="b", look=watch.look,
        ),
    }  # fmt: skip

    assert {what: status in {404, 409, 422} for what, (status, _body, _headers) in tries.items()} == dict.fromkeys(
        tries, True
    ), tries
    # The refused call keeps its answer for its repeat, and nothing else.
    assert watch.changed == ["loyalty_stored_answer"]
    # Without what is another's the same purchase is taken.
    assert ask(client, "POST", "/api/v1/transactions", purchase)[0] == 201


def test_a_key_with_the_scope_alone_opens_what_is_its_own(two):
    own, _other = two
    named = things(own)
    for name, method, scope in calls():
        status, body = send(client_of(own, scope), name, method, named)

        assert status < 500, (name, method, status, body)
        assert status not in {401, 403, 405}, (name, method, status, body)
        if (name, method) in ABOUT_A_THING and (name, method) not in OF_ITS_SENDER:
            assert status in {200, 201, 204, 409, 422}, (name, method, status, body)


def test_without_a_key_every_call_gets_one_answer(two):
    own, _other = two
    named, client = things(own), APIClient(raise_request_exception=False)
    client.default_format = "json"
    staff = enter("S", own.program)
    for name, method, _scope in calls():
        answers = {send(client, name, method, one) for one in (named, nothing())}
        assert [status for status, _body in answers] == [401], (name, method)
        # The cookie of a person opens nothing to a machine.
        assert ask(staff, method, address_of(name, named))[0] == 401, (name, method)


def test_a_method_that_is_not_in_the_matrix_is_none_of_the_call(two):
    own, _other = two
    named, client = things(own), client_of(own, *SCOPES)
    for name, methods in matrix.CALLS.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(methods):
            status, _body = send(client, name, method, named)
            assert status == 405, (name, method, status)
