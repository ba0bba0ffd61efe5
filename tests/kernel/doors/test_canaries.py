"""Everything that program A can be asked, read for what only program B knows: nothing of it is ever seen."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin

from loyalty.kernel import jobs, scope
from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import Job
from tests.browser import routes
from tests.kernel.doors import matrix, places, test_api, walk
from tests.kernel.doors.asking import address_of, ask, share
from tests.kernel.doors.places import CANARY, Place, thing_of
from tests.kernel.doors.test_staff import enter, with_parameters

pytestmark = pytest.mark.proof
# The operator sees the names of all programs: that is the work.
ROLES_OF_ONE = "MAGS"
PARTS = 10


def words(other: Place) -> list[str]:
    """What somebody of A who knows B might type."""
    return [CANARY, CANARY[:4], "Anna", "M1", "anna@example.com", str(other.program)]


def questions(model_admin: Any, other: Place) -> Iterator[str]:
    """Queries of a list: searches, filters by B's keys, orders, columns that are not offered, facets, pages."""
    for text in words(other):
        yield urlencode({"q": text})
    yield from ("o=1", "o=-2", "p=2", "_facets=True", "all=", "e=1")
    name = model_admin.opts.model_name
    key = thing_of(other, f"{model_admin.opts.app_label}_{name}_change")
    for column in (
        "pk",
        "id",
        "program",
        "program_id",
        "program__id",
        "member__number",
        "member__personal__first_name",
    ):
        value = other.program if column.startswith("program") else (key or {}).get("object_id", CANARY)
        yield urlencode({column: value})
        yield urlencode({f"{column}__startswith": CANARY})
    for spec in model_admin.list_filter:
        field = spec if isinstance(spec, str) else getattr(spec, "parameter_name", "") or ""
        if field:
            yield urlencode({field: (key or {}).get("object_id", 1)})
            yield urlencode({f"{field}__exact": other.program})


def pages(letter: str, own: Place, other: Place) -> Iterator[str]:
    """Addresses that somebody of a role may ask: own things, B's things, and the lists' questions."""
    for name in sorted(set(matrix.STAFF) & set(walk.names())):
        if not with_parameters(name):
            yield address_of(name)
            continue
        for place in (own, other):
            given = thing_of(place, name)
            if given is not None:
                yield address_of(name, given)
    for model, model_admin in admin.site._registry.items():
        if letter in matrix.LISTS[model._meta.label_lower].read:
            base = address_of(f"{model._meta.app_label}_{model._meta.model_name}_changelist")
            yield from (f"{base}?{question}" for question in questions(model_admin, other))
    for text in words(other):
        query = urlencode({"q": text})
        yield f"/admin/members/?{query}"
        yield f"/admin/members/?{query}&part=rows"
        yield f"/admin/search/?{urlencode({'s': text})}"
        yield f"/admin/promotions/?{query}"
        yield f"/admin/segments/?{query}"
        for kind in ("products", "categories", "brands", "stores", "segments", "promotions", "tiers", "vouchers"):
            yield f"/admin/promotions/pick/{kind}/?{query}"
    yield from completions(other)


def completions(other: Place) -> Iterator[str]:
    """What the pickers of the forms ask while somebody types."""
    for model, model_admin in admin.site._registry.items():
        for field in model_admin.autocomplete_fields:
            for text in ("", *words(other)):
                question = {
                    "app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field, "term": text,
                }  # fmt: skip
                yield f"/admin/autocomplete/?{urlencode(question)}"


def seen(body: bytes, secrets: list[bytes], address: str) -> list[str]:
    """Which of B's secrets an answer holds, beside those that the question itself named."""
    text = body.lower()
    asked = address.lower()
    return [one.decode() for one in secrets if one in text and one.decode() not in asked]


@pytest.mark.parametrize("letter", list(ROLES_OF_ONE))
def test_no_page_of_a_shows_anything_of_b(letter, two):
    own, other = two
    with routes.in_program(other.program):
        secrets = [one.encode() for one in places.canaries(other.program)]
    client, found, asked = enter(letter, own.program), [], 0

    for address in share(list(pages(letter, own, other)), ROLES_OF_ONE.index(letter), PARTS):
        status, body, headers = ask(client, "GET", address)
        asked += 1
        assert status < 500, address
        for one in seen(body, secrets, address) + seen(str(headers).encode(), secrets, address):
            found.append(f"{address}: {one}")

    assert asked >= 50
    assert not found, "\n".join(found)


def test_the_crawl_would_see_it(two):
    """The same crawl as somebody of B finds the canary on most pages: it looks where something is to be seen."""
    _own, other = two
    with routes.in_program(other.program):
        secrets = [one.encode() for one in places.canaries(other.program)]
    client = enter("S", other.program)
    hits = 0
    for name in sorted(set(matrix.STAFF) & set(walk.names())):
        given = thing_of(other, name) if with_parameters(name) else {}
        if given is not None:
            hits += bool(seen(ask(client, "GET", address_of(name, given))[1], secrets, ""))

    assert hits >= 30


def test_no_list_as_a_file_holds_anything_of_b(two):
    own, other = two
    with routes.in_program(other.program):
        secrets = [one.encode() for one in places.canaries(other.program)]
    client, files = enter("S", own.program), 0
    for model in admin.site._registry:
        if "S" in matrix.LISTS[model._meta.label_lower].read:
            address = address_of(f"{model._meta.app_label}_{model._meta.model_name}_export")
            assert client.post(address, {"format": "csv", "_program": own.program}).status_code == 302
    with scope.enter([own.program], scope.SYSTEM):
        for job_id, _queue in jobs.due():
            jobs.run(job_id)
        made = list(Job.objects.filter(kind="lists.export", state="done", result__has_key="file"))

    for job in made:
        status, body, _headers = ask(client, "GET", f"/admin/exports/{job.public_id}/")
        files += status == 200
        assert not seen(body, secrets, ""), job.arguments

    assert files >= 10


def test_no_call_of_a_key_of_a_tells_anything_of_b(two):
    own, other = two
    with routes.in_program(other.program):
        secrets = [one.encode() for one in places.canaries(other.program)]
    client, theirs = test_api.client_of(own, *SCOPES), test_api.things(other)
    ours = test_api.things(own)
    sent = " ".join(str(value) for value in theirs.values()).lower()

    for name, method, _scope in test_api.calls():
        for named in (ours, theirs):
            _status, body = test_api.send(client, name, method, named)
            told = [one for one in seen(body, secrets, sent) if one != CANARY.lower() or named is ours]
            assert not told, (name, method, told)
