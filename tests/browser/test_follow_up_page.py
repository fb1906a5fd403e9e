"""The follow-up page in its states, as people see it: on a phone in the dark, on a desk in the light, by keyboard."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import pytest
from playwright.sync_api import Page

from lead_core.lead.changes import StoredLead, answered, delivered
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owners import Owners
from lead_core.views.page import FollowUpPage, render_follow_up
from tests.accessibility import check
from tests.browser.conftest import Show
from tests.examples import JOHN, SALES, at, delivery
from tests.seen import MY_LEADS

POLICY = FollowUpPolicy(owners=Owners.parse(SALES))
DAY = 24 * 60
QUESTIONS = ("Has a budget", "Decides this year")
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
WINDOWS = [pytest.param(PHONE, "dark", id="phone-dark"), pytest.param(DESK, "light", id="desk-light")]
STATES = {
    "open": [],
    "attempt planned": [Choice.TRIED],
    "all attempts made": [Choice.TRIED] * len(POLICY.touches),
    "answered": [Choice.CONTACTED],
    "closed": [Choice.NOT_A_FIT],
    "qualified": [Choice.QUALIFIED],
}


def render(choices: Sequence[Choice], questions: tuple[str, ...] = QUESTIONS) -> str:
    """Return the page of a lead after an answer each eight days."""
    lead, minutes = delivered(None, delivery(0, "PLT"), POLICY), 0
    for number, choice in enumerate(choices):
        ticked = QUESTIONS[:1] if choice is Choice.QUALIFIED else ()
        said = Answer(choice=choice, click=f"c{number}", reason="Too small.", ticked=ticked)
        minutes = number * 8 * DAY + 30
        lead = answered(StoredLead(lead, "v", at(0)), said, by=SALES, at=at(minutes), policy=POLICY)
    now = at(minutes + 1)
    page = FollowUpPage.of(lead, (), token="token", click="click", now=now, zone=UTC, touches=POLICY.touches)
    return render_follow_up(replace(page, questions=questions, my_leads=MY_LEADS))


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize(("viewport", "scheme"), WINDOWS)
@pytest.mark.parametrize("state", STATES)
def test_the_page_shuts_nobody_out_and_fits_its_window(
    show: Show, state: str, viewport: dict[str, int], scheme: str
) -> None:
    page = show(render(STATES[state]), viewport=viewport, color_scheme=scheme)
    for summary in page.locator("summary").all():
        summary.click()
    assert JOHN.last_name in page.inner_text("body")
    assert fits(page)
    check(page)


@pytest.mark.parametrize("state", STATES)
def test_all_that_can_be_pressed_is_reached_by_keyboard(show: Show, state: str) -> None:
    page = show(render(STATES[state]), viewport=DESK, java_script_enabled=False)
    wanted = page.locator("a[href], button:not([disabled]), summary, textarea, input:not([type=hidden])")
    shown = [each for each in wanted.all() if each.is_visible()]
    reached = 0
    for each in shown:
        for _ in range(4):  # A field for a date is several stops.
            page.keyboard.press("Tab")
            if each.evaluate("element => element === document.activeElement"):
                reached += 1
                break
    assert reached == len(shown)


def test_what_is_true_is_ticked_and_sent_by_keyboard(show: Show) -> None:
    page = show(render([]), viewport=PHONE, java_script_enabled=False)
    box = page.get_by_label(QUESTIONS[1])
    box.focus()
    page.keyboard.press("Space")
    assert box.is_checked()
    page.get_by_role("button", name="Qualified", exact=True).focus()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.keyboard.press("Enter")
    assert "choice=qualified" in (sent.value.post_data or "")
    assert "ticked-2=Decides" in (sent.value.post_data or "")
