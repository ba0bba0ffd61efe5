"""The partner portal: a login of its own, one's own figures, nobody's name."""

import io
import re
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from loyalty.kernel import clock
from loyalty.kernel.access import roles
from loyalty.kernel.models import AuditRecord, User
from loyalty.kernel.models.users import Realm
from partners.registry.models import Partner
from tests.browser.people import PASSWORD
from tests.members.desk.room import make_user
from tests.reports.coalition import CANARY, MADE_AT, Coalition, make_coalition

pytestmark = pytest.mark.django_db
PAGES = ("/portal/", "/portal/purchases/", "/portal/statements/")
MARCH = "/portal/statements/2026-3"
WRONG = "This e-mail and password do not belong together"


@pytest.fixture
def spring() -> Coalition:
    return make_coalition()


@pytest.fixture(autouse=True)
def _now():
    with clock.fixed(MADE_AT):
        yield


def make_partner_user(spring: Coalition, partner: str, role: str = "view_portal") -> User:
    user = User.objects.create_user(f"{partner.lower()}@example.com", PASSWORD, name=partner, realm=Realm.PARTNER)
    with spring.entered():
        roles.grant_portal(user, Partner.objects.get(code=partner), role)
    return user


def sign_in(email: str, door: str = "/portal/login/") -> tuple[Client, Any]:
    client = Client()
    return client, client.post(door, {"username": email, "password": PASSWORD})


def enter(spring: Coalition, partner: str) -> Client:
    client, answer = sign_in(make_partner_user(spring, partner).email)
    assert answer.headers["Location"] == "/portal/"
    return client


