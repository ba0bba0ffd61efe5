"""What is wrong with a file: refused as a whole before anything is posted, or left out line by line with the reason."""

import csv
import gzip
import io

import pytest

from loyalty.kernel import clock
from members.activity.models import Purchase
from members.files.models import FileReject
from members.ledger.models import Posting
from members.profiles import queries as profiles
from members.profiles.models import Member
from tests import factories
from tests.factories import NOON, Shop
from tests.members.files.writing import ADDRESS, right_totals, row, run_jobs, send, take_in, written

pytestmark = pytest.mark.django_db

CONTENT = written([row("R-1"), row("R-2", "5.00"), row("R-3", "1.37")])


@pytest.fixture
def shop() -> Shop:
    made = factories.make_program()
    factories.make_member(made, card="79927398713")
    return made


@pytest.fixture(autouse=True)
def _noon():
    with clock.fixed(NOON):
        yield


def nothing_moved(shop: Shop) -> bool:
    with factories.entered(shop):
        return not (Purchase.objects.exists() or Posting.objects.exists() or FileReject.objects.exists())


def rejects(shop: Shop) -> list[tuple[int, str, str, str]]:
    with factories.entered(shop):
        rows = FileReject.objects.order_by("line", "field")
        return list(rows.values_list("line", "external_id", "field", "code"))


class TestWholeFile:
    @pytest.mark.parametrize("kept", range(len(CONTENT.partition(b"\r\n")[0]) + 3, len(CONTENT) - 2, 7))
    def test_cut_in_the_middle_anywhere(self, shop, kept):
        answer = take_in(shop, CONTENT[:kept])

        assert answer["state"] == "refused"
        assert answer["problem"]["code"] in {"files.cut_off", "files.wrong_total"}
        assert (answer["purchases"], answer["recorded"], answer["finished_at"] is None) == (None, 0, False)
        assert nothing_moved(shop)

    def test_a_packed_file_cut_in_the_middle(self, shop):
        packed = gzip.compress(CONTENT)

        answer = take_in(shop, packed[: len(packed) // 2])

        assert (answer["state"], answer["problem"]["code"]) == ("refused", "files.cut_off")
        assert nothing_moved(shop)

    @pytest.mark.parametrize(
        ("totals", "column", "found"),
        [
            ((4, 3, "16.00"), "purchases", "3"),
            ((3, 2, "16.00"), "lines", "3"),
            ((3, 3, "16.01"), "amount", "16.00"),
            ((3, 3, "much"), "amount", "16.00"),
        ],
    )
    def test_a_wrong_total(self, shop, totals, column, found):
        content = written([row("R-1"), row("R-2", "5.00"), row("R-3", "1.00")], totals=totals)

        answer = take_in(shop, content)

        assert (answer["state"], answer["problem"]["code"]) == ("refused", "files.wrong_total")
        assert column in answer["problem"]["detail"]
        assert found in answer["problem"]["detail"]
        assert nothing_moved(shop)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"nonsense", "files.unknown_column"),
            (b"external_id;member;at;sku;amount;tips\n#END;0;0;0\n", "files.unknown_column"),
            (b"external_id;member;at;sku;amount;sku\n#END;0;0;0\n", "files.column_twice"),
            (b"external_id;member;at;sku\n#END;0;0;0\n", "files.column_missing"),
            (b"external_id;member;at;amount\n#END;0;0;0\n", "files.column_missing"),
            (b"\n", "files.empty"),
            (CONTENT + b"R-4;card;1;2026-10-20T11:30:00Z;USD;A;1;1.00\r\n", "files.line_refused"),
            (CONTENT.replace(b"R-2;card", b"R-2;card;more"), "files.line_refused"),
            (CONTENT.replace(b"R-2;card", b'R-2;"card'), "files.damaged"),
            (CONTENT.replace(b"R-2", b"R\xff2"), "files.not_utf8"),
            (CONTENT.replace(b"R-2", b"R\x002"), "files.damaged"),
            (b"\x1f\x8b" + CONTENT, "files.damaged"),
        ],
    )
    def test_what_cannot_be_read(self, shop, content, code):
        answer = take_in(shop, content)

        assert (answer["state"], answer["problem"]["code"]) == ("refused", code)
        assert nothing_moved(shop)

    def test_a_refused_file_stays_refused_however_often_it_comes(self, shop):
        api = factories.client(shop, "files.write")
        send(api, CONTENT[:-3])
        run_jobs(shop)

        again = send(api, CONTENT[:-3])
        run_jobs(shop)

        assert (again.status_code, again.json()["state"]) == (200, "refused")
        assert nothing_moved(shop)


