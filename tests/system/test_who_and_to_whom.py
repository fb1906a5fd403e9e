"""In a browser without scripts: who answers from a shared mailbox, to whom a lead is passed on, and spam."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.system.app import lead
from tests.system.browser import press
from tests.system.team import Team, running_team

SALES, ANNA, CARL = "sales@contoso.example", "anna.schmidt@contoso.example", "carl@contoso.example"


@pytest.fixture(scope="module")
def team(shared_account: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    owners = f"contoso.erp: {ANNA}; {SALES}"
    with running_team(shared_account, tmp_path_factory.mktemp("app"), OWNERS=owners) as team:
        yield team


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def open_lead(team: Team, page: Page, number: int) -> None:
    """Post a lead, let its owner be told, and open the link of the mail."""
    assert team.app.post(lead(number)).status_code == 202
    team.app.wait_until_processed()
    assert [mail["To"] for mail in team.tick()] == [SALES]
    page.goto(team.mailbox.link())


def row_of(team: Team, number: int) -> dict[str, Any]:
    (row,) = team.app.rows("Leads", FirstName=f"P{number}")
    return row


def test_who_shares_a_mailbox_says_once_who_they_are(team: Team, page: Page) -> None:
    open_lead(team, page, 1)
    assert page.get_by_label("I am").input_value() == ""
    page.get_by_label("I am").fill("Zoë <b>Müller</b>")
    press(page, "Contacted", exact=True)
    row = row_of(team, 1)
    assert (row["Status"], row["ContactedBy"]) == ("Contacted", f"Zoë <b>Müller</b> ({SALES})")
    assert "Zoë <b>Müller</b>" in page.inner_text("body")

    open_lead(team, page, 2)
    assert page.get_by_label("I am").input_value() == "Zoë <b>Müller</b>"
    (cookie,) = page.context.cookies()
    assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == ("/api/follow-up", True, "Lax")
    page.get_by_label("I am").fill("")
    press(page, "Tried, no answer")
    assert "Recorded" in page.get_by_role("status").inner_text()  # The page is there now.
    assert page.context.cookies() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_colleague_is_found_by_name(team: Team, page: Page) -> None:
    open_lead(team, page, 3)
    offered = page.locator("#colleagues option").evaluate_all("all => all.map(each => [each.value, each.textContent])")
    assert offered == [[ANNA, "Anna Schmidt"]]
    page.get_by_label("A colleague's name or e-mail address").fill("anna")
    press(page, "Pass to this colleague")
    assert f"{ANNA} is told within minutes" in page.get_by_role("status").inner_text()
    assert [mail["To"] for mail in team.tick()] == [ANNA]


def test_an_address_that_nobody_named_gets_a_customers_data_only_after_a_second_button(team: Team, page: Page) -> None:
    open_lead(team, page, 4)
    page.get_by_label("A colleague's name or e-mail address").fill(CARL)
    press(page, "Pass to this colleague")
    said = page.locator("#colleague-wrong").inner_text()
    assert said == f"{CARL} gets no leads so far. Send this customer's data there?"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert team.tick() == []
    press(page, f"Yes, send it to {CARL}")
    assert f"{CARL} is told within minutes" in page.get_by_role("status").inner_text()
    assert [mail["To"] for mail in team.tick()] == [CARL]


def test_a_stranger_is_refused_at_the_field(team: Team, page: Page) -> None:
    open_lead(team, page, 5)
    page.get_by_label("A colleague's name or e-mail address").fill("eve@evil.example")
    press(page, "Pass to this colleague")
    assert "only be passed on within your company" in page.locator("#colleague-wrong").inner_text()
    assert page.locator("[name=confirm]").count() == 0
    assert row_of(team, 5)["Owner"] == SALES


def test_spam_needs_no_reason_and_can_be_undone(team: Team, page: Page) -> None:
    open_lead(team, page, 6)
    press(page, "Spam")
    assert "Recorded: spam" in page.get_by_role("status").inner_text()
    row = row_of(team, 6)
    assert (row["Status"], row["DisqualifiedReason"]) == ("Disqualified", "Spam")
    page.get_by_text("Change", exact=True).click()
    press(page, "Qualified", exact=True)
    row = row_of(team, 6)
    assert (row["Status"], row["DisqualifiedReason"]) == ("Qualified", "")
