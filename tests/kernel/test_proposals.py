"""Four eyes: what one person asks for is done when another has said yes, once, and not otherwise."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from loyalty.kernel import clock, proposals, scope
from loyalty.kernel.access import sessions
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import AuditRecord, Proposal, User
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db


class Unable(Refusal):
    code = "tests.unable"


class Deed:
    """A kind whose deeds are counted."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.is_able = True

    def carry_out(self, arguments, at) -> None:
        if not self.is_able:
            raise Unable()
        self.done.append(arguments["what"])


@pytest.fixture
def deed(monkeypatch) -> Deed:
    made = Deed()
    kind = proposals.Kind("tests.deed", "A deed", "tiers.grant", lambda given: f"Do {given['what']}", made.carry_out)
    monkeypatch.setitem(proposals._kinds, kind.code, kind)
    return made


@pytest.fixture
def program() -> int:
    return people.make_program()


@pytest.fixture
def asked(program, deed) -> Proposal:
    asker = people.make_staff(program, "agent")
    with scope.enter([program], scope.Actor("user", asker.pk, str(asker))):
        return proposals.propose("tests.deed", {"what": "it"}, note="because", at=clock.now())


def post(client, asked: Proposal, decision: str, answer: str = ""):
    address = reverse("decision", args=[asked.public_id])
    return client.post(address, {"decision": decision, "answer": answer, "_program": asked.program_id}, follow=True)


def state(asked: Proposal) -> tuple[str, bool]:
    with scope.enter([asked.program_id], scope.SYSTEM):
        row = Proposal.objects.get(pk=asked.pk)
    return row.state, row.done_at is not None


def test_nothing_is_done_by_asking(asked, deed):
    assert (deed.done, state(asked)) == ([], ("waiting", False))


def test_a_yes_does_it_once(program, asked, deed):
    client = signed_in(people.make_staff(program, "supervisor"))
    assert "Do it" in client.get("/admin/decisions/").content.decode()

    post(client, asked, "approve", "fine")
    again = post(client, asked, "approve")

    assert (deed.done, state(asked)) == (["it"], ("approved", True))
    assert "It was decided before." in again.content.decode()
    with scope.enter([program], scope.SYSTEM):
        deeds = AuditRecord.objects.filter(action__startswith="proposal.").order_by("pk")
        told = [(one.action, one.actor_label, one.reason) for one in deeds]
    assert told == [("proposal.requested", "Agent", "because"), ("proposal.approved", "Supervisor", "fine")]


def test_a_no_needs_words_and_does_nothing(program, asked, deed):
    client = signed_in(people.make_staff(program, "supervisor"))

    assert "Say why not." in post(client, asked, "reject").content.decode()
    assert state(asked) == ("waiting", False)
    post(client, asked, "reject", "too much")

    assert (deed.done, state(asked)) == ([], ("rejected", True))
    post(client, asked, "approve")
    assert (deed.done, state(asked)) == ([], ("rejected", True))


def test_who_asked_does_not_decide_even_with_the_right_to_it(program, asked, deed):
    asker = User.objects.get(email="agent@example.com")
    with scope.enter([program], scope.SYSTEM):
        people.roles.grant_role(asker, "supervisor", program)

    answer = post(signed_in(asker), asked, "approve")

    assert "You asked for this yourself" in answer.content.decode()
    assert (deed.done, state(asked)) == ([], ("waiting", False))


def test_the_database_refuses_one_person_for_both(asked):
    with (
        scope.enter([asked.program_id], scope.SYSTEM),
        pytest.raises(IntegrityError, match="loyalty_proposal_second_person"),
        transaction.atomic(),
    ):
        Proposal.objects.filter(pk=asked.pk).update(state="approved", decider=asked.asker_id)


def test_who_lacks_the_kinds_right_reads_and_does_not_decide(program, asked, deed):
    answer = post(signed_in(people.make_staff(program, "marketer")), asked, "approve")

    assert "Somebody with another role decides this." in answer.content.decode()
    assert (deed.done, state(asked)) == ([], ("waiting", False))


def test_what_cannot_be_done_now_waits_on(program, asked, deed):
    deed.is_able = False
    client = signed_in(people.make_staff(program, "supervisor"))

    post(client, asked, "approve")
    assert state(asked) == ("waiting", False)
    deed.is_able = True
    post(client, asked, "approve")

    assert (deed.done, state(asked)) == (["it"], ("approved", True))


def test_a_yes_that_a_crash_left_undone_is_carried_out_by_another_yes(program, asked, deed):
    supervisor = people.make_staff(program, "supervisor")
    with scope.enter([program], scope.SYSTEM):
        Proposal.objects.filter(pk=asked.pk).update(state="approved", decider=supervisor, decided_at=clock.now())

    post(signed_in(supervisor), asked, "approve")

    assert (deed.done, state(asked)) == (["it"], ("approved", True))


def test_the_password_is_asked_for_before(program, asked, deed):
    client = signed_in(people.make_staff(program, "supervisor"))
    session = client.session
    del session[sessions.PROVED]
    session.save()

    answer = client.post(reverse("decision", args=[asked.public_id]), {"decision": "approve", "_program": program})

    assert answer.headers["Location"].startswith("/admin/security/prove/")
    assert (deed.done, state(asked)) == ([], ("waiting", False))


def test_who_asked_reads_what_became_of_it(program, asked):
    post(signed_in(people.make_staff(program, "supervisor")), asked, "reject", "too much")

    page = signed_in(User.objects.get(email="agent@example.com")).get(reverse("decision", args=[asked.public_id]))

    assert "too much" in page.content.decode()


def test_others_see_nothing_of_it(program, asked):
    client = signed_in(people.make_staff(program, "analyst"))

    assert client.get("/admin/decisions/").status_code == 403
    assert client.get(reverse("decision", args=[asked.public_id])).status_code == 403


def test_another_programs_question_is_not_there(asked):
    client = signed_in(people.make_staff(people.make_program("SECOND"), "supervisor"))

    assert client.get(reverse("decision", args=[asked.public_id])).status_code == 404
    assert "Do it" not in client.get("/admin/decisions/").content.decode()