def read(client: Client, address: str) -> str:
    """What a page says, its tags taken out."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ").split())


def cards(client: Client) -> dict[str, str]:
    pattern = r'<span class="name">([^<]+)</span><span class="figure">([^<]+)</span>'
    found = re.findall(pattern, client.get("/portal/").content.decode())
    return {name: figure.replace("\xa0", " ") for name, figure in found}


class TestDoor:
    def test_strangers_are_led_to_the_portals_own_login(self, spring):
        for page in (*PAGES, f"{MARCH}.pdf", "/portal/security/"):
            assert Client().get(page).headers["Location"].startswith("/portal/login/?next=/portal/")

    def test_a_partner_user_signs_in_here_and_not_there(self, spring):
        user = make_partner_user(spring, "NORTH")
        client, answer = sign_in(user.email)
        _nobody, refused = sign_in(user.email, "/admin/login/")

        assert (answer.status_code, client.get("/portal/").status_code) == (302, 200)
        assert client.get("/admin/").status_code == 302
        assert WRONG in refused.content.decode()

    def test_a_staff_user_signs_in_there_and_not_here(self, spring):
        user = make_user(spring.world, "analyst")
        client, refused = sign_in(user.email)
        staff, answer = sign_in(user.email, "/admin/login/")

        assert WRONG in refused.content.decode()
        assert client.get("/portal/").status_code == 302
        assert (answer.status_code, staff.get("/admin/").status_code) == (302, 200)
        assert staff.get("/portal/").headers["Location"].startswith("/portal/login/")

    def test_a_wrong_password_opens_nothing(self, spring):
        user = make_partner_user(spring, "NORTH")
        client = Client()

        answer = client.post("/portal/login/", {"username": user.email, "password": "wrong"})

        assert WRONG in answer.content.decode()
        assert client.get("/portal/").status_code == 302

    def test_a_user_without_a_partner_is_refused(self, spring):
        User.objects.create_user("nobody@example.com", PASSWORD, realm=Realm.PARTNER)
        client, _answer = sign_in("nobody@example.com")

        assert [client.get(page).status_code for page in PAGES] == [403, 403, 403]

    def test_an_archived_partner_is_refused(self, spring):
        client = enter(spring, "NORTH")
        with spring.entered():
            Partner.objects.filter(code="NORTH").update(archived_at=MADE_AT)

        assert client.get("/portal/").status_code == 403

    def test_leaving_closes_the_portal(self, spring):
        client = enter(spring, "NORTH")

        assert client.post("/portal/logout/").headers["Location"] == "/portal/login/"
        assert client.get("/portal/").status_code == 302

    def test_a_user_chooses_a_new_password(self, spring):
        client, new = enter(spring, "NORTH"), "quite another phrase 7"

        answer = client.post("/portal/security/password/", {"new_password1": new, "new_password2": new})

        assert answer.headers["Location"] == "/portal/security/"

        assert User.objects.get(email="north@example.com").check_password(new)


class TestFigures:
    def test_the_week_ends_on_the_last_day_that_something_happened(self, spring):
        # March 2 is its only purchase: 60.00, of which 15.00 came back on the 10th; the mug went on the 15th.
        assert cards(enter(spring, "NORTH")) == {
            "Purchases": "1",
            "Amount, net of returns": "45.00 USD",
            "Points you pay for": "70",
            "Points redeemed with you": "0",
        }

    def test_a_partner_that_pays_for_nothing_sees_its_purchases(self, spring):
        assert cards(enter(spring, "SOUTH")) == {
            "Purchases": "1",
            "Amount, net of returns": "25.00 USD",
            "Points you pay for": "0",
            "Points redeemed with you": "0",
        }

    def test_what_the_points_were_for(self, spring):
        page = read(enter(spring, "NORTH"), "/portal/")

        assert "What your points were for Base · 1 purchase 60 Bonus · 1 purchase 10" in page

    def test_purchases_with_what_came_back_and_what_was_paid_for(self, spring):
        page = read(enter(spring, "NORTH"), "/portal/purchases/")

        assert "R-3 North market 60.00 15.00 45" in page

    def test_nothing_of_another_partner(self, spring):
        north, south = enter(spring, "NORTH"), enter(spring, "SOUTH")

        for page in PAGES:
            assert not re.search("South|SOUTH|R-4|25.00", read(north, page)), page
            assert not re.search("North|NORTH|R-3|60.00|45.00", read(south, page)), page
        assert "R-4 South market 25.00 0 0" in read(south, "/portal/purchases/")

    def test_nothing_of_a_program_without_this_partner(self, spring):
        client = enter(spring, "NORTH")
        other = make_coalition("AUTUMN")
        with other.entered():
            Partner.objects.filter(code="NORTH").update(name="Canary namesake")

        pages = [read(client, page) for page in PAGES]

        assert all("North stores" in page and "Canary namesake" not in page for page in pages)
        assert pages[1].count("R-3") == 1

    @pytest.mark.parametrize("language", ["en", "pl", "ru"])
    def test_no_page_and_no_file_names_a_member(self, spring, language):
        client = enter(spring, "NORTH")
        client.post("/portal/language/", {"language": language, "next": "/portal/"})
        secrets = [
            "ANNA",
            *(text for value in CANARY["ANNA"].values() for text in ([value] if isinstance(value, str) else value)),
        ]

        seen = [client.get(page).content.decode() for page in PAGES]
        seen.append(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(fetch(client, "pdf"))).pages))
        seen.append(repr(cells(client)))

        assert len(secrets) == 7
        assert [secret for secret in secrets for text in seen if secret in text] == []


def fetch(client: Client, file_format: str) -> bytes:
    answer = client.get(f"{MARCH}.{file_format}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def cells(client: Client) -> dict[str, list[list[Any]]]:
    book = load_workbook(io.BytesIO(fetch(client, "xlsx")))
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(min_row=5, values_only=True)] for sheet in book.worksheets
    }


class TestStatements:
    def test_there_is_one_for_each_closed_month_of_the_agreement(self, spring):
        page = read(enter(spring, "NORTH"), "/portal/statements/")

        assert re.findall(r"(\w+ 2026) (?:\w+ )?PDF", page) == ["March 2026", "February 2026", "January 2026"]
        assert "No statement yet" in read(enter(spring, "SOUTH"), "/portal/statements/")

    def test_what_is_due_was_added_up_by_hand(self, spring):
        found = cells(enter(spring, "NORTH"))

        # 70 points less 25 at 10.00 a thousand; the mug's 30 at 8.00 a thousand; 1.5 % of 45.00 is 0.675.
        assert found["What is due"] == [
            ["Points issued", "45", 10, 0.45],
            ["Points redeemed", "30", 8, -0.24],
            ["Commission, 1.50 % of purchases", "45.00\xa0USD", None, 0.68],
            ["Due", None, None, 0.89],
        ]
        days = {row[0].day: row[1:] for row in found["Day by day"][:-1]}
        assert len(days) == 31
        assert {day: row for day, row in days.items() if any(row)} == {
            2: [1, 45, 70, 0],
            10: [0, 0, -25, 0],
            15: [0, 0, 0, 30],
        }
        assert found["Day by day"][-1] == ["All", 1, 45, 45, 30]

    def test_paper_says_the_same(self, spring):
        pages = PdfReader(io.BytesIO(fetch(enter(spring, "NORTH"), "pdf"))).pages

        text = " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())
        assert "Statement of North stores" in text
        assert "0.89 USD is due to the program" in text
        assert all(figure in text.split() for figure in ("0.45", "−0.24", "0.68", "0.89"))

    def test_each_download_is_recorded(self, spring):
        client = enter(spring, "NORTH")
        answer = client.get(f"{MARCH}.xlsx")

        assert answer["Content-Disposition"] == 'attachment; filename="statement-2026-03.xlsx"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        with spring.entered():
            record = AuditRecord.objects.get(action="statement.downloaded")
            assert record.changes == {"month": [None, "2026-03-01"]}

    @pytest.mark.parametrize(
        "name", ["2026-4.pdf", "2026-5.pdf", "2025-12.pdf", "2026-13.pdf", "2026-3.csv", "2026-3.exe"]
    )
    def test_a_month_or_format_that_is_not_there_is_unknown(self, spring, name):
        client = enter(spring, "NORTH")

        assert client.get(f"/portal/statements/{name}").status_code == 404
        with spring.entered():
            assert not AuditRecord.objects.filter(action="statement.downloaded").exists()

    def test_who_has_no_agreement_has_no_statement(self, spring):
        assert enter(spring, "SOUTH").get(f"{MARCH}.pdf").status_code == 404
