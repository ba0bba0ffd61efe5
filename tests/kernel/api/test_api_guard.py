"""Every address of the API: who may, and what keeps a write from happening twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.api.views import (
    BY_CONTENT,
    BY_EITHER,
    BY_EXTERNAL_ID,
    BY_KEY,
    BY_OPERATION,
    BY_STATE,
    WRITES,
    WRITES_NOTHING,
    ApiView,
)
from tests import factories

ROOT = "api/v1/"
# The last one signs in by its own form: tests/kernel/api/test_oauth.py.
OPEN = {"api-schema", "api-docs", "api-token"}
SAMPLE = {
    "str:identity": "card:1",
    "path:external_id": "R-1",
    "uuid:redemption_id": "00000000-0000-4000-8000-000000000000",
    "uuid:reservation_id": "00000000-0000-4000-8000-000000000000",
    "uuid:sale_id": "00000000-0000-4000-8000-000000000000",
    "uuid:file_id": "00000000-0000-4000-8000-000000000000",
    "uuid:session_id": "00000000-0000-4000-8000-000000000000",
}


def patterns(resolver: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        address = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, address)
        elif address.startswith(ROOT):
            yield address, one


def views() -> list[tuple[str, str, type[ApiView]]]:
    """(address with sample values, name, view class) of everything under /api/v1/ that is not open."""
    found = []
    for address, pattern in patterns(get_resolver()):
        if pattern.name in OPEN:
            continue
        for name, value in SAMPLE.items():
            address = address.replace(f"<{name}>", value)
        found.append((f"/{address}", str(pattern.name), pattern.callback.view_class))
    return found


def methods(view: type[ApiView]) -> list[str]:
    return [method.upper() for method in ("get", "post", "put", "patch", "delete") if hasattr(view, method)]


def test_the_table_is_not_empty():
    assert len(views()) >= 16


@pytest.mark.parametrize(("address", "name", "view"), views())
def test_every_view_enters_the_scope_and_names_what_a_key_needs(address, name, view):
    assert issubclass(view, ApiView), name
    assert view.required_scope in SCOPES, name
    assert not view.scope_to_write or view.scope_to_write in SCOPES, name
    if WRITES & set(methods(view)):
        known = {BY_KEY, BY_EXTERNAL_ID, BY_EITHER, BY_OPERATION, BY_CONTENT, BY_STATE, WRITES_NOTHING}
        assert view.once_by in known, name


def doors() -> list[tuple[str, type[ApiView], str]]:
    """(address, view class, method) of everything that a key may ask."""
    return [(address, view, method) for address, _name, view in views() for method in methods(view)]


@pytest.mark.django_db
class TestDoors:
    def test_without_a_key_nobody_enters(self):
        client, told = APIClient(), {}
        for address, _view, method in doors():
            response = client.generic(method, address)
            told[method, address] = (response.status_code, response.json()["code"], response["WWW-Authenticate"])

        assert set(told.values()) == {(401, "not_authenticated", 'Bearer realm="api"')}, told

    def test_a_key_with_every_other_scope_is_refused(self):
        shop, told = factories.make_program(), {}
        for address, view, method in doors():
            needed = view.scope_to_write if method in WRITES and view.scope_to_write else view.required_scope
            response = factories.client(shop, *(set(SCOPES) - {needed})).generic(method, address)
            told[method, address] = (response.status_code, response.json()["code"])

        assert set(told.values()) == {(403, "permission_denied")}, told

    def test_a_write_that_names_nothing_to_know_it_by_is_refused(self):
        """What writes nothing needs no name, nor does a file, which is its content, and what is stopped is stopped."""
        api, without = factories.client(factories.make_program(), *SCOPES), []
        asked = [one for one in doors() if one[2] in WRITES]
        asked = [one for one in asked if one[1].once_by not in {WRITES_NOTHING, BY_CONTENT, BY_STATE}]
        for address, view, method in asked:
            response = api.generic(method, address, "{}", content_type="application/json")

            assert (response.status_code, response.json()["code"]) == (400, "malformed"), (method, address)
            named = {(one["field"], one["code"]) for one in response.json()["errors"]}
            wanted = view.once_by if view.once_by in {BY_EXTERNAL_ID, BY_OPERATION} else "Idempotency-Key"
            # A batch names its transactions or operations, each of which names itself.
            if not named & {(wanted, "required"), ("transactions", "required"), ("operations", "required")}:
                without.append((method, address))

        assert len(asked) >= 20
        assert without == []
