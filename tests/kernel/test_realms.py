"""Three realms on one host: each has its own cookie, and a cookie carried over opens nothing."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from loyalty.kernel.access import roles
from loyalty.kernel.access.realms import DOORS, STAFF_DOOR
from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm
from partners.registry.models import Partner
from tests.browser.people import PASSWORD
from tests.members.desk.room import make_user
from tests.members.world import World, make_world

pytestmark = pytest.mark.django_db
STAFF, PARTNER, MEMBER = "staff_session", "partner_session", "member_session"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def analyst(world: World) -> User:
    return make_user(world, "analyst")


@pytest.fixture
def partner_user(world: World) -> User:
    user = User.objects.create_user("north@example.com", PASSWORD, name="Nora", realm=Realm.PARTNER)
    with world.entered():
        north = Partner.objects.create(program_id=world.program_id, code="NORTH", name="North", kind="retailer")
        roles.grant_portal(user, north, "view_portal")
    return user


def sign_in(user: User, door: str) -> Client:
    client = Client()
    assert client.post(door, {"username": user.email, "password": PASSWORD}).status_code == 302
    return client


def carrying(name: str, value: str) -> Client:
    """A client that sends one cookie, whoever made it."""
    client = Client()
    client.cookies[name] = value
    return client


class TestCookies:
    def test_each_realm_has_its_own_name_and_path(self):
        found = {door.realm: (door.cookie, door.prefix) for door in (*DOORS, STAFF_DOOR)}

        assert found == {"staff": (STAFF, "/"), "partner": (PARTNER, "/portal/"), "member": (MEMBER, "/my/")}

    def test_staff_get_one_for_the_whole_site(self, analyst):
        client = sign_in(analyst, "/admin/login/")

        assert set(client.cookies) - {"csrftoken", "staff_device"} == {STAFF}
        cookie = client.cookies[STAFF]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/", True, "Lax")

    def test_partners_get_one_for_the_portal_alone(self, partner_user):
        client = sign_in(partner_user, "/portal/login/")

        assert set(client.cookies) - {"csrftoken", "partner_device"} == {PARTNER}
        cookie = client.cookies[PARTNER]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/portal/", True, "Lax")

    def test_leaving_one_realm_keeps_the_other(self, analyst, partner_user):
        client = sign_in(analyst, "/admin/login/")
        client.post("/portal/login/", {"username": partner_user.email, "password": PASSWORD})
        assert (client.get("/admin/").status_code, client.get("/portal/").status_code) == (200, 200)

        client.post("/portal/logout/")

        assert (client.get("/admin/").status_code, client.get("/portal/").status_code) == (200, 302)
        assert (client.cookies[PARTNER].value, client.cookies[PARTNER]["path"]) == ("", "/portal/")

    def test_signing_in_makes_a_new_session(self, partner_user):
        client = carrying(PARTNER, "fixedbysomebodyelse0000000000000")

        client.post("/portal/login/", {"username": partner_user.email, "password": PASSWORD})

        assert client.cookies[PARTNER].value != "fixedbysomebodyelse0000000000000"
        assert list(Session.objects.values_list("session_key", flat=True)) == [client.cookies[PARTNER].value]


class TestForgedCookies:
    def test_a_partners_session_under_the_staffs_name_is_nobody(self, partner_user):
        session = sign_in(partner_user, "/portal/login/").cookies[PARTNER].value
        forged = carrying(STAFF, session)

        assert carrying(PARTNER, session).get("/portal/").status_code == 200
        assert forged.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
        assert forged.get("/admin/reports/").headers["Location"] == "/admin/login/?next=/admin/reports/"

    def test_a_staff_session_under_the_partners_name_is_nobody(self, analyst):
        session = sign_in(analyst, "/admin/login/").cookies[STAFF].value
        forged = carrying(PARTNER, session)

        assert carrying(STAFF, session).get("/admin/").status_code == 200
        assert forged.get("/portal/").headers["Location"] == "/portal/login/?next=/portal/"

    def test_a_cookie_under_its_own_name_opens_its_own_realm_only(self, analyst, partner_user):
        staff = carrying(STAFF, sign_in(analyst, "/admin/login/").cookies[STAFF].value)
        partner = carrying(PARTNER, sign_in(partner_user, "/portal/login/").cookies[PARTNER].value)

        assert (staff.get("/admin/").status_code, staff.get("/portal/").status_code) == (200, 302)
        assert (partner.get("/admin/").status_code, partner.get("/portal/").status_code) == (302, 200)

    def test_what_every_user_may_do_is_not_done_in_another_realm(self, analyst, partner_user):
        # These two pages ask for no permission: the realm alone keeps a forged cookie from them.
        staff = carrying(PARTNER, sign_in(analyst, "/admin/login/").cookies[STAFF].value)
        partner = carrying(STAFF, sign_in(partner_user, "/portal/login/").cookies[PARTNER].value)

        assert staff.get("/portal/security/").headers["Location"] == "/portal/login/?next=/portal/security/"
        partner.post("/language/", {"language": "pl"})
        staff.post("/portal/language/", {"language": "pl"})

        assert set(User.objects.values_list("language", flat=True)) == {"en"}

    def test_the_frameworks_own_cookie_name_opens_nothing(self, analyst):
        session = sign_in(analyst, "/admin/login/").cookies[STAFF].value

        assert carrying("sessionid", session).get("/admin/").status_code == 302

    def test_an_invented_session_is_nobody(self):
        assert carrying(PARTNER, "x" * 32).get("/portal/").status_code == 302


class TestSwitchedOff:
    @pytest.mark.parametrize(
        ("who", "door", "page"),
        [("analyst", "/admin/login/", "/admin/"), ("partner_user", "/portal/login/", "/portal/")],
    )
    def test_a_user_who_is_switched_off_is_out_at_once(self, request, who, door, page):
        user = request.getfixturevalue(who)
        client = sign_in(user, door)
        assert client.get(page).status_code == 200

        User.objects.filter(pk=user.pk).update(is_active=False)

        assert client.get(page).status_code == 302
