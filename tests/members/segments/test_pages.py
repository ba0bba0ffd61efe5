"""The segments' pages for marketers: a condition is counted before it is saved, members come from a list."""

import re

import pytest
from django.urls import reverse

from loyalty.kernel import scope
from loyalty.kernel.models import Job
from members.profiles.models import Member, MemberAttribute
from members.segments import services
from members.segments.documents import wrapped
from members.segments.models import Segment, SegmentMember
from members.segments.queries.spans import spans_of
from members.segments.services.refreshing import refresh_segments
from tests.browser.people import make_staff
from tests.kernel.pages.staff import signed_in
from tests.members.world import START, add_member, make_world

pytestmark = pytest.mark.django_db

POLES = wrapped({"op": "test", "attr": "member.language", "cmp": "eq", "value": "pl"})


@pytest.fixture
def program():
    made = make_world("PAGES")
    with made.entered():
        yield made


@pytest.fixture
def marketer(program):
    return signed_in(make_staff(program.program_id, "marketer"))


def kept(page):
    return re.search(r'name="kept" value="([^"]+)"', page.content.decode())[1]


def send(client, url, program, **data):
    return client.post(url, {"_program": program.program_id, **data}, headers={"HX-Request": "true"})


def test_an_empty_list_says_how_to_begin(marketer):
    page = marketer.get(reverse("segments")).content.decode()
    assert "No segment yet" in page
    assert reverse("segment-new", args=["dynamic"]) in page


def test_the_number_is_shown_before_anything_is_saved(program, marketer):
    add_member("M1")
    add_member("M2")
    url = reverse("segment-new", args=["dynamic"])
    page = marketer.get(url)
    assert "of 2 members" in page.content.decode()
    page = send(marketer, url, program, kept=kept(page), do="add:audience/of:member")
    text = page.content.decode()
    assert '<span class="figure">0</span>' in text
    assert "2 left out" in text
    assert "age at least 18" in re.sub(r"<[^>]+>", "", text)
    assert not Segment.objects.exists()


def test_a_segment_is_saved_with_its_condition_and_counted(program, marketer):
    url = reverse("segment-new", args=["dynamic"])
    page = send(marketer, url, program, kept=kept(marketer.get(url)), do="add:audience/of:member")
    answer = send(
        marketer, url, program, kept=kept(page), do="save", code="adults", name_en="Adults",
        **{"f:audience/of/0/value": "21"},
    )  # fmt: skip
    assert answer.headers["HX-Redirect"] == reverse("segment", args=["ADULTS"])
    segment = Segment.objects.get(code="ADULTS")
    assert segment.document["when"]["of"] == [{"op": "test", "attr": "member.age", "cmp": "gte", "value": 21}]
    assert Job.objects.filter(kind="segments.refresh").count() == 1


def test_what_cannot_be_saved_is_said_at_its_field(program, marketer):
    services.create_segment(code="TAKEN", name={"en": "x"}, kind="static", now=START)
    url = reverse("segment-new", args=["dynamic"])
    page = send(marketer, url, program, kept=kept(marketer.get(url)), do="save", code="TAKEN", name_en="Adults")
    assert page.headers["HX-Retarget"] == "#segment-form"
    assert "with the code TAKEN already" in page.content.decode()
    assert Segment.objects.count() == 1


def test_a_forged_condition_is_refused(program, marketer):
    url = reverse("segment-new", args=["dynamic"])
    assert send(marketer, url, program, kept="forged", do="save", code="X1", name_en="X").status_code == 400
    assert not Segment.objects.exists()


def test_the_list_and_the_page_show_who_belongs_to_it(program, marketer):
    member = add_member("M1").member_id
    services.create_segment(
        code="ALL", name={"en": "All of them"}, kind="dynamic", document=wrapped({"op": "true"}), now=START
    )
    refresh_segments(now=START)
    listed = marketer.get(reverse("segments")).content.decode()
    assert "All of them" in listed
    assert "Everybody" in listed
    page = marketer.get(reverse("segment", args=["ALL"])).content.decode()
    assert '<span class="strong">M1</span>' in page
    assert "the condition" in page
    assert spans_of([member]) == {member: [("ALL", START, None)]}


