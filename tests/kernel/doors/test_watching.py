"""What watches a program for the tests of doors sees every change, and none where there is none."""

from programs.setup.models import Brand, Region
from tests.browser import routes
from tests.kernel.doors.asking import taken_back
from tests.kernel.doors.watching import Watch


def test_a_change_is_seen_until_it_is_taken_back(place):
    watch, seen = Watch(place.program), []
    deeds = [
        lambda: Brand.objects.create(code="NEW", name={"en": "New"}),
        lambda: Brand.objects.filter(code="MAIN").update(name={"en": "Other"}),
        lambda: Region.objects.all().delete(),
        lambda: Region.objects.update(name={"en": "North"}),
    ]

    for deed in deeds:
        with taken_back():
            with routes.in_program(place.program):
                deed()
            watch.look()
            seen.append(watch.changed)
        watch.look()
        seen.append(watch.changed)

    assert seen == [["programs_brand"], [], ["programs_brand"], [], ["programs_region"], [], [], []]
