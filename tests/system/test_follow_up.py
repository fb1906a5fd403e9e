"""From the post to the answer: the mail arrives, its link opens in a browser, a click changes the row."""

import contextlib
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from itsdangerous import URLSafeSerializer
from playwright.sync_api import Browser, Page

from tests.good_settings import GOOD_SETTINGS
from tests.mailbox import Mailbox, leads_in, text_of
from tests.system.app import App, lead
from tests.system.browser import press
from tests.waiting import wait_for

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
        "QUALIFICATION": "Has a budget; Decides this year",
    }
    app.start()
    yield app
    app.stop()


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param, java_script_enabled=False)
    yield context.new_page()
    context.close()


def link_in(mail: EmailMessage) -> str:
    """Return the link in the plain text of a mail."""
    found = re.search(r"http://127\S+/api/follow-up/\S+", text_of(mail))
    assert found
    return found[0]


def add_one(link: str) -> str:
    """Return a link with another character in its middle."""
    return f"{link[:-40]}x{link[-40:]}"


def expire(link: str) -> str:
    """Return the link as the app would have signed it five weeks ago."""
    address, _, token = link.rpartition("/")
    signer = URLSafeSerializer(GOOD_SETTINGS["LINK_KEY"], salt="follow-up")
    *said, signed_at = signer.loads(token)
    return f"{address}/{signer.dumps([*said, signed_at - 35 * 24 * 3600])}"


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

    press(page, "Contacted", exact=True)
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


def test_what_is_true_is_ticked_with_the_keyboard_and_may_be_changed_in_the_table(
    app: App, mailbox: Mailbox, page: Page
) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    page.goto(mailbox.link())
    page.get_by_label("Decides this year").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Recorded: qualified" in page.get_by_role("status").inner_text()
    assert (the_lead(app)["Status"], the_lead(app)["Qualification"]) == ("Qualified", "Decides this year")

    app.edit("Leads", the_lead(app), Qualification="has a budget; decides this year; met at the fair")
    page.goto(mailbox.link())
    assert "What is true: has a budget · decides this year · met at the fair" in page.inner_text("main")
    page.get_by_label("Decides this year").uncheck()
    press(page, "Qualified")
    assert the_lead(app)["Qualification"] == "has a budget; met at the fair"


def test_the_draft_is_had_in_another_language_with_the_keyboard(app: App, mailbox: Mailbox, page: Page) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    page.goto(mailbox.link())
    german = page.get_by_role("link", name="Deutsch")
    assert not german.is_visible()
    page.get_by_text("Draft in another language").focus()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert german.evaluate("element => element === document.activeElement")
    assert "&body=Guten%20Tag" in str(german.get_attribute("href"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_page_is_loaded_again_without_a_second_answer(app: App, mailbox: Mailbox, page: Page) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    page.goto(mailbox.link())
    press(page, "Tried, no answer")
    row, said = the_lead(app), page.get_by_role("status").inner_text()
    for _ in range(2):
        page.reload()
    assert page.get_by_role("status").inner_text() == said
    assert the_lead(app) == row
    assert row["Attempts"] == 1


def test_what_a_colleague_said_meanwhile_stands_or_is_asked_about(
    app: App, mailbox: Mailbox, page: Page, browser: Browser
) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    page.goto(mailbox.link())
    colleague = browser.new_page(java_script_enabled=False)
    colleague.goto(mailbox.link())
    press(colleague, "Qualified", exact=True)
    colleague.close()

    press(page, "Tried, no answer")
    said = page.get_by_role("status").inner_text()
    assert "While this page was open, sales@contoso.example said “Qualified”; that stands." in said
    assert "The reminders go on" not in page.inner_text("main")
    assert the_lead(app)["Status"] == "Qualified"
    assert "sales@contoso.example answered on" in page.inner_text("main")

    assert not page.get_by_role("button", name="Contacted", exact=True).is_visible()
    page.get_by_text("Change", exact=True).click()
    assert "Changes “Qualified” to “Contacted”." in page.inner_text("main")
    press(page, "Contacted", exact=True)
    assert "It was “Qualified” before." in page.get_by_role("status").inner_text()


def test_a_note_is_saved_alone(app: App, mailbox: Mailbox, page: Page) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    wait_for(lambda: the_lead(app)["RemindersSent"] == 1)
    before = the_lead(app)
    page.goto(mailbox.link())
    page.get_by_text("Add a note").click()
    page.get_by_label("Save it alone").fill("Call after 3.")
    press(page, "Save the note")
    assert "The note is saved." in page.get_by_role("status").inner_text()
    assert the_lead(app) == before | {"Note": "Call after 3."}


def test_do_not_contact_stands_in_all_rows_and_pages_until_it_is_lifted(app: App, mailbox: Mailbox, page: Page) -> None:
    for offer in ("contoso.contoso-crm", "contoso.erp"):
        app.post(lead(1), offer)
    wait_for(lambda: len(mailbox.mails) == 2)
    wait_for(lambda: {row["RemindersSent"] for row in app.rows("Leads")} == {1})
    links = {mail["To"]: link_in(mail) for mail in mailbox.mails}
    page.goto(links["sales@contoso.example"])
    press(page, "Do not contact")
    assert {row["Status"] for row in app.rows("Leads")} == {"DoNotContact"}
    assert app.rows("FollowUps") == []

    page.goto(links["erp@contoso.example"])
    assert page.inner_text("main").startswith("Do not contact")
    assert "sales@contoso.example said so on" in page.inner_text("main")
    assert page.get_by_role("button").all_inner_texts() == ["Lift “Do not contact”"]
    assert page.locator("a[href^=mailto], a[href^=tel]").count() == 0

    press(page, "Lift")
    assert "why the customer may be contacted again" in page.get_by_role("alert").inner_text()
    page.get_by_label("Why they may be contacted again").fill("She asked for an offer.")
    press(page, "Lift")
    assert "may be contacted again" in page.get_by_role("status").inner_text()
    assert "She asked for an offer." in page.inner_text("ol")
    assert {row["Status"] for row in app.rows("Leads")} == {"New"}
    wait_for(lambda: len(mailbox.mails) == 4)


@pytest.mark.parametrize(
    ("changed", "says"), [(lambda link: link[:-2], "This link is incomplete"), (add_one, "This link does not work")]
)
def test_a_link_that_was_changed_on_its_way_gets_a_plain_page(
    app: App, mailbox: Mailbox, page: Page, changed: Callable[[str], str], says: str
) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    answer = page.goto(changed(mailbox.link()))
    assert answer is not None
    assert answer.status == 403
    assert says in page.inner_text("h1")


def test_an_expired_link_asks_for_a_new_one_which_is_mailed_to_the_owner(
    app: App, mailbox: Mailbox, page: Page
) -> None:
    app.post(lead(1))
    wait_for(lambda: len(mailbox.mails) == 1)
    answer = page.goto(expire(mailbox.link()))
    assert answer is not None
    assert answer.status == 410
    press(page, "Mail a new link to the owner")
    assert "A new link is on its way" in page.inner_text("h1")
    assert "follow-up/" not in page.content()
    wait_for(lambda: len(mailbox.mails) == 2)
    assert (mailbox.mails[1]["To"], mailbox.mails[1]["Subject"]) == (
        "sales@contoso.example",
        "A new link to a lead: Contoso CRM",
    )
    assert "Smith" not in text_of(mailbox.mails[1])
    page.goto(mailbox.link())
    assert "P1 Smith" in page.inner_text("h1")


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
