"""Complete by construction: what the product answers is in the matrix, and the matrix names nothing else."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from loyalty.kernel.access.roles import OPERATOR, PARTNER_ROLES, ROLES
from loyalty.kernel.api.permissions import SCOPES
from tests.kernel.doors import matrix, walk

ALLOWED = {"operator": OPERATOR, **ROLES}


def test_every_route_is_in_the_matrix():
    missing = {name: address for name, address in walk.names().items() if name not in matrix.EVERYTHING}

    assert not missing, "add them to tests/kernel/doors/matrix.py"


def test_a_route_without_a_name_only_leads_on():
    assert walk.without_name() == []


def test_the_matrix_names_no_route_that_is_gone():
    assert sorted(matrix.EVERYTHING - set(walk.names())) == []


def test_every_call_of_the_document_is_in_the_matrix():
    document = SchemaGenerator(api_version="v1").get_schema(request=None, public=True)
    named = {f"/{address}": name for name, address in walk.names().items()}
    for kind in ("str:", "path:", "uuid:", "int:"):
        named = {address.replace(f"<{kind}", "{").replace(">", "}"): name for address, name in named.items()}
    calls = {
        (named[path], method.upper())
        for path, found in document["paths"].items()
        for method, call in found.items()
        if call.get("security") != [{}]
    }

    assert calls == {(name, method) for name, methods in matrix.CALLS.items() for method in methods}


def test_a_key_needs_for_every_call_what_the_matrix_says():
    assert walk.operations() == matrix.CALLS
    assert {scope for methods in matrix.CALLS.values() for scope in methods.values()} == set(SCOPES)


def test_the_roles_are_those_of_the_product():
    assert set(matrix.ROLES.values()) == {"operator", *ROLES}
    assert set(matrix.PORTAL.values()) <= frozenset().union(*PARTNER_ROLES.values())


@pytest.mark.parametrize(("name", "pattern"), [(p.name, p) for _a, p in walk.routes() if p.name in matrix.PAGES])
def test_a_page_declares_the_roles_of_the_matrix(name, pattern):
    page, declared = matrix.PAGES[name], set(pattern.callback.permissions)
    opened = {role for role, may in ALLOWED.items() if not declared or may & declared}

    assert {matrix.ROLES[letter] for letter in page.read or page.write} == opened
