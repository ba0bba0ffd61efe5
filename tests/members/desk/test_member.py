"""The member's page: what they have, what happened and why, who looked."""

from dataclasses import replace

import pytest

from loyalty.kernel import clock
from loyalty.kernel.models import AuditRecord
from members.activity import services as activity
from members.activity.models import Purchase
from members.ledger import services as ledger
from programs.promotions import services as promotions
from programs.returns.models import ReturnTerms
from tests.members.desk.room import EMAIL, NOW, PHONE, RECEIPT, give_back, in_other_program, scoped
from tests.members.world import bring_back, purchase


def deeds(room) -> list[tuple[str, str]]:
    with scoped(room):
        rows = AuditRecord.objects.filter(action__startswith="member.", actor_kind="user").exclude(
            action="member.opened"
        )
        return [(row.action, row.actor_label) for row in rows.order_by("pk")]


def test_balances_stand_with_what_is_not_usable_yet(room, client):
    room.sign_in(client, "agent")

    balance = client.get(room.page).context["balances"][0]

    assert (balance.shown, balance.active, balance.pending, balance.reserved, balance.debt) == (60, 60, 10, 0, 0)
    assert [due.units for due in balance.activating] == [10]
    assert sum(due.units for due in balance.expiring) == 70


def test_a_purchase_tells_by_which_rules_it_earned(room, client):
    room.sign_in(client, "agent")

    row = client.get(room.page).context["rows"][0]

    assert row.kind == "purchase"
    assert [(one.type, one.units) for one in row.points] == [("points", 70)]
    assert [(name, amount.units) for name, amount in row.rules] == [("Base", 60), ("Bonus", 10)]


def test_a_return_and_a_correction_stand_above_it_with_their_reasons(room, client):
    give_back(room)
    user = room.sign_in(client, "agent")
    client.post(room.adjust, room.form(request_key="one"))

    rows = client.get(room.page).context["rows"]

    assert [row.kind for row in rows] == ["adjust", "return", "purchase"]
    assert [[amount.units for amount in row.points] for row in rows] == [[50], [-10], [70]]
    assert (str(rows[0].subject.reason), rows[0].subject.note, rows[0].who) == (
        "Goodwill", "the caller waited", user.name
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "shown"), [("", ["adjust", "return", "purchase"]), ("purchases", ["return", "purchase"]),
                        ("spent", []), ("changes", ["adjust"])],
)  # fmt: skip
def test_the_history_is_narrowed_to_a_kind(room, client, kind, shown):
    give_back(room)
    room.sign_in(client, "agent")
    client.post(room.adjust, room.form(request_key="one"))

    assert [row.kind for row in client.get(room.page, {"kind": kind}).context["rows"]] == shown


def test_the_history_is_walked_forth_and_back_without_loss(room, client):
    room.sign_in(client, "supervisor")
    with scoped(room):
        for number in range(45):
            ledger.adjust_points(
                account_id=room.account_id, point_type_id=room.world.points_id, amount=number + 1,
                reason_id=room.world.reason_id, note="", request_key=f"n{number}", is_unlimited=True, at=NOW,
            )  # fmt: skip
    parts, address = [], room.page
    while address:
        context = client.get(address).context
        parts.append([row.id for row in context["rows"]])
        address = context["next_link"] and room.page + context["next_link"].split("#")[0]

    assert [len(part) for part in parts] == [20, 20, 6]
    assert len({key for part in parts for key in part}) == 46
    back = client.get(room.page + context["previous_link"].split("#")[0]).context
    assert [row.id for row in back["rows"]] == parts[1]


@pytest.mark.parametrize(
    "mark", ["x", "~", "2026-01-01~1", "2026-01-01T00:00:00+00:00~x", "0001-01-01T00:00:00+14:00~9"]
)
def test_a_mistyped_mark_breaks_nothing(room, client, mark):
    room.sign_in(client, "agent")

    for name in ("before", "after"):
        assert client.get(room.page, {name: mark}).status_code == 200


