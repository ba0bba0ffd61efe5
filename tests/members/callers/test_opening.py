"""Nobody's name or contact is seen before somebody said why; who looked stays on record."""

from datetime import timedelta

import pytest
from django.urls import reverse

from loyalty.kernel import clock
from loyalty.kernel.models import AuditRecord, RoleRule
from members.callers.models import Look
from programs.setup.models import Program
from tests.members.desk.room import CARD, EMAIL, PHONE, in_other_program, make_user, scoped

PAGES = ("", "past/", "statement/", "adjust/")


def gate(room) -> str:
    return reverse("member-open", args=[room.member.public_id])


def opened(room, client, **values):
    sent = {"reason": "call", "note": "", "_program": room.world.program_id, **values}
    return client.post(gate(room), sent)


def looks(room) -> list[tuple[str, str, str, str]]:
    with scoped(room):
        rows = Look.objects.select_related("user").order_by("pk")
        return [(row.user.name, row.kind, row.reason, row.note) for row in rows]


@pytest.mark.parametrize("page", PAGES)
def test_a_closed_member_leads_to_the_question_why_and_shows_nothing(room, client, page):
    room.sign_in(client, "agent", opens=False)

    answer = client.get(room.page + page)

    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, gate(room))
    question = client.get(answer.headers["Location"]).content.decode()
    for secret in ("Anna", "Łąkowa", CARD, PHONE, EMAIL):
        assert secret not in question
    assert "A••• Ł•••" in question


@pytest.mark.parametrize("page", ["adjust/", "contact/", "cards/"])
def test_a_form_about_a_closed_member_does_nothing(room, client, page):
    room.sign_in(client, "agent", opens=False)

    answer = client.post(room.page + page, room.form(request_key="k"))

    assert (answer.status_code, answer.headers["Location"]) == (302, gate(room))
    assert room.balance() == (60, 10)


def test_a_reason_opens_the_member_and_is_kept(room, client):
    user = room.sign_in(client, "agent", opens=False)

    answer = opened(room, client, next=f"{room.page}adjust/")

    assert answer.headers["Location"] == f"{room.page}adjust/"
    assert "Anna Łąkowa" in client.get(room.page).content.decode()
    assert looks(room) == [(user.name, "page", "call", "")]
    with scoped(room):
        record = AuditRecord.objects.get(action="member.opened")
    assert (record.actor_label, record.object_label, record.reason) == (user.name, "M100", "call")


def test_another_reason_needs_words(room, client):
    room.sign_in(client, "agent", opens=False)

    refused = opened(room, client, reason="other", note="  ").content.decode()

    assert "Say in words why you look." in refused
    assert looks(room) == []
    assert opened(room, client, reason="other", note="Case 17").status_code == 302
    assert looks(room)[0][2:] == ("other", "Case 17")


def test_an_unknown_reason_opens_nothing(room, client):
    room.sign_in(client, "agent", opens=False)

    assert opened(room, client, reason="curious").status_code == 200
    assert looks(room) == []


def test_it_holds_for_half_an_hour(room, client):
    room.sign_in(client, "agent", opens=False)
    opened(room, client)

    with clock.fixed(clock.now() + timedelta(minutes=29)):
        assert client.get(room.page).status_code == 200
    with clock.fixed(clock.now() + timedelta(minutes=31)):
        assert client.get(room.page).status_code == 302


def test_the_program_says_how_long(room, client):
    with scoped(room):
        Program.objects.update(settings={"look_minutes": 5})
    room.sign_in(client, "agent", opens=False)
    opened(room, client)

    with clock.fixed(clock.now() + timedelta(minutes=6)):
        assert client.get(room.page).status_code == 302


def test_what_a_colleague_opened_is_closed_to_others(room, client):
    room.sign_in(client, "supervisor")
    room.sign_in(client, "agent", opens=False)

    assert client.get(room.page).status_code == 302


def test_nobody_opens_more_members_in_an_hour_than_the_program_allows(room, client):
    with scoped(room):
        Program.objects.update(settings={"looks_per_hour": 2})
    room.sign_in(client, "agent")

    refused = opened(room, client).content.decode()

    assert "You have opened 2 members within an hour." in refused
    assert len(looks(room)) == 2
    with clock.fixed(clock.now() + timedelta(minutes=61)):
        assert opened(room, client).status_code == 302


def test_showing_the_contact_is_kept_under_the_reason_of_the_opening(room, client):
    user = room.sign_in(client, "agent", opens=False)
    opened(room, client, reason="letter", note="Case 17")

    shown = client.post(f"{room.page}contact/?part=contact", {"_program": room.world.program_id}).content.decode()

    assert all(secret in shown for secret in (PHONE, EMAIL, CARD))
    assert looks(room)[1:] == [(user.name, "contact", "letter", "Case 17")]


def test_cards_are_masked_until_the_contact_is_shown(room, client):
    room.sign_in(client, "agent")

    page = client.get(room.page).content.decode()

    assert CARD not in page
    assert "•••• 8713" in page


def test_the_page_names_who_looked(room, client):
    room.sign_in(client, "supervisor")
    agent = room.sign_in(client, "agent")

    panels = {each["template"]: each["context"] for each in client.get(room.page).context["panels"]}

    assert [str(look.user) for look in panels["callers/_looks.html"]["looks"]] == [agent.name, "Supervisor"]


def test_a_supervisor_lists_everybodys_looks_and_an_agent_only_the_own_where_the_program_lets_them(room, client):
    room.sign_in(client, "agent")
    room.sign_in(client, "supervisor")
    address = "/admin/members_callers/look/"

    everybody = client.get(address).content.decode()
    client.force_login(type(make_user(room.world, "analyst")).objects.get(name="Agent"))
    client.cookies["staff_session"] = client.cookies["sessionid"].value
    assert client.get(address).status_code == 403
    with scoped(room):
        RoleRule.objects.create(role="agent", added=["looks.view"], taken=[])
    own = client.get(address).content.decode()

    assert "Agent" in everybody
    assert "Supervisor" in everybody
    assert "Supervisor" not in own
    assert "M100" in own
    assert "Łąkowa" not in everybody + own


def test_a_member_of_another_program_cannot_be_opened(room, client):
    other = in_other_program()
    room.sign_in(client, "agent", opens=False)

    address = reverse("member-open", args=[other.public_id])

    assert client.get(address).status_code == client.post(address, {"reason": "call"}).status_code == 404
    assert looks(room) == []


@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_who_may_not_see_members_opens_none(room, client, role):
    room.sign_in(client, role, opens=False)

    assert client.get(gate(room)).status_code == opened(room, client).status_code == 403
    assert looks(room) == []


def test_another_host_is_never_led_to(room, client):
    room.sign_in(client, "agent", opens=False)

    assert opened(room, client, next="//evil.example/").headers["Location"] == room.page
