"""What a foreign page, a forged form or a hand-written address tries in the browser of somebody who is signed in."""

import pytest
from celery import current_app
from django.conf import settings
from django.test import Client

from tests.kernel.doors import matrix, walk
from tests.kernel.doors.asking import address_of, ask
from tests.kernel.doors.places import Place, thing_of
from tests.kernel.doors.test_staff import enter, with_parameters
from tests.kernel.doors.watching import Watch

# What reading itself leaves: that somebody looked, and what was counted on the way.
KEPT_OF_READING = {"loyalty_audit_record", "members_callers_look"}
EVIL = (
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "///evil.example",
    "\\\\evil",
)


def addresses(place: Place, letter: str, *, writing: bool) -> list[str]:
    """The pages that a role reads, or sends forms to."""
    found = []
    for name in sorted(set(matrix.STAFF) & set(walk.names())):
        page = matrix.STAFF[name]
        given = thing_of(place, name) if with_parameters(name) else {}
        if given is not None and letter in (page.write if writing else page.read):
            found.append(address_of(name, given))
    return found


@pytest.mark.proof
@pytest.mark.long
@pytest.mark.parametrize("letter", ["O", "M", "S"])
def test_no_page_changes_anything_by_being_read(letter, place):
    client, watch, faults = enter(letter, place.program), Watch(place.program), []
    if letter == "O":
        client.post("/admin/program/", {"program": place.program})
    for address in addresses(place, letter, writing=False):
        ask(client, "GET", address, look=watch.look)
        faults += [f"{address}: {table}" for table in watch.changed if table not in KEPT_OF_READING]

    assert faults == []


@pytest.mark.parametrize("letter", ["M", "S"])
def test_no_form_is_taken_without_its_token(letter, place):
    client = enter(letter, place.program)
    client.handler.enforce_csrf_checks = True
    asked = addresses(place, letter, writing=True)

    assert len(asked) >= 20
    assert {address for address in asked if ask(client, "POST", address, {"name": "x"})[0] != 403} == set()


@pytest.mark.parametrize("where", EVIL)
def test_no_address_leads_a_reader_to_another_site(where, place):
    client = enter("S", place.program)
    told = [
        ask(client, "POST", "/admin/program/", {"program": place.program, "next": where}),
        ask(client, "POST", "/language/", {"language": "pl", "next": where}),
        ask(Client(), "POST", "/language/", {"language": "pl", "next": where}),
    ]

    assert {headers["Location"] for _status, _body, headers in told} <= {"/admin/", "/portal/", "/"}


def test_a_foreign_page_reads_no_answer(place):
    client = enter("S", place.program)
    for address in ("/admin/", "/api/v1/rewards", "/api/v1/schema", "/health/live", "/portal/login/"):
        for method in ("GET", "OPTIONS"):
            _status, _body, headers = ask(client, method, address, HTTP_ORIGIN="https://evil.example")
            assert not [name for name in headers if name.lower().startswith("access-control-")], address


def test_no_answer_is_taken_for_something_else(place):
    client = enter("S", place.program)
    for address in (
        "/admin/",
        "/admin/nothing/",
        "/api/v1/rewards",
        "/api/v1/schema",
        "/health/live",
        "/portal/login/",
    ):
        headers = ask(client, "GET", address)[2]
        assert headers["X-Content-Type-Options"] == "nosniff", address
        assert headers["X-Frame-Options"] == "DENY", address


def test_what_a_client_says_of_itself_changes_nothing(place):
    client, address = enter("G", place.program), "/admin/promotions/"
    forged = {
        "HTTP_X_USER": "1", "HTTP_X_PROGRAM": "1", "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_X_ORIGINAL_URL": "/admin/members/",
        "HTTP_X_REWRITE_URL": "/admin/members/", "HTTP_X_HTTP_METHOD_OVERRIDE": "GET",
    }  # fmt: skip

    assert ask(client, "GET", address)[:1] == ask(client, "GET", address, **forged)[:1] == (403,)
    assert b"evil.example" not in ask(Client(), "GET", "/admin/login/", **forged)[1]
    assert ask(client, "POST", "/admin/segments/", {"_method": "GET"}, **forged)[0] in {403, 405}


def test_a_host_that_is_not_ours_gets_nothing():
    status, body, _headers = ask(
        Client(raise_request_exception=False), "GET", "/admin/login/", HTTP_HOST="evil.example"
    )

    assert status == 400
    assert b"evil.example" not in body


def test_figures_of_the_platform_are_not_public(place):
    assert ask(Client(), "GET", "/metrics")[0] == 200
    assert ask(Client(), "GET", "/metrics", REMOTE_ADDR="203.0.113.7")[0] == 404
    # Through a proxy on the same machine.
    assert ask(Client(), "GET", "/metrics", HTTP_X_FORWARDED_FOR="203.0.113.7")[0] == 404


@pytest.mark.parametrize(
    "address",
    ["/.git/config", "/.env", "/static/admin/js/core.js.map", "/static/../manage.py", "/backup.sql", "/phpinfo.php"],
)
def test_what_is_no_page_is_not_served(address, place):
    assert ask(Client(), "GET", address)[0] == 404


@pytest.mark.parametrize(
    "address", ["/admin/promotions/%00/", "/admin/members/?q=%00", "/admin/?%00", "/%00", "/admin/login/?next=%00"]
)
def test_an_address_with_a_nul_is_no_fault_of_ours(address, place):
    assert ask(enter("M", place.program), "GET", address)[0] in {400, 404}


def test_nothing_is_kept_in_a_form_that_runs_when_read():
    """Pickled work, sessions or answers would be code to whoever can write where they are kept."""
    assert current_app.conf.task_serializer == current_app.conf.result_serializer == "json"
    assert set(current_app.conf.accept_content) == {"json"}
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
