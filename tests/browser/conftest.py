"""Pages in a real browser, served with the headers that go with them, and without the app."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, Page

from lead_core.views.style import CONTENT_SECURITY_POLICY
from tests.system.browser import running_browser

Show: TypeAlias = Callable[..., Page]
_HEADERS = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": CONTENT_SECURITY_POLICY}


@pytest.fixture(scope="module")  # its event loop must end with these tests, because they run in none
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def show(browser: Browser) -> Iterator[Show]:
    """Yield what opens a page in a window of its own. What the browser complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def show(html: str, **window: Any) -> Page:
        contexts.append(browser.new_context(**window))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.route("**/*", lambda route: route.fulfill(body=html, headers=_HEADERS))
        page.goto("https://leads.contoso.example/api/page")
        return page

    yield show
    for context in contexts:
        context.close()
    assert complaints == []
