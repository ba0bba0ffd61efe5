"""Who opens a partner's portal: who administers lets colleagues in and out, who reads does neither."""

from decimal import Decimal

import pytest
from django.test import Client

from loyalty.kernel import clock, scope
from loyalty.kernel.access import roles, sessions
from loyalty.kernel.models import AuditRecord, User
from loyalty.kernel.models.users import Realm
from partners.registry import services
from partners.registry.models import Agreement, Partner
from tests.browser import people, routes
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
PAGE, DEEDS, STAFF_PAGE = "/portal/people/", "/portal/people/change/", "/admin/partners/people/"
NEW = {
    "deed": "let-in",
    "name": "Nils New",
    "email": "nils@example.com",
    "password": people.PASSWORD,
    "role": "view_portal",
}


def make_partner(program: int, code: str) -> Partner:
    with routes.in_program(program):
        found = Partner.objects.create(program_id=program, code=code, name=code.capitalize(), kind="retailer")
        Agreement.objects.create(
            partner=found, starts_date=clock.now().date(), currency="EUR", issue_price=1000, redeem_price=800,
            commission=Decimal("1.50"), funds_base=True,
        )  # fmt: skip
        return found


@pytest.fixture
def program() -> int:
    return people.make_program()


@pytest.fixture
def partner(program) -> Partner:
    return make_partner(program, "NORTH")


def add(partner: Partner, email: str, role: str) -> User:
    user = User.objects.create_user(email, people.PASSWORD, name=email.split("@")[0].title(), realm=Realm.PARTNER)
    with routes.in_program(partner.program_id):
        roles.grant_portal(user, partner, role)
    return user


