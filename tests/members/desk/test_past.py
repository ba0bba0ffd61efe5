"""Past balances and the statement on the desk."""

import pytest

from loyalty.kernel import jobs
from loyalty.kernel.models import AuditRecord, Job
from members.ledger import statements
from tests.members.desk.room import NOW, scoped

pytestmark = pytest.mark.django_db(databases=["default", "owner", "auditor"])


def test_an_agent_finds_the_balance_of_a_past_moment(room, client):
    room.sign_in(client, "agent")
    assert f"{room.page}past/" in client.get(room.page).content.decode()

    empty = client.get(f"{room.page}past/", {"as_of": "2026-01-01T10:00"}).content.decode()
    now = client.get(f"{room.page}past/", {"as_of": f"{NOW:%Y-%m-%dT%H:%M}"}).content.decode()

    assert '<td data-label="Balance" class="number strong">0</td>' in empty
    assert '<td data-label="Balance" class="number strong">60</td>' in now
    assert '<td data-label="Not usable yet" class="number">10</td>' in now


def test_a_mistyped_moment_shows_the_form_again(room, client):
    room.sign_in(client, "agent")

    page = client.get(f"{room.page}past/", {"as_of": "yesterday"}).content.decode()

    assert "Enter a valid date/time." in page
    assert 'id="balances"' not in page


@pytest.mark.parametrize(("file_format", "begin"), [("pdf", b"%PDF-"), ("csv", "\ufeffPoints".encode())])
def test_the_statement_comes_as_a_file_and_is_written_down(room, client, file_format, begin):
    user = room.sign_in(client, "agent")
    days = {"first": f"{NOW:%Y-%m}-01", "last": f"{NOW:%Y-%m-%d}", "file_format": file_format}

    answer = client.get(f"{room.page}statement/", days)

    assert answer.content.startswith(begin)
    assert answer["Content-Disposition"].startswith('attachment; filename="statement-')
    with scoped(room):
        assert AuditRecord.objects.get(action="member.statement_downloaded").actor_id == user.pk


def test_days_that_have_not_begun_are_refused_on_the_page(room, client):
    room.sign_in(client, "agent")

    answer = client.get(f"{room.page}statement/", {"first": "2999-01-01", "last": "2999-01-02", "file_format": "pdf"})

    assert answer.status_code == 422
    assert "has not begun. Choose other days." in answer.content.decode()
    with scoped(room):
        assert not AuditRecord.objects.filter(action="member.statement_downloaded").exists()


def test_an_analyst_sees_neither(room, client):
    room.sign_in(client, "analyst")

    assert client.get(f"{room.page}past/").status_code == 403
    assert client.get(f"{room.page}statement/").status_code == 403


def test_a_long_statement_is_made_in_the_background_and_fetched_by_who_asked(room, client, monkeypatch):
    monkeypatch.setattr(statements, "MOST_ENTRIES", 0)
    room.sign_in(client, "agent")
    days = {"first": f"{NOW:%Y-%m}-01", "last": f"{NOW:%Y-%m-%d}", "file_format": "csv"}

    page = client.get(f"{room.page}statement/", days, follow=True).content.decode()
    with scoped(room):
        job = Job.objects.get(kind=statements.JOB_KIND)
    address = f"{room.page}statement/{job.public_id}/"
    assert "This page shows when it is ready." in page
    assert client.get(address).status_code == 404, "it is not made yet"
    with scoped(room):
        assert jobs.run(job.pk)

    assert f'href="{address}"' in client.get(f"{room.page}past/").content.decode()
    made = b"".join(client.get(address).streaming_content)
    assert made.startswith("\ufeffPoints".encode())
    room.sign_in(client, "supervisor")
    assert client.get(address).status_code == 404


def test_a_pdf_that_would_be_too_long_is_refused(room, client, monkeypatch):
    monkeypatch.setattr(statements, "MOST_ENTRIES", 0)
    room.sign_in(client, "agent")
    days = {"first": f"{NOW:%Y-%m}-01", "last": f"{NOW:%Y-%m-%d}", "file_format": "pdf"}

    answer = client.get(f"{room.page}statement/", days)

    assert answer.status_code == 422
    with scoped(room):
        assert not Job.objects.filter(kind=statements.JOB_KIND).exists()
