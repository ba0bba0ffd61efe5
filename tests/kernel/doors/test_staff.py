"""Every page of the staff site x method x role x thing: the right answer, and the same no for theirs as for nothing."""

import pytest
from django.test import Client

from loyalty.kernel import scope
from loyalty.kernel.models import User
from tests.browser import people, routes
from tests.kernel.doors import matrix, places, walk
from tests.kernel.doors.asking import address_of, ask, share
from tests.kernel.doors.places import Place, strangers, thing_of

pytestmark = [pytest.mark.django_db, pytest.mark.proof]
PARTS = 8
METHODS = ("GET", "POST")
REFUSED = (403, 404)
# Whose thing it is depends on more than the program: a file is for whoever asked for it.
PRIVATE = ("exports-download", "exports-stop", "_import_confirm")
# Needs more than the address: two versions to compare, a file that is made.
BARE = ("promotion-compare", "reports-download")
# The operator runs all programs, so that their settings are one list.
EVERY_PROGRAM = ("programs_setup_program_change", "programs_setup_program_history")
# Rows that no program has: nobody's, so that no other program's can be asked for.
SHARED = ("loyalty_kernel_user_", "django_celery_beat_periodictask_")


@pytest.fixture
def two() -> tuple[Place, Place]:
    return places.make_place("FIRST"), places.make_place("SECOND", is_marked=True)


def enter(letter: str, *programs: int) -> Client:
    """A browser of somebody with one role in each of the programs."""
    is_operator = letter == "O"
    user = User.objects.create_user("somebody@example.com", people.PASSWORD, name="Somebody", is_operator=is_operator)
    for program in () if is_operator or not letter else programs:
        with scope.enter([program], scope.SYSTEM):
            people.roles.grant_role(user, matrix.ROLES[letter], program)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.cookies["staff_session"] = client.cookies["sessionid"].value
    return client


def with_parameters(name: str) -> bool:
    return "<" in walk.names().get(name, "")


def expected(name: str, method: str, letter: str) -> str:
    page = matrix.STAFF[name]
    who = page.read if method == "GET" else page.write
    if who == matrix.NOBODY and (name in matrix.PAGES or name.endswith(("_export", "_import_confirm"))):
        return "no such method"
    return "may" if letter in who else "may not"


def judge(state: str, wanted: str, status: int) -> bool:
    """Whether an answer is the right one."""
    if wanted == "no such method":
        return status == 405
    if wanted == "may not":
        return status == 403
    if state == "own":
        return status < 500 and status not in (403, 404, 405)
    return status == 404


def is_known(name: str, letter: str, state: str, status: int) -> bool:
    """Whether the answer differs from the rule for a reason that is written above."""
    if state == "own":
        return name.endswith(PRIVATE + BARE) and status == 404
    # Whoever makes keys may change none: what is not there is not found all the same.
    if letter == "O" and name == "loyalty_kernel_apikey_change" and status == 404:
        return True
    return letter == "O" and name in EVERY_PROGRAM and state == "other program" and status == 200


def faults(letter: str, client: Client, own: Place, other: Place) -> tuple[list[str], int]:
    wrong: list[str] = []
    asked = 0
    for name in share(sorted(set(matrix.STAFF) & set(walk.names())), list(matrix.ROLES).index(letter), PARTS):
        given = thing_of(own, name) if with_parameters(name) else {}
        theirs = thing_of(other, name) if with_parameters(name) else {}
        if given is None:
            continue
        with routes.in_program(own.program):
            cases = [("own", given), *(strangers(given, theirs) if theirs else ())]
        for method in METHODS:
            wanted = expected(name, method, letter)
            bodies: dict[str, set[bytes]] = {}
            for state, parameters in cases:
                status, body, _headers = ask(client, method, address_of(name, parameters))
                asked += 1
                right = judge(state, wanted, status) or is_known(name, letter, state, status)
                if not right:
                    wrong.append(f"{name} {method} as {letter}, {state}: wanted {wanted}, answered {status}")
                if status in REFUSED:
                    bodies.setdefault(f"{status}", set()).add(body)
            wrong += [
                f"{name} {method} as {letter}: {len(found)} different answers {status}"
                for status, found in bodies.items()
                if len(found) > 1
            ]
    return wrong, asked


@pytest.mark.parametrize("letter", list(matrix.ROLES))
def test_every_page_answers_every_role_as_the_matrix_says(letter, two):
    own, other = two
    client = enter(letter, own.program)
    if letter == "O":
        client.post("/admin/program/", {"program": own.program})

    wrong, asked = faults(letter, client, own, other)

    assert asked >= 100
    assert not wrong, "\n".join(wrong)


def test_there_is_a_thing_for_every_page_about_one(two):
    own, other = two
    about_one = [name for name in matrix.STAFF if with_parameters(name) and not name.startswith(SHARED)]

    assert [name for name in about_one if thing_of(own, name) is None] == []
    assert [name for name in about_one if thing_of(other, name) is None] == []


def unanswered(client: Client, own: Place) -> set[tuple[str, str, int, str]]:
    """What somebody without any right is told, asking for what there is: status and where it leads to, by page."""
    told = set()
    for name in share(sorted(set(matrix.STAFF) & set(walk.names())), 0, PARTS):
        given = thing_of(own, name) if with_parameters(name) else {}
        for method in METHODS if given is not None else ():
            if expected(name, method, "") != "no such method":
                status, _body, headers = ask(client, method, address_of(name, given))
                told.add((name, method, status, headers.get("Location", "").split("?")[0]))
    return told


def test_a_stranger_is_led_to_the_login_whatever_is_asked(two):
    own, _other = two

    told = unanswered(Client(raise_request_exception=False), own)

    assert len(told) >= 30
    assert {(status, place) for _name, _method, status, place in told} == {(302, "/admin/login/")}


def test_staff_without_a_role_open_nothing_but_what_is_about_themselves(two):
    own, _other = two
    told = unanswered(enter(""), own)

    opened = {name for name, _method, status, _place in told if status != 403}

    assert opened <= {name for name, page in matrix.PAGES.items() if matrix.ALL in (page.read, page.write)}


def test_a_partner_user_is_a_stranger_on_the_staff_site(two):
    own, _other = two
    user = User.objects.create_user("partner@example.com", people.PASSWORD, name="Partner", realm="partner")
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.cookies["staff_session"] = client.cookies["sessionid"].value

    told = unanswered(client, own)

    assert {(status, place) for _name, _method, status, place in told} == {(302, "/admin/login/")}
