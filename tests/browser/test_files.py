"""Pages that take a file, in a real browser."""

import pytest

from tests.browser.people import make_program, make_staff

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"]),
]


def test_choosing_a_file_is_no_mistake_of_the_page(sign_in):
    page = sign_in(make_staff(make_program(), "marketer").email)
    page.goto("/admin/programs_catalog/product/import/")

    page.set_input_files(
        "input[type=file]", {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"sku,name\n1000,Brie\n"}
    )
    page.get_by_role("button", name="See what it will do").click()
    page.wait_for_load_state()

    assert "What it will do" in page.content()
