"""What an account had at a past instant, and its statement over days."""

import csv
import io
from datetime import date, timedelta
from uuid import UUID

import pytest

from loyalty.kernel import clock, files, jobs
from loyalty.kernel.models import AuditRecord, User
from members.ledger import past, queries, services, statements
from members.ledger.models import Entry
from members.ledger.statements import Wanted
from members.profiles.models import Member
from tests import factories
from tests.factories import NOON, Shop
from tests.members.world import (
    START,
    World,
    add_member,
    bring_back,
    make_world,
    purchase,
    record_purchase,
    record_return,
)

DAY = timedelta(days=1)


def adjust(world: World, account_id: int, amount: int, key: str, at) -> Entry:
    return services.adjust_points(
        account_id=account_id, point_type_id=world.points_id, amount=amount, reason_id=world.reason_id,
        note="for colleagues", request_key=key, is_unlimited=True, at=at,
    )  # fmt: skip


def held(account_id: int, *when) -> tuple[int, int, int]:
    found = past.balances_at(account_id, when[0], known_at=when[1] if len(when) > 1 else None)[0]
    return found.shown, found.pending, found.debt


@pytest.fixture
def _later():
    with clock.fixed(START + 10 * DAY):
        yield


@pytest.fixture
def _noon():
    with clock.fixed(NOON):
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("_later")
class TestBalancesAt:
    def test_counts_what_was_effective_until_the_instant(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-1", [(1, "60.00")], at=START))
            adjust(world, anna.account_id, -25, "k-1", START + DAY)

            assert held(anna.account_id, START - timedelta(microseconds=1)) == (0, 0, 0)
            assert held(anna.account_id, START) == (60, 10, 0)
            assert held(anna.account_id, START + DAY) == (35, 10, 0)

    def test_leaves_out_what_was_not_known_yet(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-1", [(1, "20.00")], at=START + DAY))
            known = Entry.objects.get().recorded_at
            record_purchase(purchase(anna.member_id, "LATE", [(1, "7.00")], at=START))

            assert held(anna.account_id, START + DAY) == (27, 0, 0)
            assert held(anna.account_id, START + DAY, known) == (20, 0, 0)
            assert held(anna.account_id, START, known) == (0, 0, 0)

    def test_tells_a_debt_and_agrees_with_the_wallet_in_the_end(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-1", [(1, "20.00")], at=START))
            adjust(world, anna.account_id, -15, "k-1", START + DAY)
            record_return(bring_back("R-1", "RET-1", [("1", 1)], at=START + 2 * DAY))

            assert held(anna.account_id, START + DAY) == (5, 0, 0)
            assert held(anna.account_id, START + 2 * DAY) == (-15, 0, 15)
            assert past.balances_at(anna.account_id, START + 2 * DAY) == queries.balances(anna.account_id)

    def test_of_an_expiry_counts_the_end_and_not_the_sweep(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-1", [(1, "20.00")], at=START))
            services.expire_due(at=START + 90 * DAY)

            assert held(anna.account_id, START + 29 * DAY) == (20, 0, 0)
            assert held(anna.account_id, START + 30 * DAY) == (0, 0, 0)


def rows_of(world: World, member_id: int, first: date, last: date, at, **more) -> list[list[str]]:
    wanted = Wanted(Member.objects.get(pk=member_id), first, last, "csv", **more)
    text = statements.make_statement(wanted, at=at).read().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


@pytest.mark.django_db
@pytest.mark.usefixtures("_later")
class TestMakeStatement:
    def test_opens_moves_closes_and_tells_what_ends(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-0", [(1, "5.00")], at=START - 3 * DAY))
            record_purchase(purchase(anna.member_id, "R-1", [(1, "60.00")], at=START))
            adjust(world, anna.account_id, -25, "k-1", START + DAY)
            adjust(world, anna.account_id, 3, "k-2", START + 9 * DAY)

            rows = rows_of(world, anna.member_id, date(2026, 3, 2), date(2026, 3, 4), START + 10 * DAY)

            assert rows == [
                ["Points"],
                ["When", "What happened", "Why", "Points", "Not usable yet", "Balance"],
                ["", "Opening balance", "", "", "0", "5"],
                ["2026-03-02T09:00+00:00", "Earned", "receipt R-1", "60", "10", "65"],
                ["2026-03-03T09:00+00:00", "Corrected", "Goodwill", "-25", "0", "40"],
                ["", "Closing balance", "", "35", "10", "40"],
                [],
                ["Points that end after the period"],
                ["Last day", "Points"],
                ["2026-03-31", "40"],
                ["2026-04-05", "10"],
                ["", "50"],
            ]
            deed = AuditRecord.objects.get(action="member.statement_downloaded")
            assert deed.changes == {"period": [None, "2026-03-02/2026-03-04"]}

    def test_as_known_then_says_what_it_said_then(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-1", [(1, "20.00")], at=START))
            known = Entry.objects.get().recorded_at
            days = date(2026, 3, 1), date(2026, 3, 31)
            before = rows_of(world, anna.member_id, *days, START + 40 * DAY)
            record_purchase(purchase(anna.member_id, "LATE", [(1, "7.00")], at=START))

            assert rows_of(world, anna.member_id, *days, START + 40 * DAY) != before
            assert rows_of(world, anna.member_id, *days, START + 40 * DAY, known_at=known) == before

    def test_the_pdf_is_in_the_language_of_the_member(self):
        world = make_world()
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-1", [(1, "20.00")], at=START))
            Member.objects.update(language="pl")
            wanted = Wanted(Member.objects.get(), date(2026, 3, 1), date(2026, 3, 2), "pdf")

            content = statements.make_statement(wanted, at=START).read()

            assert content.startswith(b"%PDF-")
            assert wanted.file_name == "statement-20260301-20260302.pdf"

    @pytest.mark.parametrize(
        ("first", "last"), [(date(2026, 3, 2), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 3, 3))]
    )
    def test_days_that_are_no_period_or_have_not_begun_are_refused(self, first, last):
        world = make_world()
        with world.entered():
            anna = add_member()
            with pytest.raises(statements.PeriodRefused):
                rows_of(world, anna.member_id, first, last, START)
            assert not AuditRecord.objects.filter(action="member.statement_downloaded").exists()

    def test_more_than_a_document_holds_is_refused(self, monkeypatch):
        world = make_world()
        monkeypatch.setattr(statements, "MOST_ENTRIES", 0)
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-1", [(1, "20.00")], at=START))
            with pytest.raises(statements.TooLong):
                rows_of(world, anna.member_id, date(2026, 3, 2), date(2026, 3, 2), START)

    def test_rows_of_any_number_are_made_where_nobody_waits(self, monkeypatch):
        world = make_world()
        user = User.objects.create_user("agent@example.com", "a long enough password", name="Agent")
        with world.entered():
            anna = add_member()
            record_purchase(purchase(anna.member_id, "R-1", [(1, "20.00")], at=START))
            days = (date(2026, 3, 2), date(2026, 3, 2))
            member = Member.objects.get(pk=anna.member_id)
            with clock.fixed(START + DAY):
                at_once = statements.make_statement(Wanted(member, *days, "csv"), at=START + DAY).read()
                monkeypatch.setattr(statements, "MOST_ENTRIES", 0)
                job = statements.ask_statement(Wanted(member, *days, "csv"), user=user)
                assert jobs.run(job.pk)
                job.refresh_from_db()
                stored = files.find(UUID(job.result["file"]))

            assert b"".join(files.read(stored)).count(b"R-1") == at_once.count(b"R-1") == 1
            assert (job.state, stored.requested_by_id) == ("done", user.pk)
            downloaded = AuditRecord.objects.filter(action="member.statement_downloaded").latest("pk")
            assert downloaded.actor_id == user.pk


CARD = "79927398713"


@pytest.fixture
def shop(db) -> Shop:
    made = factories.make_program()
    anna = factories.make_member(made, card=CARD)
    with factories.entered(made), clock.fixed(NOON):
        record_purchase(purchase(anna.member_id, "R-1", [(1, "12.00")], at=NOON - DAY))
    return made


@pytest.mark.usefixtures("_noon")
class TestApi:
    def test_the_balance_of_a_past_instant_names_the_instants(self, shop):
        api = factories.client(shop, "members.read")
        address = f"/api/v1/members/card:{CARD}/balance"

        before = api.get(address, {"as_of": "2026-10-19T11:59:59Z"}).json()
        after = api.get(address, {"as_of": "2026-10-19T12:00:00Z", "known_at": "2026-10-01T00:00:00Z"}).json()

        assert before == {
            "balance": {"POINTS": {"active": "0", "pending": "0", "reserved": "0", "debt": "0"}},
            "shown": {"POINTS": "0"},
            "as_of": "2026-10-19T11:59:59Z",
        }
        # Recorded when the test runs, after the first of October.
        assert (after["shown"], after["known_at"]) == ({"POINTS": "0"}, "2026-10-01T00:00:00Z")
        assert api.get(address, {"as_of": "2026-10-19T12:00:00Z"}).json()["shown"] == {"POINTS": "12"}

    @pytest.mark.parametrize("query", [{"as_of": "2026-10-19"}, {"as_of": "x"}, {"at": "2026-10-19T12:00:00Z"}])
    def test_an_instant_without_its_offset_is_refused(self, shop, query):
        answer = factories.client(shop, "members.read").get(f"/api/v1/members/card:{CARD}/balance", query)

        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")

    def test_the_statement_comes_as_csv_or_as_pdf(self, shop):
        api, address = factories.client(shop, "members.read"), f"/api/v1/members/card:{CARD}/statement"
        days = {"first": "2026-10-01", "last": "2026-10-19"}

        as_csv = api.get(address, days)
        as_pdf = api.get(address, days, HTTP_ACCEPT="application/pdf")

        assert as_csv["Content-Type"] == "text/csv; charset=utf-8"
        assert "receipt R-1;12;0;12" in as_csv.content.decode()
        assert (as_pdf["Content-Type"], as_pdf.content[:5]) == ("application/pdf", b"%PDF-")
        assert as_pdf["Content-Disposition"] == 'attachment; filename="statement-20261001-20261019.pdf"'

    def test_wrong_days_and_a_key_without_the_scope_are_refused(self, shop):
        address = f"/api/v1/members/card:{CARD}/statement"
        days = {"first": "2026-10-19", "last": "2026-10-01"}

        wrong = factories.client(shop, "members.read").get(address, days, HTTP_ACCEPT="application/pdf")
        foreign = factories.client(shop, "purchases.write").get(address, days)

        assert (wrong.status_code, wrong.json()["code"]) == (422, "ledger.statement_period")
        assert foreign.status_code == 403
