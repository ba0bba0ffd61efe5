"""The Promo Designer as its reader uses it: by the names of parts, buttons and fields.

Every deed waits until the page has saved it and shows what came of it; nothing sleeps.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

MARK = "document.querySelector('#design-page [name=seen]').dataset.stale = '1'"
FRESH = "#design-page:not(.htmx-swapping):not(.htmx-settling) [name=seen]:not([data-stale])"


class Designer:
    """A promotion that is being designed on a page of its own."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def begin(self, name: str, code: str, template: str = "From nothing") -> None:
        """A new promotion from the gallery."""
        self.page.goto("/admin/promotions/new/")
        self.page.get_by_label("English").fill(name)
        self.page.get_by_label("Code").fill(code)
        self.page.get_by_role("radio", name=template).check()
        self.page.get_by_role("button", name="Go to the designer").click()
        self.page.wait_for_url(f"**/admin/promotions/{code}/design/")
        self.page.wait_for_load_state("load")

    def part(self, title: str) -> "Place":
        """A step of the page."""
        return Place(self, self.page.get_by_role("region", name=re.compile(rf"^\d+\. {re.escape(title)}$")))

    @contextmanager
    def saving(self) -> Iterator[None]:
        """What is done within is saved, and the page that came back stands still."""
        self.page.evaluate(MARK)
        yield
        self.page.locator(FRESH).wait_for(state="attached")
        expect(self.page.locator("#design")).not_to_have_class(re.compile("htmx-request"))


class Place:
    """A part, or a row with a name of its own within one."""

    def __init__(self, designer: Designer, place: Locator) -> None:
        self.designer, self.place = designer, place

    def row(self, title: str, number: int = 0) -> "Place":
        """A row by its title; several of one title are counted from the top."""
        return Place(self.designer, self.place.get_by_role("group", name=title, exact=True).nth(number))

    def add(self, button: str) -> "Place":
        """Press a button that adds something."""
        with self.designer.saving():
            self.place.get_by_role("button", name=button, exact=True).last.click()
        return self

    def remove(self) -> None:
        """Remove the row."""
        with self.designer.saving():
            self.place.get_by_role("button", name="Remove", exact=True).first.click()

    def fill(self, label: str, value: str, number: int = 0) -> "Place":
        """Type a value and leave the field."""
        control = self.control(label, number)
        with self.designer.saving():
            control.fill(value)
            control.press("Tab")
        expect(self.control(label, number)).to_have_value(value)
        return self

    def choose(self, label: str, option: str, number: int = 0) -> "Place":
        """Choose an option of a list."""
        with self.designer.saving():
            self.control(label, number).select_option(label=option)
        return self

    def tick(self, label: str) -> "Place":
        """Tick a box."""
        with self.designer.saving():
            self.control(label).check()
        return self

    def pick(self, label: str, name: str, number: int = 0) -> "Place":
        """Find a thing by typing, and choose it."""
        control = self.control(label, number)
        control.press_sequentially(name)
        with self.designer.saving():
            self.place.get_by_role("option", name=name, exact=True).click()
        return self

    def control(self, label: str, number: int = 0) -> Locator:
        """A field by its label; several of one label are counted from the top."""
        return self.place.get_by_label(label, exact=True).nth(number)
