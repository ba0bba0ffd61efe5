"""Lists in parts by key: complete in both directions, never counted."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from loyalty.kernel import scope
from loyalty.kernel.pages.paging import Part
from programs.setup.models import Brand
from tests.browser.people import make_program

pytestmark = pytest.mark.django_db
CODES = ["B1", "B2", "B3", "B4", "B5", "B6", "B7"]


@pytest.fixture
def brands():
    with scope.enter([make_program()], scope.SYSTEM):
        Brand.objects.all().delete()
        for code in CODES:
            Brand.objects.create(code=code, name={"en": "A" if code in {"B2", "B5"} else "Z"})
        yield Brand.objects.all()


def part(brands, address="/", order=("code",), size=3):
    return Part(brands, order, RequestFactory().get(address), size)


def codes(found):
    return [brand.code for brand in found.rows]


class TestPart:
    def test_walks_forward_to_the_end(self, brands):
        first = part(brands)
        second = part(brands, f"/?after={first.after}")
        last = part(brands, f"/?after={second.after}")

        assert [codes(first), codes(second), codes(last)] == [CODES[:3], CODES[3:6], CODES[6:]]
        assert (first.before, last.after) == ("", "")

    def test_walks_back_to_the_beginning(self, brands):
        last = part(brands, f"/?after={part(brands, size=6).after}")
        middle = part(brands, f"/?before={last.before}")
        first = part(brands, f"/?before={middle.before}")

        assert [codes(middle), codes(first)] == [CODES[3:6], CODES[:3]]
        assert first.before == ""
        assert first.after != ""

    def test_equal_values_are_told_apart_by_the_key(self, brands):
        order, seen, address = ("-archived_at", "-id"), [], "/"
        brands.update(archived_at="2026-01-01T00:00:00Z")
        while True:
            found = part(brands, address, order, 2)
            seen += codes(found)
            if not found.after:
                break
            address = f"/?after={found.after}"

        assert seen == CODES[::-1]

    def test_a_mistyped_mark_shows_the_first_part(self, brands):
        assert codes(part(brands, "/?after=nonsense")) == CODES[:3]
        assert codes(part(brands, "/?after=WzFd")) == CODES[:3]

    def test_links_keep_the_filters(self, brands):
        links = part(brands, "/?q=B&before=x").links(RequestFactory().get("/?q=B&before=x"))

        assert links["next_link"].startswith("?q=B&after=")
        assert "before" not in links["next_link"]

    def test_counts_nothing(self, brands):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            part(brands)

        assert len(queries) == 1
        assert "COUNT" not in queries[0]["sql"].upper()