def enter(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["partner_session"] = client.cookies["sessionid"].value
    return client


def roles_at(partner: Partner) -> dict[str, str]:
    return {one.user.email: one.role for one in services.users_of(partner)}


def test_who_administers_lets_a_reader_in_who_reads_and_lets_nobody_in(partner):
    boss = add(partner, "boss@example.com", "administer_portal")

    answer = enter(boss).post(DEEDS, NEW)

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert roles_at(partner) == {"boss@example.com": "administer_portal", "nils@example.com": "view_portal"}
    reader = enter(User.objects.get(email="nils@example.com"))
    assert [reader.get(page).status_code for page in ("/portal/", "/portal/purchases/", PAGE)] == [200, 200, 403]
    assert reader.post(DEEDS, {**NEW, "email": "third@example.com"}).status_code == 403
    assert PAGE not in reader.get("/portal/").content.decode()
    with routes.in_program(partner.program_id):
        record = AuditRecord.objects.get(action="partner_user.let_in")
    assert (record.actor_id, record.changes["role"]) == (boss.pk, [None, "view_portal"])


def test_another_role_holds_at_once(partner):
    add(partner, "boss@example.com", "administer_portal")
    reader = add(partner, "reader@example.com", "view_portal")
    client = enter(User.objects.get(email="boss@example.com"))

    client.post(DEEDS, {"deed": "role", "user": reader.pk, "role": "administer_portal"})
    assert enter(reader).get(PAGE).status_code == 200

    client.post(DEEDS, {"deed": "role", "user": reader.pk, "role": "view_portal"})
    assert enter(reader).get(PAGE).status_code == 403


def test_who_is_shut_out_opens_nothing_any_more(partner):
    boss, reader = (
        add(partner, "boss@example.com", "administer_portal"),
        add(partner, "reader@example.com", "view_portal"),
    )
    open_page = enter(reader)
    assert open_page.get("/portal/").status_code == 200

    enter(boss).post(DEEDS, {"deed": "shut-out", "user": reader.pk})

    assert open_page.get("/portal/").status_code in {302, 403}
    assert roles_at(partner) == {"boss@example.com": "administer_portal"}


@pytest.mark.parametrize("sent", [{"deed": "role", "role": "view_portal"}, {"deed": "shut-out"}])
def test_nobody_changes_the_own_rights(partner, sent):
    boss = add(partner, "boss@example.com", "administer_portal")
    add(partner, "second@example.com", "administer_portal")

    answer = enter(boss).post(DEEDS, {**sent, "user": boss.pk}, follow=True)

    assert "You cannot change your own rights." in answer.content.decode()
    assert roles_at(partner)["boss@example.com"] == "administer_portal"


def test_the_last_administrator_stays(partner, program):
    boss = add(partner, "boss@example.com", "administer_portal")
    client = signed_in(people.make_operator())
    client.post("/admin/program/", {"program": program})
    sent = {"deed": "shut-out", "user": boss.pk, "partner": str(partner.public_id), "_program": program}

    answer = client.post(STAFF_PAGE, sent, follow=True)

    assert "Somebody must administer." in answer.content.decode()
    assert roles_at(partner) == {"boss@example.com": "administer_portal"}


def test_another_partners_user_is_not_there(partner, program):
    boss, other = add(partner, "boss@example.com", "administer_portal"), make_partner(program, "SOUTH")
    stranger = add(other, "south@example.com", "view_portal")

    for sent in ({"deed": "shut-out"}, {"deed": "role", "role": "administer_portal"}):
        assert enter(boss).post(DEEDS, {**sent, "user": stranger.pk}).status_code == 404
    assert roles_at(other) == {"south@example.com": "view_portal"}
    assert "south@example.com" not in enter(boss).get(PAGE).content.decode()


@pytest.mark.parametrize(
    "sent",
    [{"deed": "role", "user": "1", "role": "superuser"}, {"deed": "role", "user": "x"}, {"deed": "make-boss"}, {}],
)
def test_what_makes_no_sense_does_nothing(partner, sent):
    boss = add(partner, "boss@example.com", "administer_portal")

    assert enter(boss).post(DEEDS, sent).status_code == 404
    assert roles_at(partner) == {"boss@example.com": "administer_portal"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "boss@example.com"}, "Somebody signs in with this e-mail already."),
        ({"password": "short"}, "too short"),
        ({"role": "act_as_supervisor"}, "Select a valid choice"),
    ],
)
def test_a_refused_form_says_why_and_lets_nobody_in(partner, changes, words):
    boss = add(partner, "boss@example.com", "administer_portal")

    answer = enter(boss).post(DEEDS, {**NEW, **changes})

    assert words in answer.content.decode()
    assert roles_at(partner) == {"boss@example.com": "administer_portal"}


def test_the_operator_lets_the_first_one_in(partner, program):
    client = signed_in(people.make_operator())
    client.post("/admin/program/", {"program": program})

    sent = {**NEW, "role": "administer_portal", "partner": str(partner.public_id), "_program": program}
    assert client.post(STAFF_PAGE, sent).status_code == 302

    assert roles_at(partner) == {"nils@example.com": "administer_portal"}
    assert "Nils New" in client.get(STAFF_PAGE).content.decode()


def test_the_password_is_asked_for_before(partner):
    client = enter(add(partner, "boss@example.com", "administer_portal"))
    session = client.session
    del session[sessions.PROVED]
    session.save()

    for answer in (client.get(PAGE), client.post(DEEDS, NEW)):
        assert answer.headers["Location"].startswith("/portal/security/prove/")
    assert list(roles_at(partner)) == ["boss@example.com"]


def test_a_partner_of_another_program_is_not_there(partner, program):
    elsewhere = make_partner(people.make_program("SECOND"), "FAR")
    client = signed_in(people.make_operator())
    client.post("/admin/program/", {"program": program})

    sent = {**NEW, "partner": str(elsewhere.public_id), "_program": program}
    assert client.post(STAFF_PAGE, sent).status_code == 404

    with scope.enter([elsewhere.program_id], scope.SYSTEM):
        assert roles_at(elsewhere) == {}
