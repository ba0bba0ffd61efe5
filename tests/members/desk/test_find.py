"""One box finds a member by whatever the caller gives."""

import pytest

from tests.members.desk.room import CARD, EMAIL, PHONE, RECEIPT, in_other_program


@pytest.mark.parametrize(
    "text",
    ["Anna", "łąk", "lakowa anna", CARD, "7992 739 8713", PHONE, "48601234567", EMAIL, "m100", RECEIPT],
)
def test_each_kind_finds_the_one_member(room, client, text):
    room.sign_in(client, "agent", opens=False)

    answer = client.get("/admin/members/", {"q": text, "part": "rows"})

    rows = answer.context["rows"]
    assert [row.member.number for row in rows] == ["M100"]
    assert (rows[0].name, rows[0].city, rows[0].is_open) == ("A••• Ł•••", "Gdynia", False)
    assert (rows[0].card, rows[0].phone, rows[0].email) == ("•••• 8713", "••• 67", "a•••@example.com")
    assert [(one.type, one.units) for one in rows[0].balances] == [("points", 60)]


def test_nothing_in_clear_stands_in_a_row(room, client):
    room.sign_in(client, "agent", opens=False)

    text = client.get("/admin/members/", {"q": "Anna"}).content.decode()

    assert "Łąkowa" not in text
    assert CARD not in text
    assert PHONE not in text
    assert EMAIL not in text


def test_whom_the_agent_has_open_stands_there_by_name(room, client):
    room.sign_in(client, "agent")

    row = client.get("/admin/members/", {"q": CARD}).context["rows"][0]

    assert (row.name, row.is_open) == ("Anna Łąkowa", True)


def test_the_receipt_that_led_to_a_member_is_named(room, client):
    room.sign_in(client, "agent")

    assert client.get("/admin/members/", {"q": RECEIPT}).context["rows"][0].receipt == RECEIPT


def test_nobody_found_says_what_to_try(room, client):
    room.sign_in(client, "agent")

    text = client.get("/admin/members/", {"q": "Nobody Such"}).content.decode()

    assert "Nobody found for “Nobody Such”" in text
    assert "Of a name any part will do" in text


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "@", "9" * 200, "٣٣٣٣٣٣", "🙂"])
def test_odd_signs_find_nobody_and_break_nothing(room, client, text):
    room.sign_in(client, "agent")

    answer = client.get("/admin/members/", {"q": text})

    assert (answer.status_code, answer.context["rows"]) == (200, [])


def test_a_sign_that_no_text_has_is_refused(room, client):
    room.sign_in(client, "agent")

    assert client.get("/admin/members/", {"q": "\0"}).status_code == 400


def test_an_empty_box_says_what_it_takes(room, client):
    room.sign_in(client, "agent")

    assert "Ask for anything the caller has at hand" in client.get("/admin/members/").content.decode()


def test_a_member_of_another_program_is_not_found(room, client):
    in_other_program()
    room.sign_in(client, "agent")

    assert client.get("/admin/members/", {"q": "Ewa"}).context["rows"] == []
    assert client.get("/admin/members/", {"q": "M900"}).context["rows"] == []


def test_many_rows_ask_the_database_no_more_than_one(room, client, django_assert_max_num_queries):
    room.sign_in(client, "agent")
    client.get("/admin/members/", {"q": "Anna"})

    with django_assert_max_num_queries(30):
        assert len(client.get("/admin/members/", {"q": "a"}).context["rows"]) == 1


def test_a_marketer_may_not_look_for_members(room, client):
    room.sign_in(client, "marketer")

    assert client.get("/admin/members/").status_code == 403
