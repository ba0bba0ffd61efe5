"""Segments by a condition: who joins, who leaves, and that nothing else is written."""

from datetime import timedelta

import pytest
from django.db import connection

from loyalty.kernel import scope
from loyalty.kernel.errors import Malformed
from loyalty.kernel.models import AuditRecord, Job
from members.profiles.models import Member
from members.segments import services
from members.segments.documents import wrapped
from members.segments.models import BITS, PastMask, Segment, SegmentMask
from members.segments.queries import counting, finding, spans
from tests.members import world
from tests.members.world import START, add_member, make_world

pytestmark = pytest.mark.django_db

POLES = wrapped({"op": "test", "attr": "member.language", "cmp": "eq", "value": "pl"})


def asks(code):
    return {"op": "in_segment", "segment": code}


@pytest.fixture
def program():
    made = make_world("SEG", lateness_days=5000)
    with made.entered():
        yield made


def people(*languages):
    for number, language in enumerate(languages):
        member = add_member(f"M{number}").member_id
        Member.objects.filter(pk=member).update(language=language)


def make(code, document):
    return services.create_segment(code=code, name={"en": code}, kind="dynamic", document=document, now=START)


def members_of(code):
    segment = Segment.objects.get(code=code)
    return sorted(row.member.number for row in finding.present_members(segment, START))


def spans_of(number):
    """The segments of a member with their times, by code and time."""
    member = Member.objects.get(number=number).pk
    return sorted(spans.spans_of([member]).get(member, []), key=lambda span: (span[0], span[1]))


def test_a_refresh_finds_who_fits(program):
    people("pl", "en", "pl")
    make("POLES", POLES)
    moves = services.refresh_segments(now=START)
    assert members_of("POLES") == ["M0", "M2"]
    assert (moves["POLES"].joined, moves["POLES"].left) == (2, 0)
    segment = Segment.objects.get(code="POLES")
    assert (segment.member_count, segment.state, segment.refreshed_at) == (2, "done", START)


def test_a_refresh_writes_only_who_joined_and_who_left(program):
    people("pl", "en", "pl")
    make("POLES", POLES)
    services.refresh_segments(now=START)
    Member.objects.filter(number="M2").update(language="en")
    Member.objects.filter(number="M1").update(language="pl")
    later = START + timedelta(days=1)
    moves = services.refresh_segments(now=later)
    assert (moves["POLES"].joined, moves["POLES"].left) == (1, 1)
    assert spans_of("M0") == [("POLES", START, None)]
    assert spans_of("M1") == [("POLES", later, None)]
    assert spans_of("M2") == [("POLES", START, later)]
    assert not PastMask.objects.filter(member__number__in=["M0", "M1"]).exists()
    assert Segment.objects.get(code="POLES").member_count == 2


def test_a_refresh_without_a_change_writes_no_mask(program):
    people("pl", "en")
    make("POLES", POLES)
    services.refresh_segments(now=START)
    before = list(SegmentMask.objects.values())
    moves = services.refresh_segments(now=START + timedelta(hours=1))
    assert (moves["POLES"].joined, moves["POLES"].left) == (0, 0)
    assert list(SegmentMask.objects.values()) == before
    assert not PastMask.objects.exists()


def test_an_erased_member_leaves(program):
    people("pl", "pl")
    make("POLES", POLES)
    services.refresh_segments(now=START)
    Member.objects.filter(number="M0").update(status="erased")
    services.refresh_segments(now=START)
    assert members_of("POLES") == ["M1"]


def test_a_segment_that_asks_for_another_sees_it_as_found_in_the_same_refresh(program):
    people("pl", "en", "ru")
    make("POLES", POLES)
    make("OTHERS", wrapped({"op": "not", "of": [asks("POLES")]}))
    make("ALL_OTHERS", wrapped({"op": "all", "of": [asks("OTHERS"), {"op": "not", "of": [asks("POLES")]}]}))
    services.refresh_segments(now=START)
    assert members_of("OTHERS") == members_of("ALL_OTHERS") == ["M1", "M2"]


def test_segments_in_a_circle_are_refused(program):
    make("POLES", POLES)
    make("OTHERS", wrapped(asks("POLES")))
    with pytest.raises(Malformed) as refused:
        services.change_segment(code="POLES", name={"en": "x"}, document=wrapped(asks("OTHERS")), now=START)
    assert refused.value.facts["errors"][0][1] == "segments_in_a_circle"
    assert Segment.objects.get(code="POLES").document == POLES
    with pytest.raises(Malformed):
        make("SELF", wrapped(asks("SELF")))
    assert not Segment.objects.filter(code="SELF").exists()


def test_what_only_makes_sense_inside_a_purchase_is_refused_at_its_field(program):
    inner = {"op": "test", "attr": "txn.amount", "cmp": "gte", "value": "5.00"}
    with pytest.raises(Malformed) as refused:
        make("BIG", wrapped({"op": "all", "of": [POLES["when"], inner]}))
    assert refused.value.facts["errors"][0][:2] == ("when.of.1.attr", "only_in_purchase")
    assert not Segment.objects.filter(code="BIG").exists()


