"""From the post to the answer: the mail arrives, its link opens in a browser, a click changes the row."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.mailbox import Mailbox, leads_in
from tests.system.app import App, lead
from tests.waiting import wait_for

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def app(account: str, mailbox: Mailbox, tmp_path: Path) -> Iterator[App]:
    app = App(account, tmp_path / "host.log")
    app.settings = {
        "MAIL_URL": mailbox.url,
        "PUBLIC_URL": app.url.removesuffix("/api"),
        "REMINDER_SCHEDULE": "* * * * * *",
        "OWNERS": "contoso.erp: erp@contoso.example; sales@contoso.example",
    }
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="module")  # its event loop must end with these tests, because they run in none
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium on this machine; .ci/run installs it")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param, java_script_enabled=False)
    yield context.new_page()
    context.close()


def the_lead(app: App) -> dict[str, Any]:
    (row,) = app.rows("Leads")
    return row


def test_from_the_post_to_the_answer(app: App, mailbox: Mailbox, page: Page) -> None:
    assert app.post(lead(1, "please <b>call</b> me")).status_code == 202
    wait_for(lambda: len(mailbox.mails) == 1)
    mail = mailbox.mails[0]
    assert mail["To"] == "sales@contoso.example"
    assert mail["Subject"] == "P1 Smith shows interest: Contoso CRM"  # The lead names no company.
    wait_for(lambda: the_lead(app)["RemindersSent"] == 1)

    before = the_lead(app)
    assert httpx.get(mailbox.link(), timeout=30).status_code == 200  # as a mail scanner does
    page.goto(mailbox.link())
    assert the_lead(app) == before
    assert "please <b>call</b> me" in page.inner_text("body")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.get_by_role("button", name="Contacted", exact=True).click()
    assert "Recorded: contacted" in page.get_by_role("status").inner_text()
    row = the_lead(app)
    assert (row["Status"], row["ContactedBy"]) == ("Contacted", "sales@contoso.example")
    wait_for(lambda: app.rows("FollowUps") == [])


def test_a_form_filled_in_with_the_keyboard_alone(app: App, mailbox: Mailbox, page: Page) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    page.goto(mailbox.link())
    reason = page.locator("[name=reason]")
    for _ in range(60):
        if reason.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type("too small for us")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "Recorded: not a fit" in page.get_by_role("status").inner_text()
    assert the_lead(app)["DisqualifiedReason"] == "too small for us"


def test_a_forged_link_gets_a_plain_page(app: App, mailbox: Mailbox, page: Page) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    answer = page.goto(mailbox.link()[:-2])
    assert answer is not None
    assert answer.status == 403
    assert "does not work" in page.inner_text("body")


def test_a_test_lead_is_confirmed_and_never_reminded_of(app: App, mailbox: Mailbox) -> None:
    app.post(lead(1, FirstName="MSFT_TEST_636573304831318844"))
    wait_for(lambda: len(mailbox.mails) == 1)
    assert "MSFT_TEST" not in mailbox.mails[0]["Subject"]
    assert the_lead(app)["IsTest"] is True
    assert app.rows("FollowUps") == []


def test_a_host_killed_between_sending_and_confirming_sends_the_same_mail_again(app: App, mailbox: Mailbox) -> None:
    mailbox.on_first_mail = app.kill
    for who in range(10):
        with contextlib.suppress(httpx.TransportError):
            app.post(lead(who))
    wait_for(lambda: mailbox.on_first_mail is None)
    first = mailbox.mails[0]["Message-ID"]
    app.start()
    for who in range(10):
        app.post(lead(who))  # Some were not accepted before. The others are the same action again.
    wait_for(lambda: len(app.rows("Leads")) == 10 and app.queued() == 0)
    assert len(mailbox.mails) == 1  # the claim holds
    app.let_claims_run_out()
    wait_for(lambda: {row["RemindersSent"] for row in app.rows("Leads")} == {1})
    assert mailbox.mails[1]["Message-ID"] == first
    ids_of: dict[str, set[str]] = {}
    for mail in mailbox.mails:
        for name in leads_in(mail):
            ids_of.setdefault(name, set()).add(mail["Message-ID"])
    assert {name: len(ids) for name, ids in ids_of.items()} == {f"P{who} Smith": 1 for who in range(10)}


def test_once_ticks_have_passed_the_to_do_list_is_what_the_leads_ask_for(app: App, mailbox: Mailbox) -> None:
    for number in range(40):
        app.post(lead(number % 10, f"action {number}"))
    wait_for(lambda: {row["RemindersSent"] for row in app.rows("Leads")} == {1} and len(app.rows("Leads")) == 10)
    wait_for(lambda: len(app.rows("FollowUps")) == 10)