def test_members_come_from_a_list_and_go_one_by_one(program, marketer):
    services.create_segment(code="VIP", name={"en": "VIP"}, kind="static", now=START)
    enrolled = add_member("M1")
    add = reverse("segment-act", args=["VIP", "add"])
    wrong = marketer.post(add, {"_program": program.program_id, "numbers": "M1 M9"})
    assert wrong.status_code == 422
    assert "M9" in wrong.content.decode()
    assert not SegmentMember.objects.exists()
    assert marketer.post(add, {"_program": program.program_id, "numbers": "M1"}).status_code == 302
    row = SegmentMember.objects.get()
    assert row.member_id == enrolled.member_id
    out = reverse("segment-remove", args=["VIP", row.member.public_id])
    assert marketer.post(out, {"_program": program.program_id}).status_code == 302
    row.refresh_from_db()
    assert row.ended_at is not None


def test_counting_now_queues_one_job(program, marketer):
    services.create_segment(code="POLES", name={"en": "x"}, kind="dynamic", document=POLES, now=START)
    url = reverse("segment-act", args=["POLES", "refresh"])
    for _ in range(2):
        assert marketer.post(url, {"_program": program.program_id}).status_code == 302
    assert Job.objects.filter(kind="segments.refresh").count() == 1


def test_archiving_asks_first(program, marketer):
    services.create_segment(code="VIP", name={"en": "VIP"}, kind="static", now=START)
    url = reverse("segment-act", args=["VIP", "archive"])
    assert "Everybody leaves the segment" in marketer.get(url).content.decode()
    assert Segment.objects.get().archived_at is None
    assert marketer.post(url, {"_program": program.program_id}).status_code == 302
    assert Segment.objects.get().archived_at is not None


def test_who_may_only_look_changes_nothing(program):
    services.create_segment(code="VIP", name={"en": "VIP"}, kind="static", now=START)
    analyst = signed_in(make_staff(program.program_id, "analyst"))
    assert analyst.get(reverse("segment", args=["VIP"])).status_code == 200
    assert analyst.get(reverse("segment-design", args=["VIP"])).status_code == 403
    assert (
        analyst.post(reverse("segment-act", args=["VIP", "archive"]), {"_program": program.program_id}).status_code
        == 403
    )
    assert Segment.objects.get().archived_at is None


def test_another_program_s_segment_does_not_exist(program, marketer):
    other = make_world("OTHER")
    with scope.enter([other.program_id], scope.SYSTEM):
        services.create_segment(code="THEIRS", name={"en": "x"}, kind="static", now=START)
    assert marketer.get(reverse("segment", args=["THEIRS"])).status_code == 404


def test_what_the_program_declares_may_be_asked(program, marketer):
    MemberAttribute.objects.create(code="shoe", name={"en": "Shoe size"}, kind="whole")
    add_member("M1")
    Member.objects.update(attributes={"shoe": 44})
    url = reverse("segment-new", args=["dynamic"])
    page = send(marketer, url, program, kept=kept(marketer.get(url)), do="add:audience/of:member")
    assert "Shoe size" in page.content.decode()
    page = send(marketer, url, program, kept=kept(page), **{"f:audience/of/0/attr": "member.shoe"})
    text = re.sub(r"<[^>]+>", "", page.content.decode())
    assert "Shoe size" in text
    assert '<span class="figure">1</span>' in page.content.decode()


def test_what_has_no_field_stands_in_words_and_stays(program, marketer):
    strange = {"op": "compare", "left": {"op": "attr", "attr": "member.age"}, "cmp": "gt", "right": "17"}
    services.create_segment(code="ODD", name={"en": "Odd"}, kind="dynamic", document=wrapped(strange), now=START)
    url = reverse("segment-design", args=["ODD"])
    page = marketer.get(url)
    assert "edited through the API" in page.content.decode()
    send(marketer, url, program, kept=kept(page), name_en="Odd", do="save")
    assert Segment.objects.get(code="ODD").document["when"] == {"op": "all", "of": [strange]}