def test_a_changed_condition_is_counted_again_and_audited(program):
    people("pl", "en")
    make("POLES", POLES)
    services.refresh_segments(now=START)
    english = wrapped({"op": "test", "attr": "member.language", "cmp": "eq", "value": "en"})
    services.change_segment(code="POLES", name={"en": "POLES"}, document=english, now=START)
    assert Segment.objects.get(code="POLES").state == "waiting"
    assert Job.objects.filter(kind="segments.refresh", state="queued").count() == 1
    services.refresh_segments(now=START)
    assert members_of("POLES") == ["M1"]
    deeds = AuditRecord.objects.filter(object_kind="members_segments.segment").order_by("pk")
    assert list(deeds.values_list("action", flat=True)) == ["segment.created", "segment.changed"]


def test_an_archived_segment_is_left_by_all_and_nobody_gets_its_place(program):
    people("pl", "pl")
    first = make("POLES", POLES)
    make("OTHERS", wrapped({"op": "true"}))
    services.refresh_segments(now=START)
    services.archive_segment(code="POLES", now=START)
    assert members_of("POLES") == []
    assert members_of("OTHERS") == ["M0", "M1"]
    assert make("NEWER", wrapped({"op": "true"})).position == first.position + 2
    later = START + timedelta(days=1)
    moves = services.refresh_segments(now=later)
    assert (moves["NEWER"].joined, moves["OTHERS"].joined, moves["OTHERS"].left) == (2, 0, 0)
    assert spans_of("M0") == [("NEWER", later, None), ("OTHERS", START, None)]


def test_what_was_is_told_by_the_changes_of_the_masks(program):
    people("pl")
    make("POLES", POLES)
    make("ENGLISH", wrapped({"op": "test", "attr": "member.language", "cmp": "eq", "value": "en"}))
    days = [START + timedelta(days=number) for number in range(4)]
    for day, language in zip(days, ("pl", "en", "en", "pl"), strict=True):
        Member.objects.filter(number="M0").update(language=language)
        services.refresh_segments(now=day)
    assert spans_of("M0") == [("ENGLISH", days[1], days[3]), ("POLES", days[0], days[1]), ("POLES", days[3], None)]


def test_a_refresh_dated_before_the_last_ends_nothing_before_it_began(program):
    people("pl")
    make("POLES", POLES)
    services.refresh_segments(now=START)
    Member.objects.filter(number="M0").update(language="en")
    services.refresh_segments(now=START - timedelta(days=1))
    assert spans_of("M0") == [("POLES", START, START)]


def test_a_segment_that_another_asks_for_is_not_archived(program):
    make("POLES", POLES)
    make("OTHERS", wrapped(asks("POLES")))
    with pytest.raises(services.AskedFor):
        services.archive_segment(code="POLES", now=START)
    assert Segment.objects.get(code="POLES").archived_at is None


def test_more_segments_than_a_mask_holds(program):
    people("pl", "en")
    for number in range(BITS + 3):
        language = "pl" if number % 2 else "en"
        make(f"S{number}", wrapped({"op": "test", "attr": "member.language", "cmp": "eq", "value": language}))
    services.refresh_segments(now=START)
    assert members_of(f"S{BITS + 1}") == ["M0"]
    assert members_of(f"S{BITS + 2}") == ["M1"]


def test_the_count_is_known_before_anything_is_saved(program):
    people("pl", "en", "pl")
    condition = {"op": "test", "attr": "member.birthday", "cmp": "is_missing"}
    found = counting.count_members({"op": "any", "of": [condition, POLES["when"]]}, START)
    assert (found.chosen, found.members) == (3, 3)
    unknown = {"op": "test", "attr": "member.age", "cmp": "gte", "value": 18}
    assert counting.count_members(unknown, START).unknown == 3
    assert not Segment.objects.exists()


def test_another_program_is_not_looked_at(program):
    people("pl")
    other = make_world("OTHER")
    with scope.enter([other.program_id], scope.SYSTEM):
        people("pl", "pl")
    make("POLES", POLES)
    services.refresh_segments(now=START)
    assert Segment.objects.get(code="POLES").member_count == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM members_segment_mask")
        assert cursor.fetchone()[0] == 1


def test_purchases_count_toward_a_segment(program):
    buyer = add_member("M0").member_id
    add_member("M1")
    world.record_purchase(world.purchase(buyer, "R1", [(1, "60.00")]))
    spent = {"op": "history", "measure": "amount", "window": {"last_days": 30}, "cmp": "gte", "value": "60.00"}
    make("SPENDERS", wrapped(spent))
    services.refresh_segments(now=START + timedelta(days=1))
    assert members_of("SPENDERS") == ["M0"]
    services.refresh_segments(now=START + timedelta(days=31))
    assert members_of("SPENDERS") == []
