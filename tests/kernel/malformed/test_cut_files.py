"""Files whose upload broke off at any byte: read whole or refused whole, in words, and nothing half taken in."""

import gzip
import io
import os
import random

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image

from loyalty.kernel import jobs
from loyalty.kernel.models import Job
from loyalty.kernel.pages.admin.importing import ImportingAdmin
from members.activity.models import Purchase
from members.files import services as files
from members.files.models import PurchaseFile
from tests.browser import routes
from tests.kernel.doors.asking import address_of, ask, taken_back
from tests.kernel.doors.filled import forms_of
from tests.kernel.doors.test_staff import enter
from tests.kernel.doors.watching import Watch
from tests.members.files.writing import row, written

pytestmark = pytest.mark.proof
share = int(os.environ.get("PROOF_SHARE", "0"))
CUTS = share or 4
# What an upload itself leaves: the file with its job, and what the trail says of it.
KEPT_OF_FILES = {
    "loyalty_stored_file", "loyalty_job", "loyalty_audit_record", "members_purchase_file", "members_purchase_reject",
    "loyalty_outbox_event",
}  # fmt: skip


def places_to_cut(content: bytes, seed: int) -> list[int]:
    dice = random.Random(seed)
    return [0, 1, len(content) - 1, *(dice.randrange(len(content)) for _cut in range(CUTS))]


@pytest.mark.parametrize("packed", [False, True], ids=["csv", "gzip"])
def test_a_file_of_purchases_that_broke_off_brings_none_of_them(api, place, packed):
    whole = written([row(f"CUT-{number}", currency="EUR") for number in range(20)])
    content = gzip.compress(whole, mtime=0) if packed else whole
    told, watch = set(), Watch(place.program)
    for cut in places_to_cut(content, 1):
        with taken_back():
            response = api.generic("POST", "/api/v1/files/purchases", content[:cut], content_type="text/csv")
            told.add(response.status_code)
            if response.status_code == 202:
                with routes.in_program(place.program):
                    file = PurchaseFile.objects.get(public_id=response.json()["id"])
                    jobs.run(Job.objects.filter(kind=files.JOB_KIND).latest("pk").pk)
                    file.refresh_from_db()
                    missing = Purchase.objects.filter(external_id__startswith="CUT-").count()
                # The end of line after the totals alone is not missed by anybody.
                assert (missing, file.state) == (0, "refused") or content[:cut].rstrip() == content.rstrip(), cut
            else:
                watch.look()
                assert watch.changed == [], cut

    assert told <= {202, 400, 422}, told


@pytest.mark.parametrize("sign", ["\0", "\u202e", "\r", '"', "\ufeff", "x" * 70_000, "\ud800"])
@pytest.mark.parametrize("cell", ["external_id", "member", "at", "sku", "amount", "qty"])
def test_a_file_of_purchases_with_a_strange_cell_ends_in_words(api, place, cell, sign):
    text = written([row("STRANGE-1", currency="EUR"), row("STRANGE-2", currency="EUR")]).decode()
    line = text.splitlines()[1].split(";")
    strange = text.replace(
        text.splitlines()[1], ";".join(f"{sign}{one}" if one == row("STRANGE-1")[cell] else one for one in line)
    )

    response = api.generic(
        "POST", "/api/v1/files/purchases", strange.encode("utf-8", "surrogatepass"), content_type="text/csv"
    )

    assert response.status_code == 202
    with routes.in_program(place.program):
        jobs.run(Job.objects.filter(kind=files.JOB_KIND).latest("pk").pk)
        assert PurchaseFile.objects.get(public_id=response.json()["id"]).state in {"refused", "done"}


def workbook(columns: list[str]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.append(columns)
    for number in range(30):
        book.active.append([f"{name}{number}" for name in columns])
    book.save(out)
    return out.getvalue()


@pytest.mark.long
def test_a_table_that_broke_off_is_refused_or_shown_before_anything_is_taken_in(place):
    client, asked = enter("M", place.program), 0
    watch = Watch(place.program)
    for model, model_admin in admin.site._registry.items():
        if not isinstance(model_admin, ImportingAdmin):
            continue
        columns = list(model_admin.resource._meta.fields)
        address = address_of(f"{model._meta.app_label}_{model._meta.model_name}_import")
        lines = [",".join(columns), *(",".join(f'"{name}{n}"' for name in columns) for n in range(30))]
        for name, content in (("rows.csv", "\n".join(lines).encode()), ("rows.xlsx", workbook(columns))):
            for cut in places_to_cut(content, asked):
                file = SimpleUploadedFile(name, content[:cut])
                status, _body, _headers = ask(
                    client, "POST", address, {"file": file, "_program": place.program}, look=watch.look
                )
                asked += 1
                assert status in ({200, 400} if name == "rows.csv" else {400}), (address, name, cut)
                assert set(watch.changed) <= {"loyalty_stored_file"}, (address, name, cut)

    assert asked >= 30


@pytest.mark.long
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_broke_off_is_no_picture(place, kind):
    out = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(out, kind)
    content, client, watch, refused = out.getvalue(), enter("M", place.program), Watch(place.program), 0
    address = address_of("rewards_catalog_reward_change", place.things["rewards_catalog_reward"])
    form = max(forms_of(ask(client, "GET", address)[1]), key=lambda one: len(one.fields))
    assert ask(client, "POST", address, {**form.fields, "upload": SimpleUploadedFile("a.png", content)})[0] == 302

    for cut in places_to_cut(content, 3):
        file = SimpleUploadedFile("a.png", content[:cut])
        status, _body, _headers = ask(client, "POST", address, {**form.fields, "upload": file}, look=watch.look)

        # Without its last mark a picture is still the whole picture.
        if status == 302:
            assert Image.open(io.BytesIO(content[:cut])).tobytes() == Image.open(out).tobytes(), cut
        else:
            assert (status, watch.changed) == (200, []), cut
        refused += status == 200

    assert refused >= CUTS
