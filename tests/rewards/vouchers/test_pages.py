"""Templates, vouchers and imported codes on the staff site."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from loyalty.kernel import clock
from loyalty.kernel.models import Proposal
from rewards.vouchers import services
from rewards.vouchers.models import Voucher, VoucherTemplate
from tests.members.desk.room import Room, open_room

TEMPLATES = "/admin/rewards_vouchers/vouchertemplate/"
VOUCHERS = "/admin/rewards_vouchers/voucher/"


@pytest.fixture
def room(db) -> Room:
    return open_room()


def send(room: Room, client, **values):
    sent = {
        "_program": room.world.program_id, "code": "FIVE", "name_en": "Five off", "name_pl": "", "name_ru": "",
        "kind": "amount", "worth": "5.00", "point_type": "", "product": "", "valid_days": "30", "valid_until": "",
        "uses": "1", "source": "generated", "prefix": "", **values,
    }  # fmt: skip
    return client.post(f"{TEMPLATES}add/", sent)


def make_voucher(room: Room, **template) -> Voucher:
    with room.world.entered():
        VoucherTemplate.objects.create(
            code="FIVE", name={"en": "Five off"}, **{"kind": "amount", "value": 500, **template}
        )
        return services.issue_voucher(member_id=room.member.pk, template_code="FIVE", request_key="k", at=clock.now())


class TestTemplates:
    def test_money_is_typed_as_people_write_it(self, room, client):
        room.sign_in(client, "marketer")

        answer = send(room, client)

        assert answer.status_code == 302, answer.context["adminform"].form.errors
        with room.world.entered():
            row = VoucherTemplate.objects.get()
            assert (row.code, row.value, row.valid_days, row.source) == ("FIVE", 500, 30, "generated")
        page = client.get(f"{TEMPLATES}{row.pk}/change/").content.decode()
        assert re.search(r'name="worth" value="5.00"', page)

    def test_percent_keeps_its_decimals(self, room, client):
        room.sign_in(client, "marketer")

        send(room, client, kind="percent", worth="12.5")

        with room.world.entered():
            assert VoucherTemplate.objects.get().value == 1250

    @pytest.mark.parametrize(
        ("values", "field", "words"),
        [
            ({"worth": ""}, "worth", "Say how much"),
            ({"worth": "5.001"}, "worth", "more decimals"),
            ({"kind": "percent", "worth": "101"}, "worth", "At most 100"),
            ({"kind": "product", "worth": ""}, "product", "Choose the product"),
            ({"kind": "points", "worth": "5"}, "point_type", "Choose the type"),
            ({"source": "pool", "prefix": "AB-"}, "prefix", "taken as they are"),
            ({"prefix": "ab"}, "prefix", "Capital letters"),
        ],
    )
    def test_what_makes_no_sense_is_said_at_its_field(self, room, client, values, field, words):
        room.sign_in(client, "marketer")

        answer = send(room, client, **values)

        assert words in str(answer.context["adminform"].form.errors[field])
        with room.world.entered():
            assert not VoucherTemplate.objects.exists()

    def test_an_agent_looks_and_changes_nothing(self, room, client):
        room.sign_in(client, "agent")

        assert client.get(TEMPLATES).status_code == 200
        assert send(room, client).status_code == 403


class TestVouchers:
    def test_found_by_code_and_by_member(self, room, client):
        voucher = make_voucher(room)
        room.sign_in(client, "agent")

        for typed in (voucher.code[:5].lower(), room.member.number):
            assert voucher.code in client.get(f"{VOUCHERS}?q={typed}").content.decode()
        assert voucher.code not in client.get(f"{VOUCHERS}?q=NOBODYS").content.decode()

    def test_the_members_page_shows_it_and_a_supervisor_withdraws_it(self, room, client):
        voucher = make_voucher(room)
        room.sign_in(client, "supervisor")
        address = f"/admin/vouchers/{voucher.public_id}/withdraw/"
        assert address in client.get(room.page).content.decode()

        answer = client.post(address, {"_program": room.world.program_id, "reason": "given twice"})

        assert answer.status_code == 302
        with room.world.entered():
            assert Voucher.objects.values_list("state", "withdraw_reason").get() == ("withdrawn", "given twice")

    def test_without_a_reason_nothing_happens(self, room, client):
        voucher = make_voucher(room)
        room.sign_in(client, "supervisor")

        client.post(f"/admin/vouchers/{voucher.public_id}/withdraw/", {"_program": room.world.program_id, "reason": ""})

        with room.world.entered():
            assert Voucher.objects.get().state == "issued"


class TestImport:
    def upload(self, room: Room, client, text: str):
        file = SimpleUploadedFile("codes.csv", text.encode(), "text/csv")
        return client.post(f"{VOUCHERS}import/", {"_program": room.world.program_id, "file": file})

    def make_pool(self, room: Room, **values) -> None:
        with room.world.entered():
            VoucherTemplate.objects.create(
                code="CINEMA", name={"en": "Cinema"}, **{"kind": "amount", "value": 500, "source": "pool", **values}
            )

    def codes(self, room: Room) -> list[tuple[str, str]]:
        with room.world.entered():
            return list(Voucher.objects.order_by("code").values_list("code", "state"))

    def test_looks_first_asks_somebody_else_and_then_takes_them_in(self, room, client):
        self.make_pool(room)
        room.sign_in(client, "marketer")

        shown = self.upload(room, client, "code,template\nmovie-0001,CINEMA\nMOVIE-0002,CINEMA\n")

        assert shown.status_code == 200
        assert self.codes(room) == []
        confirm = re.search(rf'action="({VOUCHERS}import/[^"]+)"', shown.content.decode())
        asked = client.post(confirm[1], {"_program": room.world.program_id}, follow=True).content.decode()
        assert "Somebody else decides; nothing has been imported yet." in asked
        assert self.codes(room) == []
        with room.world.entered():
            address = f"/admin/decisions/{Proposal.objects.get().public_id}/"
        sent = {"decision": "approve", "answer": "", "_program": room.world.program_id}
        assert "another person decides" in client.post(address, sent).content.decode()
        assert self.codes(room) == []
        room.sign_in_second(client, "marketer")
        client.post(address, sent)
        assert self.codes(room) == [("MOVIE-0001", "pooled"), ("MOVIE-0002", "pooled")]

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("SHORT,CINEMA", "8 to 40"),
            ("MOVIE-0001,NONE", "There is no voucher template"),
            ("MOVIE-0001,FIVE", "There is no voucher template"),
        ],
    )
    def test_a_line_that_makes_no_sense_keeps_all_of_them_out(self, room, client, line, words):
        self.make_pool(room)
        make_voucher(room)
        before = self.codes(room)
        room.sign_in(client, "marketer")

        answer = self.upload(room, client, f"code,template\nMOVIE-0009,CINEMA\n{line}\n")

        assert answer.status_code == 400
        assert words in answer.content.decode()
        assert self.codes(room) == before

    def test_a_known_code_is_refused(self, room, client):
        self.make_pool(room)
        voucher = make_voucher(room)
        room.sign_in(client, "marketer")

        answer = self.upload(room, client, f"code,template\n{voucher.code},CINEMA\n")

        assert (answer.status_code, self.codes(room)) == (400, [(voucher.code, "issued")])
        assert "known already" in answer.content.decode()
