"""Before a dangerous act the password is asked for once more, whatever role has the right to it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from loyalty.kernel.access import sessions
from loyalty.kernel.access.roles import OPERATOR, ROLES
from tests.browser import routes
from tests.kernel.doors import places
from tests.kernel.doors.asking import address_of, ask
from tests.kernel.doors.places import Place, thing_of
from tests.kernel.doors.test_staff import enter

Of = Callable[[Place], str]


def thing(name: str, **changes: Any) -> Of:
    return lambda place: address_of(name, {**(thing_of(place, name) or {}), **changes})


# Who does it, and where. Each gives points, opens the program to a machine or rights to a person.
DANGEROUS: dict[str, tuple[str, Of]] = {
    "a key is made": ("O", lambda _place: reverse("admin:loyalty_kernel_apikey_add")),
    "a key gets a new token": ("O", thing("loyalty_kernel_apikey_rotate")),
    "somebody is let in": ("O", lambda _place: reverse("admin:loyalty_kernel_user_add")),
    "a version is approved": ("M", thing("promotion-act", deed="approve")),
    "a promotion is published": ("M", thing("promotion-act", deed="publish")),
    "a promotion goes on": ("M", thing("promotion-act", deed="resume")),
    "a correction is decided": ("S", thing("desk-request")),
    "what another asked for is decided": ("S", thing("decision")),
    "the limits of the desk are changed": ("O", lambda _place: reverse("desk-settings")),
}


def forgotten(client: Client) -> Client:
    """The browser, long after its user has shown the password."""
    session = client.session
    del session[sessions.PROVED]
    session.save()
    return client


@pytest.mark.parametrize("what", DANGEROUS)
def test_the_password_is_asked_for_before(what, place):
    letter, where = DANGEROUS[what]
    client, address = enter(letter, place.program), where(place)

    assert ask(client, "GET", address)[0] == 200
    forgotten(client)
    for method in ("GET", "POST"):
        status, _body, headers = ask(client, method, address)
        assert (status, headers["Location"].split("?")[0]) == (302, "/admin/security/prove/")


def test_stopping_a_promotion_waits_for_no_password(place):
    client = forgotten(enter("M", place.program))

    assert ask(client, "GET", thing("promotion-act", deed="stop")(place))[0] == 200


def test_the_operator_gives_no_points():
    giving = {
        "members.adjust", "members.adjust_unlimited", "adjustments.decide", "redemptions.make", "promotions.edit",
        "promotions.publish", "tiers.grant", "tiers.edit", "rewards.edit", "members.enroll",
    }  # fmt: skip

    assert not OPERATOR & giving
    assert giving <= frozenset().union(*ROLES.values())


def test_a_correction_is_not_decided_without_the_password(place):
    client = forgotten(enter("S", place.program))
    with routes.in_program(place.program):
        before = places.AdjustmentRequest.objects.get().state

    client.post(thing("desk-request")(place), {"decision": "approve", "reason": "", "_program": place.program})

    with routes.in_program(place.program):
        assert places.AdjustmentRequest.objects.get().state == before == "waiting"