def test_lots_say_where_they_came_from(room, client):
    room.sign_in(client, "agent")

    lines = client.get(room.page, {"tab": "lots"}).context["lots"]

    told = {(line.rule, line.lot.amount, line.lot.remaining, line.purchase.external_id) for line in lines}
    assert told == {("Base", 60, 60, RECEIPT), ("Bonus", 10, 10, RECEIPT)}


def test_a_receipt_tells_why_and_why_not(room, client):
    give_back(room)
    room.sign_in(client, "agent")

    answer = client.get(room.receipt, {"part": "receipt"})

    shown = answer.context["purchase"]
    assert [line.base["POINTS"] for line in shown.lines] == [40, 20]
    assert [(rule.name, rule.points["POINTS"]) for rule in shown.applied] == [("Base", 60), ("Bonus", 10)]
    assert [back.points for back in shown.returns] == [{"POINTS": 10}]
    assert "<html" not in answer.content.decode()


def test_a_receipt_says_what_may_come_back_on_which_terms_and_what_came_in_exchange(room, client):
    with scoped(room):
        ReturnTerms.objects.create(since_date="2026-01-01", days=9, points_mode="keep")
        promotions.freeze_settings(now=NOW)
        member_id = room.purchase.member_id
        with clock.fixed(NOW):
            activity.record_purchase(purchase(member_id, "R-NEW", [(1, "5.00")], at=NOW))
            back = bring_back(RECEIPT, "RET-1", [("2", 1)], at=NOW)
            activity.record_return(replace(back, settlement="exchange", exchange="R-NEW"))
        new = Purchase.objects.get(external_id="R-NEW").public_id
    room.sign_in(client, "agent")

    old = client.get(room.receipt).content.decode()
    shown = client.get(f"{room.page}receipts/{new}/").content.decode()

    assert "Without an end: what is kept is judged again" in old
    assert "in exchange for receipt R-NEW" in old
    assert "All goods: taken back for 9 days; points: the member keeps them; for money or in exchange." in shown
    assert f"Return RET-1 of receipt {RECEIPT}" in shown


def test_opening_the_page_is_recorded_once(room, client):
    user = room.sign_in(client, "agent")

    client.get(room.page)

    assert deeds(room) == [("member.viewed", user.name)]


def test_the_contact_is_masked_until_it_is_shown_and_that_is_recorded(room, client):
    user = room.sign_in(client, "agent")
    page = client.get(room.page).content.decode()
    assert PHONE not in page
    assert EMAIL not in page

    shown = client.post(f"{room.page}contact/?part=contact", {"_program": room.world.program_id}).content.decode()

    assert PHONE in shown
    assert EMAIL in shown
    assert deeds(room)[-1] == ("member.contact_revealed", user.name)
    assert client.get(f"{room.page}contact/").status_code == 405


def test_a_member_of_another_program_does_not_exist(room, client):
    other = in_other_program()
    room.sign_in(client, "agent")

    for address in (f"/admin/members/{other.public_id}/", f"/admin/members/{other.public_id}/adjust/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/admin/members/{other.public_id}/contact/").status_code == 404
    assert deeds(room) == []


def test_a_form_made_for_another_program_is_refused(room, client):
    room.sign_in(client, "agent")

    answer = client.post(f"{room.page}contact/", {"_program": str(room.world.program_id + 1)})

    assert answer.status_code == 400
    assert deeds(room) == []


def test_who_may_not_see_members_gets_nothing(room, client):
    room.sign_in(client, "marketer")

    for address in (room.page, room.receipt, room.adjust):
        assert client.get(address).status_code == 403
    assert client.post(f"{room.page}contact/").status_code == 403
    assert deeds(room) == []


def test_the_page_asks_the_database_a_bounded_number_of_times(room, client, django_assert_max_num_queries):
    give_back(room)
    room.sign_in(client, "agent")
    client.get(room.page)
    with scoped(room):
        for number in range(30):
            ledger.adjust_points(
                account_id=room.account_id, point_type_id=room.world.points_id, amount=1,
                reason_id=room.world.reason_id, note="", request_key=f"n{number}", is_unlimited=True, at=NOW,
            )  # fmt: skip

    with django_assert_max_num_queries(64):
        client.get(room.page)
