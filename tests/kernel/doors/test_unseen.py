"""What another program does is not seen even as a number: pages, files, calls and refusals say the same without it."""

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from pypdf import PdfReader

from loyalty.kernel import clock, documents, files, jobs
from loyalty.kernel.api.permissions import SCOPES
from loyalty.kernel.models import Job
from loyalty.kernel.pages.admin.importing import ImportingAdmin
from reports.library import services as reports
from reports.library.definitions import DEFINITIONS
from reports.library.models import ReportFile
from tests.browser import routes
from tests.kernel.doors import matrix, places, test_api, walk
from tests.kernel.doors.asking import address_of, ask, taken_back
from tests.kernel.doors.places import CANARY, Place, thing_of
from tests.kernel.doors.test_canaries import seen
from tests.kernel.doors.test_staff import enter, with_parameters

pytestmark = [pytest.mark.proof, pytest.mark.long]
# New at each answer, whoever asks: tokens against forged forms, nonces, signed moments, numbers of requests.
NEW_EACH_TIME = re.compile(
    rb'(name="(csrfmiddlewaretoken|_opened|kept)" value|nonce|"X-CSRFToken"|data-csrf|member)(="|: "|=)[^"&]*|'
    rb'"request_id":"[^"]*"|eyJ[\w.:-]{20,}|Request-Id[^,]*'
)


def secrets_of(other: Place) -> list[bytes]:
    with routes.in_program(other.program):
        return [one.encode() for one in places.canaries(other.program)]


def addresses(letter: str, own: Place) -> list[str]:
    """The pages of one's own program, its lists as asked, counted and ordered, and what is offered while typing."""
    asked = []
    for name in sorted(set(matrix.STAFF) & set(walk.names())):
        given = thing_of(own, name) if with_parameters(name) else {}
        if given is not None and letter in matrix.STAFF[name].read:
            asked.append(address_of(name, given))
    for model, model_admin in admin.site._registry.items():
        base = f"{model._meta.app_label}_{model._meta.model_name}"
        if letter in matrix.STAFF[f"{base}_changelist"].read:
            asked += [f"{address_of(f'{base}_changelist')}?{query}" for query in ("_facets=True", "q=Anna", "o=-1")]
        for field in model_admin.autocomplete_fields:
            query = urlencode(
                {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
            )
            asked.append(f"/admin/autocomplete/?{query}")
    return [*asked, "/admin/", "/admin/search/?s=a", "/admin/members/?q=M1"]


def said(client: Any, asked: Iterable[str]) -> dict[str, tuple[int, bytes]]:
    """Status and body of each address, without what is new at each answer."""
    found = {}
    for address in asked:
        status, body, _headers = ask(client, "GET", address)
        found[address] = (status, NEW_EACH_TIME.sub(b"", body))
    return found


@pytest.mark.parametrize("letter", ["M", "S"])
def test_no_count_and_no_order_changes_by_what_another_program_gets(letter, two):
    own, _other = two
    client = enter(letter, own.program)
    with clock.fixed(datetime.now(UTC)):
        before = said(client, addresses(letter, own))
        with taken_back():
            places.make_place("THIRD", is_marked=True)
            after = said(client, before)
        # What differs by itself, as a file that tells when it was made, tells nothing of others.
        differ = [address for address in before if before[address] != after[address]]
        alone = said(client, differ)

    assert len(differ) <= 0.03 * len(before), differ
    assert [address for address in differ if before[address] == alone[address]] == []


def test_no_report_in_any_format_holds_anything_of_another_program(two):
    own, other = two
    secrets, made = secrets_of(other), 0
    first, last = datetime(2026, 1, 1).date(), clock.now().date()
    with routes.in_program(own.program):
        for report in DEFINITIONS:
            run = reports.request_report(
                report=report, first=first, last=last, formats=list(documents.FORMATS), language="en", user=None
            )
            jobs.run(run.job_id)
            assert Job.objects.get(pk=run.job_id).state == "done", report
            for one in ReportFile.objects.filter(run=run).select_related("file"):
                made += 1
                with files.open_content(one.file) as content:
                    assert not seen(readable(one.format, content.read()), secrets, ""), (report, one.format)

    assert made == len(DEFINITIONS) * len(documents.FORMATS)


def readable(file_format: str, content: bytes) -> bytes:
    """The texts of a file that packs them."""
    if file_format == "xlsx":
        book = load_workbook(io.BytesIO(content))
        return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row).encode()
    if file_format == "pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode()
    return content


def test_a_preview_of_an_import_knows_nothing_of_another_programs_rows(two):
    """B's keys in a file are as unknown as keys that nobody has, and what B has already is new to A."""
    own, other = two
    secrets, client, looked = secrets_of(other), enter("M", own.program), 0
    with routes.in_program(other.program):
        theirs = {
            model: list(model._default_manager.filter(program=other.program))
            for model, model_admin in admin.site._registry.items()
            if isinstance(model_admin, ImportingAdmin)
        }
    for model, rows in theirs.items():
        columns = admin.site._registry[model].resource._meta.fields
        address = address_of(f"{model._meta.app_label}_{model._meta.model_name}_import")
        told = []
        for word in (CANARY, "Nieznany"):
            lines = [",".join(columns), *(",".join(word for _column in columns) for _row in rows)]
            file = SimpleUploadedFile("rows.csv", "\n".join(lines).encode())
            status, body, _headers = ask(client, "POST", address, {"file": file, "_program": own.program})
            looked += 1
            assert status < 500
            assert not [one for one in seen(body, secrets, "") if one != CANARY.lower()], model
            told.append((status, NEW_EACH_TIME.sub(b"", body).replace(word.encode(), b"")))
        assert told[0][0] == told[1][0], model

    assert looked >= 4


def test_what_another_program_knows_is_free_here(two):
    """Nobody learns by a refusal which numbers, cards or e-mails another program has."""
    own, other = two
    taken = {"email": "only@example.com", "phone": "+48600700800", "cards": ["4539148803436467"]}
    of_others, of_own = (test_api.client_of(place, *SCOPES) for place in (other, own))
    joined = []
    for client in (of_others, of_own):
        joined.append(client.post("/api/v1/members", taken, HTTP_IDEMPOTENCY_KEY="join").status_code)
        joined.append(client.post("/api/v1/members", taken, HTTP_IDEMPOTENCY_KEY="again").status_code)

    # Twice in one program it is refused, which shows that it could be.
    assert joined == [201, 409, 201, 409]


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_page_that_says_no_names_nothing(status, two):
    own, other = two
    secrets, client = secrets_of(other), enter("M", own.program)
    told = {
        400: ("POST", address_of("segment-new", {"kind": "static"}), {"_program": other.program}),
        403: ("GET", address_of("desk-find"), None),
        404: ("GET", address_of("promotion", thing_of(other, "promotion")), None),
        405: ("POST", address_of("segments"), {}),
    }
    method, address, data = told[status]

    found, body, headers = ask(client, method, address, data)

    assert found == status
    assert not seen(body + str(headers).encode(), secrets, "")
