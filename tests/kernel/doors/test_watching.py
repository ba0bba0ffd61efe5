"""What watches a program for the tests of doors sees every change, and none where there is none."""

from programs.setup.models import Brand, Region
from tests.browser import routes
from tests.kernel.doors.asking import taken_back
from tests.kernel.doors.watching import Watch


def test_a_change_is_seen_until_it_is_taken_back(two):
    own, _other = two
    watch, seen = Watch(own.program), []
    deeds = [
        lambda: Brand.objects.create(code="NEW", name={"en": "New"}),
        lambda: Brand.objects.filter(code="MAIN").update(name={"en": "Other"}),
        lambda: Region.objects.all().delete(),
        lambda: Region.objects.update(name={"en": "North"}),
    ]

    for deed in deeds:
        with taken_back():
            with routes.in_program(own.program):
                deed()
            watch.look()
            seen.append(watch.changed)
        watch.look()
        seen.append(watch.changed)

    assert seen == [["programs_brand"], [], ["programs_brand"], [], ["programs_region"], [], [], []]


def test_what_another_program_changes_is_none_of_its_changes(two):
    own, other = two
    watch = Watch(own.program)

    with taken_back():
        with routes.in_program(other.program):
            Brand.objects.create(code="NEW", name={"en": "New"})
        watch.look()

        assert watch.changed == []
