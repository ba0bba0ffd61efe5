"""The credit limit on the desk."""

import pytest

from loyalty.kernel.models import AuditRecord
from members.ledger.models import Wallet
from tests.members.desk.room import scoped

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])


def limit_of(room) -> int:
    with scoped(room):
        return Wallet.objects.get(account_id=room.account_id, point_type_id=room.world.points_id).credit_limit


def send(room, client, limit: str, why: str = "a journalist"):
    values = {"point_type": room.world.points_id, "limit": limit, "why": why, "_program": room.world.program_id}
    return client.post(f"{room.page}credit/", values, follow=True)


def test_a_supervisor_sets_it_with_a_reason_and_the_page_shows_it(room, client):
    user = room.sign_in(client, "supervisor")
    assert f"{room.page}credit/" in client.get(room.page).content.decode()

    page = send(room, client, "1 500").content.decode()

    assert "The credit limit is 1,500 points." in page
    assert "<dt>Credit limit</dt><dd>1,500</dd>" in page
    assert limit_of(room) == 1500
    with scoped(room):
        deed = AuditRecord.objects.get(action="credit.changed")
        assert (deed.actor_id, deed.reason) == (user.pk, "a journalist")


@pytest.mark.parametrize(("limit", "why"), [("-1", "x"), ("1.5", "x"), ("much", "x"), ("10", "")])
def test_what_is_no_limit_is_refused_at_the_field(room, client, limit, why):
    room.sign_in(client, "supervisor")

    page = send(room, client, limit, why).content.decode()

    assert 'class="error"' in page
    assert limit_of(room) == 0


def test_an_agent_sets_none(room, client):
    room.sign_in(client, "agent")

    assert f"{room.page}credit/" not in client.get(room.page).content.decode()
    assert send(room, client, "10").status_code == 403
    assert limit_of(room) == 0
