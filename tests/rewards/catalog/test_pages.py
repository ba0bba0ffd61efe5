"""Rewards with pictures: checked when they come, served to who may see them."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from loyalty.kernel import files
from rewards.catalog import forms
from rewards.catalog.models import Reward
from tests.members.desk.room import Room, open_room, scoped

LIST = "/admin/rewards_catalog/reward/"


@pytest.fixture
def room(db) -> Room:
    return open_room()


def drawn(kind: str = "PNG", sides: tuple[int, int] = (32, 24)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", sides, "teal").save(stream, kind)
    return stream.getvalue()


def send(room: Room, client, content: bytes | None, name: str = "cup.png", **values):
    sent = {
        "_program": room.world.program_id, "code": "CUP", "name_en": "Cup", "name_pl": "", "name_ru": "",
        "description_en": "Of coffee", "description_pl": "", "description_ru": "", "kind": "gift",
        "point_type": room.world.points_id, "price": "25", "stock": "", "starts_at_0": "", "starts_at_1": "",
        "ends_at_0": "", "ends_at_1": "", **values,
    }  # fmt: skip
    if content is not None:
        sent["upload"] = SimpleUploadedFile(name, content, "text/html")
    return client.post(f"{LIST}add/", sent)


def made(room: Room) -> Reward | None:
    with scoped(room):
        return Reward.objects.filter(code="CUP").select_related("picture").first()


@pytest.mark.parametrize(
    ("kind", "content_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_a_picture_is_kept_by_what_it_is_and_served(room, client, kind, content_type):
    room.sign_in(client, "marketer")
    content = drawn(kind)

    answer = send(room, client, content)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    reward = made(room)
    answer = client.get(f"/admin/rewards/pictures/{reward.picture.public_id}/")
    assert answer.content == content
    assert answer["Content-Type"] == content_type
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_picture_whose_file_is_gone_is_not_there(room, client):
    room.sign_in(client, "marketer")
    send(room, client, drawn())
    picture = made(room).picture
    default_storage.delete(picture.path)
    client.raise_request_exception = False

    assert client.get(f"/admin/rewards/pictures/{picture.public_id}/").status_code == 404


def with_place(kind: str) -> bytes:
    """A picture that says where it was taken, that it lies on its side, and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (54.0, 31.0, 7.0)
    more = {"comment": b"Kamera"} if kind == "JPEG" else {}
    stream = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(stream, kind, exif=exif, **more)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_where_a_picture_was_taken_is_not_kept(room, client, kind):
    room.sign_in(client, "marketer")
    content = with_place(kind)
    assert b"Kamera" in content

    send(room, client, content)

    reward = made(room)
    served = client.get(f"/admin/rewards/pictures/{reward.picture.public_id}/").content
    assert b"Kamera" not in served
    with Image.open(io.BytesIO(served)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == (kind, (24, 32), {})
        red, green, blue = picture.convert("RGB").getpixel((5, 5))
        assert max(abs(red - 0), abs(green - 128), abs(blue - 128)) <= 4


def test_beyond_the_room_of_the_program_nothing_is_kept(room, client, settings):
    settings.FILES_MB_PER_PROGRAM = 0
    room.sign_in(client, "marketer")

    answer = send(room, client, drawn())

    assert "take all the 0 MB" in str(answer.context["adminform"].form.errors["upload"])
    assert made(room) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a PNG, JPEG or WebP"),
        (drawn("GIF"), "not a PNG, JPEG or WebP"),
        (drawn("PNG", (4001, 1)), "larger than 4000 pixels"),
        (drawn()[:60], "not a PNG, JPEG or WebP"),
        (b"x" * (forms.LARGEST_BYTES + 1), "larger than 2 MB"),
    ],
)
def test_what_is_no_good_picture_is_refused_at_the_field(room, client, content, words):
    room.sign_in(client, "marketer")

    answer = send(room, client, content)

    assert words in str(answer.context["adminform"].form.errors["upload"])
    assert made(room) is None


def test_a_sale_that_ends_before_it_begins_is_refused(room, client):
    room.sign_in(client, "marketer")

    answer = send(
        room, client, None, starts_at_0="2026-05-02", starts_at_1="10:00", ends_at_0="2026-05-01", ends_at_1="10:00"
    )

    assert "must come after its beginning" in str(answer.context["adminform"].form.errors["ends_at"])
    assert made(room) is None


def test_an_agent_reads_the_catalog_and_changes_nothing(room, client):
    room.sign_in(client, "agent")

    assert client.get(LIST).status_code == 200
    assert send(room, client, drawn()).status_code == 403
    assert made(room) is None


def test_other_files_and_other_programs_have_no_picture_here(room, client):
    other = open_room("FAR")
    with scoped(room):
        report = files.store(io.BytesIO(b"secret"), kind="report", name="r.pdf", content_type="application/pdf")
    with scoped(other):
        far = files.store(io.BytesIO(drawn()), kind="reward-picture", name="x.png", content_type="image/png")
        Reward.objects.filter(code="MUG").update(picture=far)
    room.sign_in(client, "marketer")

    for file in (report, far):
        assert client.get(f"/admin/rewards/pictures/{file.public_id}/").status_code == 404
