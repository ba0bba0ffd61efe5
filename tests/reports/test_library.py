"""The five reports about a spring that was added up by hand (``tests/reports/coalition.py``)."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from openpyxl import load_workbook
from pypdf import PdfReader

from loyalty.kernel.documents import Column, Document, text_of, write
from members.profiles.models import Member, MemberStatus
from programs.setup.models import PointType, Program
from programs.tiers.models import Tier, TierScheme
from reports.dashboards import queries as dashboard
from reports.library.definitions import DEFINITIONS, Request
from reports.library.periods import Period
from tests.reports.coalition import MADE_AT, Coalition, make_coalition

pytestmark = pytest.mark.django_db
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
SPRING = (date(2026, 2, 1), date(2026, 4, 30))


@pytest.fixture
def spring() -> Coalition:
    return make_coalition()


def ask(first: date, last: date, language: str = "en") -> Request:
    program = Program.objects.get()
    return Request(
        program=program, point_type=PointType.objects.get(), period=Period(first, last, program.zone), made_at=MADE_AT,
        made_by="Adam Analyst", language=language,
    )  # fmt: skip


def build(code: str, first: date = MARCH[0], last: date = MARCH[1], language: str = "en") -> Document:
    with translation.override(language):
        return DEFINITIONS[code].build(ask(first, last, language), lambda done, of: None)


def rows(document: Document, place: int = 0) -> list[list[Any]]:
    """The rows of a table and, last, its total."""
    table = document.tables[place]
    assert table.total is not None
    return [list(row) for row in [*table.rows, table.total]]


def standing(document: Document) -> dict[str, str]:
    return {figure.name: figure.text for figure in document.figures}


class TestMovement:
    def test_leads_from_opening_to_closing_month_by_month(self, spring):
        with spring.entered():
            assert rows(build("movement", *SPRING)) == [
                # opening, earned, taken back, corrected, redeemed, expired, closing
                ["February 2026", 0, 27, 0, 0, 0, 0, 27],
                ["March 2026", 27, 95, -25, 5, -30, -7, 65],
                ["April 2026", 65, 11, 0, 0, 0, 0, 76],
                ["All", 0, 133, -25, 5, -30, -7, 76],
            ]

    def test_closes_with_what_the_wallets_hold(self, spring):
        with spring.entered():
            *months, every = rows(build("movement", *SPRING))
            assert every[-1] == spring.outstanding() == 76
        for _name, opening, *moves, closing in [*months, every]:
            assert opening + sum(moves) == closing

    def test_a_part_of_a_month_opens_with_what_was_there(self, spring):
        with spring.entered():
            # From the day of the return to the day before the mug.
            assert rows(build("movement", date(2026, 3, 10), date(2026, 3, 14)))[0][1:] == [122, 0, -25, 5, 0, 0, 102]

    def test_says_what_changed(self, spring):
        with spring.entered():
            document = build("movement")
        assert document.headline == "38 more points are outstanding than before"
        assert standing(document) == {
            "Opening": "27", "Earned": "95", "Redeemed": "−30", "Expired": "−7", "Closing": "65"
        }  # fmt: skip


class TestPromotions:
    def test_tell_what_each_gave_and_what_came_back(self, spring):
        with spring.entered():
            document = build("promotions")
        assert rows(document) == [
            # purchases, members, given, taken back, net, share of given, value of net in cents
            ["Base", 2, 2, 85, -15, 70, Decimal("89.5"), 70],
            ["Bonus", 1, 1, 10, -10, 0, Decimal("10.5"), 0],
            ["All", None, None, 95, -25, 70, None, 70],
        ]
        assert document.headline == "“Base” gave the most: 85 points"

    @pytest.mark.parametrize("period", [MARCH, SPRING])
    def test_net_is_what_the_ledger_earned_and_took_back(self, spring, period):
        with spring.entered():
            given, back, net = rows(build("promotions", *period))[-1][3:6]
            _name, _opening, earned, taken_back, *_others = rows(build("movement", *period))[-1]
        assert (given, back, net) == (earned, taken_back, earned + taken_back)

    def test_a_period_without_anything_says_so(self, spring):
        with spring.entered():
            document = build("promotions", date(2025, 1, 1), date(2025, 1, 31))
        assert document.headline == "No promotion gave anything"
        assert rows(document) == [["All", None, None, 0, 0, 0, None, 0]]


class TestExpiry:
    def test_lays_open_points_by_the_month_of_their_last_day(self, spring):
        with spring.entered():
            document = build("expiry")
            assert rows(document)[-1][2] == spring.outstanding()
        assert rows(document) == [
            # members, points, not yet usable, running total, value in cents
            ["March 2026", 1, 35, 0, 35, 35],
            ["April 2026", 1, 30, 0, 65, 30],
            ["May 2026", 1, 11, 0, 76, 11],
            ["All", None, 76, 0, None, 76],
        ]
        assert standing(document) == {"Outstanding in lots": "76", "With a last day": "76", "Without one": "0"}


class TestMembers:
    def test_count_members_buyers_and_what_they_bought(self, spring):
        with spring.entered():
            document = build("members")
        assert rows(document) == [["All", 3, 2, 2, 7000, 76], ["All", 3, 2, 2, 7000, 76]]
        assert [[number, tier, *figures] for number, _since, tier, *figures in rows(document, 1)] == [
            ["ANNA", "All", 1, 4500, 35],
            ["BEN", "All", 1, 2500, 30],
            ["CLEO", "All", 0, 0, 11],
            ["All", None, 2, 7000, 76],
        ]
        assert document.tables[1].rows[2][1] == datetime(2026, 3, 1, 10, tzinfo=UTC)
        assert standing(document) == {
            "Members": "3", "New in the period": "1", "Bought": "2", "Share that bought, %": "66.7"
        }  # fmt: skip

    def test_leave_out_who_joined_later_and_call_tiers_by_name(self, spring):
        with spring.entered():
            scheme = TierScheme.objects.create(code="STATUS", name={"en": "Status"}, point_type=PointType.objects.get())
            Tier.objects.create(scheme=scheme, code="SILVER", name={"en": "Silver"}, rank=1, threshold=0)
            Tier.objects.create(scheme=scheme, code="GOLD", name={"en": "Gold"}, rank=2, threshold=1000)
            document = build("members", date(2026, 2, 1), date(2026, 2, 28))
        assert rows(document) == [
            ["Silver", 2, 2, 2, 2700, 65],
            ["Gold", 0, 0, 0, 0, 0],
            ["All", 2, 2, 2, 2700, 65],
        ]

    def test_write_shares_as_the_reader_does(self, spring):
        with spring.entered():
            document = build("members", language="pl")
        assert [figure.text for figure in document.figures] == ["3", "1", "2", "66,7"]

    def test_hold_no_personal_data(self, spring):
        with spring.entered():
            text = csv_text(build("members"))
        assert "ANNA" in text
        assert not re.search("Hortensja|Kanarkow|@|79927398713|601987654", text)


class TestPartners:
    def test_tell_what_happened_and_what_is_due(self, spring):
        with spring.entered():
            document = build("partners")
        # Due of NORTH: 45 points at 10.00 a thousand are 0.45, 30 at 8.00 are 0.24 back, 1.5 % of 45.00 are 0.675.
        assert rows(document) == [
            ["North stores", 1, 4500, 45, 30, 89],
            ["South stores", 1, 2500, 0, 0, None],
            ["All", 2, 7000, 45, 30, 89],
        ]
        assert document.headline.replace("\xa0", " ") == "0.89 USD is due from partners"

    def test_before_the_agreement_nothing_is_known_to_be_due(self, spring):
        with spring.entered():
            document = build("partners", date(2026, 1, 1), date(2026, 1, 14))
        assert [row[-1] for row in rows(document)] == [None, None, 0]


def csv_text(document: Document) -> str:
    return write(document, "csv").read().decode("utf-8-sig")


def plain(value: Any) -> Any:
    """A cell of a spreadsheet and the text of a CSV file as something that can be compared."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int | float):
        return Decimal(str(value))
    try:
        return Decimal(value)
    except ArithmeticError:
        return re.sub(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\+00:00$", r"\1 \2", value)


def in_spreadsheet(document: Document) -> list[list[list[Any]]]:
    book = load_workbook(write(document, "xlsx"))
    return [
        [[plain(cell) for cell in row] for row in sheet.iter_rows(min_row=5, values_only=True)]
        for sheet in book.worksheets
    ]


def in_csv(document: Document) -> list[list[list[Any]]]:
    tables: list[list[list[Any]]] = [[]]
    for line in csv.reader(io.StringIO(csv_text(document)), delimiter=";"):
        if not line:
            tables.append([])
        else:
            tables[-1].append([plain(cell) for cell in line])
    headings = 2 if len(tables) > 1 else 1
    return [table[headings:] for table in tables]


def figures_of(document: Document) -> list[str]:
    """Every figure of the tables as people read it."""
    return [
        text_of(column, cell, document.zone)
        for table in document.tables
        for row in [*table.rows, *([table.total] if table.total else [])]
        for column, cell in zip(table.columns, row, strict=True)
        if column.is_figure and cell is not None
    ]


def is_written(column: Column, cell: Any) -> Any:
    return None if cell is None else column.value(cell)


@pytest.mark.parametrize("code", list(DEFINITIONS))
class TestFormats:
    def test_hold_the_same_figures(self, spring, code):
        with spring.entered():
            document = build(code, *SPRING)
        wanted = [
            [
                [is_written(column, cell) for column, cell in zip(table.columns, row, strict=True) if column.is_figure]
                for row in [*table.rows, *([table.total] if table.total else [])]
            ]
            for table in document.tables
        ]

        sheets, lines = in_spreadsheet(document), in_csv(document)

        assert sheets == lines
        of_figures = [
            [[cell for column, cell in zip(table.columns, row, strict=True) if column.is_figure] for row in made]
            for table, made in zip(document.tables, sheets, strict=True)
        ]
        assert of_figures == wanted

    def test_show_people_the_same_figures_on_paper(self, spring, code):
        with spring.entered():
            document = build(code, *SPRING)

        pages = PdfReader(write(document, "pdf")).pages

        text = " ".join(" ".join(page.extract_text() for page in pages).split())
        words = text.split(" ")
        for figure in figures_of(document):
            assert all(part in words for part in figure.replace("\xa0", " ").split(" ")), f"{figure}: {text}"
        assert " ".join(document.headline.replace("\xa0", " ").split()) in text.replace("\xa0", " ")


class TestDashboard:
    def test_stands_where_the_reports_stand(self, spring):
        with spring.entered():
            asked = ask(*MARCH)
            shown = dashboard.standing(asked, asked.period)
            every = rows(build("movement"))[-1]
            of_members = rows(build("members"))[-1]
            given = rows(build("promotions"))[-1][3]
        assert (shown.members, shown.buyers, shown.purchases, shown.amount) == tuple(of_members[1:5]) == (3, 2, 2, 7000)
        assert (shown.earned, shown.redeemed, shown.expired, shown.outstanding) == (95, 30, 7, 65)
        assert (shown.earned, -shown.redeemed, -shown.expired, shown.outstanding) == (every[2], *every[5:])
        assert shown.earned == given
        assert (shown.basket, shown.redemption_rate) == (3500, 315)

    def test_figures_of_the_past_stay_when_a_person_is_erased(self, spring):
        with spring.entered():
            asked = ask(*MARCH)
            before, lines = dashboard.standing(asked, asked.period), rows(build("members"))
            Member.objects.filter(number="BEN").update(status=MemberStatus.ERASED)
            assert (dashboard.standing(asked, asked.period), rows(build("members"))) == (before, lines)

    def test_counts_by_week_what_it_counts_in_all(self, spring):
        with spring.entered():
            asked = ask(*MARCH)
            weeks = dashboard.by_week(asked, asked.period)
        assert weeks == [
            # Monday, earned, redeemed, expired
            (date(2026, 2, 23), 0, 0, 0),
            (date(2026, 3, 2), 95, 0, 0),
            (date(2026, 3, 9), 0, 30, 0),
            (date(2026, 3, 16), 0, 0, 0),
            (date(2026, 3, 23), 0, 0, 7),
            (date(2026, 3, 30), 0, 0, 0),
        ]
