"""From the post to the report: leads are counted at the check, and a link shows who waits, as a page and as a file."""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from itsdangerous import URLSafeSerializer
from playwright.sync_api import Browser, Page

from tests.good_settings import GOOD_SETTINGS
from tests.system.app import App, lead
from tests.system.browser import press


@pytest.fixture
def app(account: str, tmp_path: Path) -> Iterator[App]:
    app = App(account, tmp_path / "host.log")
    app.settings = {"PUBLIC_URL": app.url.removesuffix("/api"), "REMINDER_SCHEDULE": "0 0 0 1 1 *"}
    app.start()
    yield app
    app.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign(app: App) -> str:
    """Return a link to the report, as a mail has it."""
    signer = URLSafeSerializer(GOOD_SETTINGS["LINK_KEY"], salt="report")
    return f"{app.url}/report/{signer.dumps(['0123456789abcdef', int(time.time())])}"


def test_from_the_posts_to_the_report_and_back_to_a_lead(app: App, page: Page) -> None:
    link = sign(app)
    page.goto(link)
    assert "There are no figures yet." in page.inner_text("main")

    for who in range(3):
        app.post(lead(who))
    app.wait_until_processed()
    app.check()
    page.goto(link)
    assert page.locator(".value").all_inner_texts() == ["—", "—", "3", "0"]  # No week is complete yet.
    assert "3 leads. Of 3 who began to wait, 0 are answered." in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.get_by_role("link", name="A year").click()
    assert page.locator("[aria-current=page]").inner_text() == "A year"
    file = httpx.get(f"{link}?weeks=52&format=csv", timeout=30)
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["Content-Disposition"] == 'attachment; filename="leads-52-weeks.csv"'
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["Value"] for row in rows if row["Figure"] == "waiting now"] == ["3"]
    assert "Smith" not in file.text

    page.get_by_role("link", name="P1 Smith").click()
    press(page, "Contacted", exact=True)
    page.goto(link)
    waiting = page.get_by_role("link", name="Smith")
    assert sorted(waiting.all_inner_texts()) == ["P0 Smith", "P2 Smith"]  # It is read as it stands now.