class TestLines:
    @pytest.mark.parametrize(
        ("cells", "field", "code"),
        [
            ({"member": ""}, "member", "required"),
            ({"member": "1234567890"}, "member", "members.unknown"),
            ({"member_kind": "tattoo"}, "member_kind", "not_a_choice"),
            ({"at": "2026-10-20 11:30"}, "at", "not_an_instant"),
            ({"at": "2026-02-30T11:30:00Z"}, "at", "not_an_instant"),
            ({"at": "2026-10-21T11:30:00Z"}, "at", "activity.in_the_future"),
            ({"at": "2019-10-21T11:30:00Z"}, "at", "activity.too_late"),
            ({"currency": "EUR"}, "currency", "activity.currency"),
            ({"store": "nowhere"}, "store", "activity.unknown_location"),
            ({"sku": ""}, "sku", "required"),
            ({"sku": "A" * 61}, "sku", "too_long"),
            ({"qty": "1,5"}, "qty", "not_a_number"),
            ({"qty": "0.0001"}, "qty", "too_many_decimals"),
            ({"qty": "-1"}, "qty", "out_of_range"),
            ({"amount": "1.005"}, "amount", "too_many_decimals"),
            ({"amount": ""}, "amount", "required"),
            ({"amount": "ten"}, "amount", "not_a_number"),
            ({"basket_discount": "50.00"}, "basket_discount", "out_of_range"),
            ({"coupons": "|".join("abcdefghijklmnopqrstu")}, "coupons", "too_many"),
        ],
    )
    def test_a_wrong_cell_leaves_out_its_receipt_alone(self, shop, cells, field, code):
        wrong = row("R-2", **{"amount": "5.00", **cells})
        listed = [row("R-1"), wrong, row("R-3", "1.00")]
        totals = right_totals(listed)
        if cells.get("amount") == "1.005":
            totals = (3, 3, "12.005")

        answer = take_in(shop, written(listed, totals=totals))

        assert answer["state"] == "done"
        assert (answer["recorded"], answer["rejected"], answer["accepted_amount"]) == (2, 1, "11.00")
        assert (3, "R-2", field, code) in rejects(shop)
        with factories.entered(shop):
            assert sorted(Purchase.objects.values_list("external_id", flat=True)) == ["R-1", "R-3"]

    def test_every_wrong_cell_of_a_receipt_is_told_and_none_of_its_lines_is_taken(self, shop):
        listed = [row("R-1"), row("R-1", sku="", qty="x"), row("R-1", sku="B", at="2026-10-20T11:31:00Z")]

        answer = take_in(shop, written(listed))

        assert (answer["recorded"], answer["rejected"]) == (0, 1)
        assert rejects(shop) == [
            (3, "R-1", "qty", "not_a_number"),
            (3, "R-1", "sku", "required"),
            (4, "R-1", "at", "files.differs"),
        ]

    def test_lines_of_one_receipt_may_stand_apart_and_have_ids_of_their_own(self, shop):
        listed = [row("R-1", line_id="1"), row("R-2", line_id="1"), row("R-1", line_id="1")]

        answer = take_in(shop, written(listed))

        assert (answer["recorded"], answer["rejected"]) == (1, 1)
        assert rejects(shop) == [(4, "R-1", "line_id", "line_id_twice")]

    def test_a_blocked_member_and_a_store_of_another_partner(self, shop):
        factories.make_member(shop, card="4111111111111111", number="M2")
        with factories.entered(shop):
            Member.objects.filter(number="M2").update(status="blocked")
        bakery, butcher = factories.make_partner(shop, "BAKERY"), factories.make_partner(shop, "BUTCHER")
        factories.make_location(shop, "B-1", partner_id=bakery)
        factories.make_location(shop, "M-1", partner_id=butcher)
        listed = [
            row("R-1", member="4111111111111111", store="B-1"),
            row("R-2", store="M-1"),
            row("R-3", store="B-1"),
        ]

        send(factories.client(shop, "files.write", partner_id=bakery), written(listed))
        run_jobs(shop)

        assert rejects(shop) == [
            (2, "R-1", "member", "activity.member_blocked"),
            (3, "R-2", "store", "activity.unknown_location"),
        ]

    def test_an_article_that_the_catalog_does_not_know(self, shop):
        factories.make_product(shop, "A", category="food")
        listed = [row("R-1"), row("R-2", sku="B"), row("R-3", sku="B", categories="food | drink")]

        answer = take_in(shop, written(listed))

        assert (answer["recorded"], answer["rejected"]) == (2, 1)
        assert rejects(shop) == [(3, "R-2", "sku", "activity.unknown_sku")]

    def test_the_rejects_come_as_a_file_in_the_reader_s_language(self, shop):
        api = factories.client(shop, "files.write")
        wrong = row("=1+1", member="1234567890")
        file_id = send(api, written([row("R-1"), wrong])).json()["id"]
        run_jobs(shop)

        found = {}
        for language in ("en", "pl", "ru"):
            response = api.get(
                f"{ADDRESS}/{file_id}/rejects", headers={"Accept": "text/csv", "Accept-Language": language}
            )
            text = b"".join(response.streaming_content).decode("utf-8-sig")
            heading, line = csv.reader(io.StringIO(text), delimiter=";")
            # What a spreadsheet would reckon with is made harmless.
            assert line[:4] == ["3", "'=1+1", "member", "members.unknown"]
            found[language] = (heading, line[4])
        assert found["en"][0] == ["line", "receipt", "column", "code", "reason"]
        assert len({words for _heading, words in found.values()}) == 3


class TestNames:
    def test_every_way_of_naming_a_member_finds_the_same_as_the_api(self, shop):
        with factories.entered(shop):
            member = Member.objects.get()
        factories.make_member(
            shop, card="4111111111111111", number="M2", email="anna@example.com", phone="+48600100200"
        )
        named = [
            ("card", "7992-7398 713", "M1"),
            ("member", "M1", "M1"),
            ("id", str(member.public_id).upper(), "M1"),
            ("email", "Anna@Example.com", "M2"),
            ("phone", "+48 600 100 200", "M2"),
            ("virtual_card", "79927398713", None),
            ("member", "m1", None),
            ("id", "none", None),
        ]
        listed = [row(f"R-{n}", member_kind=kind, member=value) for n, (kind, value, _who) in enumerate(named)]

        take_in(shop, written(listed))

        with factories.entered(shop):
            found = dict(Purchase.objects.values_list("external_id", "member__number"))
            for kind, value, who in named:
                try:
                    assert profiles.identify(kind, value).number == who
                except profiles.UnknownMember:
                    assert who is None
        assert found == {f"R-{n}": who for n, (_kind, _value, who) in enumerate(named) if who}
