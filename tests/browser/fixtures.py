"""A real browser on a live server, signed in as whom a test wants.

A package imports them into its conftest: ``from tests.browser.fixtures import axe, browser, sign_in``.
"""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import people

__all__ = ["axe", "browser", "sign_in"]

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# A link that htmx answers leads to a whole page until the script has come. A test clicks when the page is ready, whatever
# the machine's load: an earlier click waits for it.
PATIENCE = """
addEventListener("click", (click) => {
  if (document.readyState === "complete") return;
  click.preventDefault();
  click.stopImmediatePropagation();
  addEventListener("load", () => setTimeout(() => click.target.click()), {once: true});
}, {capture: true});
"""


@cache
def _chromium(config: pytest.Config) -> Browser:
    """One Chromium for the run: every package that imports the fixture has its own, and two loops exclude each other."""
    # Playwright's own loop runs in this thread; the ORM of the test is used between its calls, never inside one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    playwright = sync_playwright().start()
    config.add_cleanup(playwright.stop)
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Browser:
    """One Chromium for the run."""
    return _chromium(request.config)


@pytest.fixture
def sign_in(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """``sign_in(email, password=..., theme="light", width=1280, door="/admin/login/")`` gives a page of that user.

    A mistake on the console or a failed request of the page fails the test at its end.
    """
    contexts: list[BrowserContext] = []
    mistakes: list[str] = []

    def enter(
        email: str,
        *,
        password: str = people.PASSWORD,
        theme: Any = "light",
        width: int = 1280,
        door: str = "/admin/login/",
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url, color_scheme=theme, viewport={"width": width, "height": 900}, locale="en-US"
        )
        contexts.append(context)
        context.add_init_script(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: mistakes.append(f"{page.url}: {error}"))
        page.on("console", lambda line: mistakes.append(f"{page.url}: {line.text}") if line.type == "error" else None)
        page.goto(door)
        page.fill("input[name=username]", email)
        page.fill("input[name=password]", password)
        with page.expect_navigation():
            page.click("button.primary[type=submit]")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert not mistakes, "\n".join(mistakes)


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """``axe(page)`` gives the violations of WCAG 2.1 AA on a page, one line each."""

    def look(page: Page) -> list[str]:
        page.evaluate(AXE)
        result = page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
        return [
            f"{page.url} {found['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for found in result["violations"]
            for node in found["nodes"][:3]
        ]

    return look
