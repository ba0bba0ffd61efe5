"""Every page of the staff site x method x role x thing: the right answer, and the same no for theirs as for nothing."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from loyalty.kernel import clock, scope
from loyalty.kernel.models import User
from members.callers import services as callers
from members.profiles.models import Member
from tests.browser import people, routes
from tests.kernel.doors import matrix, walk
from tests.kernel.doors.asking import address_of, ask, share
from tests.kernel.doors.places import Place, strangers, thing_of

pytestmark = pytest.mark.proof
PARTS = 8
# Two processes share the pages of a role: the longest test ends the run.
HALVES = 2
METHODS = ("GET", "POST")
REFUSED = (403, 404)
# Whose thing it is depends on more than the program: a file is for whoever asked for it.
PRIVATE = ("exports-download", "exports-stop", "_import_confirm", "desk-statement-file")
# Whom it is about stands in the form: without one nobody is meant.
NAMED_IN_FORM = ("partner-people",)
# About a thing of this very member: another member of the same program has it not.
OF_THE_MEMBER = ("desk-receipt", "desk-block-card", "desk-statement-file", "desk-sale-end")
# Who works at the desk.
OPENING = "GS"
# The operator runs all programs, so that their settings are one list.
EVERY_PROGRAM = ("programs_setup_program_change", "programs_setup_program_history")
# Rows that no program has: nobody's, so that no other program's can be asked for.
SHARED = ("loyalty_kernel_user_", "django_celery_beat_periodictask_")


def enter(letter: str, *programs: int, email: str = "somebody@example.com") -> Client:
    """A browser of somebody with one role in each of the programs."""
    is_operator = letter == "O"
    user = User.objects.create_user(email, people.PASSWORD, name="Somebody", is_operator=is_operator)
    for program in () if is_operator or not letter else programs:
        with scope.enter([program], scope.SYSTEM):
            people.roles.grant_role(user, matrix.ROLES[letter], program)
        if letter in OPENING:
            _open_members(user, program)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.cookies["staff_session"] = client.cookies["sessionid"].value
    return client


def _open_members(user: User, program: int) -> None:
    """Let a user have said why each member is looked at: until then the desk asks for that, whatever is named."""
    with scope.enter([program], scope.Actor("user", user.pk, str(user))):
        for member in Member.objects.all():
            callers.open_member(member, reason="call", note="", at=clock.now())


def with_parameters(name: str) -> bool:
    return "<" in walk.names().get(name, "")


def expected(name: str, method: str, letter: str) -> str:
    page = matrix.STAFF[name]
    who = page.read if method == "GET" else page.write
    if who == matrix.NOBODY and (name in matrix.PAGES or name.endswith(("_export", "_import_confirm"))):
        return "no such method"
    return "may" if letter in who else "may not"


def judge(name: str, state: str, wanted: str, status: int) -> bool:
    """Whether an answer is the right one."""
    if wanted == "no such method":
        return status == 405
    if wanted == "may not":
        return status == 403
    if state == "own" or (state == "other member" and name not in OF_THE_MEMBER):
        return status < 500 and status not in (403, 404, 405)
    return status == 404


def is_known(name: str, letter: str, state: str, status: int) -> bool:
    """Whether the answer differs from the rule for a reason that is written above."""
    if state == "own":
        return name.endswith(PRIVATE + NAMED_IN_FORM) and status == 404
    # Whoever makes keys may change none: what is not there is not found all the same.
    if letter == "O" and name == "loyalty_kernel_apikey_change" and status == 404:
        return True
    return letter == "O" and name in EVERY_PROGRAM and state == "other program" and status == 200


def cases_of(name: str, own: Place, other: Place, gone: Place) -> list[tuple[str, Mapping[str, Any]]]:
    """Whose thing is asked for, with the parameters that name it; empty where there is none to name."""
    if not with_parameters(name):
        return [("own", {})]
    given, theirs, lost = (thing_of(place, name) for place in (own, other, gone))
    if given is None:
        return []
    cases = [("own", given)]
    with routes.in_program(own.program):
        if theirs and lost and not name.startswith(SHARED):
            cases += strangers(given, theirs, lost)
        if len(given) > 1 and "member_id" in given:
            cases.append(("other member", {**given, "member_id": own.other_member}))
    return cases


def faults(letter: str, half: int, client: Client, own: Place, other: Place, gone: Place) -> tuple[list[str], int]:
    """What every other page answers wrongly to a role, and how many answers were judged."""
    wrong: list[str] = []
    asked = 0
    names = sorted(set(matrix.STAFF) & set(walk.names()))[half::HALVES]
    for name in share(names, list(matrix.ROLES).index(letter), PARTS):
        cases = cases_of(name, own, other, gone)
        for method in METHODS:
            wanted = expected(name, method, letter)
            bodies: dict[str, set[bytes]] = {}
            for state, parameters in cases:
                status, body, _headers = ask(client, method, address_of(name, parameters))
                asked += 1
                right = judge(name, state, wanted, status) or is_known(name, letter, state, status)
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


@pytest.mark.parametrize("half", range(HALVES))
@pytest.mark.parametrize("letter", list(matrix.ROLES))
def test_every_page_answers_every_role_as_the_matrix_says(letter, half, three):
    own = three[0]
    client = enter(letter, own.program)
    if letter == "O":
        client.post("/admin/program/", {"program": own.program})

    wrong, asked = faults(letter, half, client, *three)

    assert asked >= 50
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
