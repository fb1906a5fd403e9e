"""The page of open leads as people see it: on a desk and on a phone, in the light and in the dark, by keyboard."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from lead_core.lead.urgency import Urgency
from lead_core.views.my_leads import MyLeads, OpenLead, render_my_leads
from tests.accessibility import check
from tests.browser.conftest import Show
from tests.seen import LINK, SEEN_AT, card

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
WINDOWS = [
    pytest.param({"viewport": viewport, "color_scheme": scheme}, id=f"{name}-{scheme}")
    for name, viewport in (("phone", PHONE), ("desk", DESK))
    for scheme in ("light", "dark")
]
NEXT_MAIL = {
    Urgency.OVERDUE: SEEN_AT + timedelta(hours=9),
    Urgency.DUE: SEEN_AT + timedelta(days=1),
    Urgency.PLANNED: SEEN_AT + timedelta(days=4),
    Urgency.RESTING: None,
}


def lead(urgency: Urgency, number: int = 1, **given: Any) -> OpenLead:
    facts = card(**given).facts
    return OpenLead(facts=facts, urgency=urgency, next_mail_at=NEXT_MAIL[urgency], link=f"{LINK}{number}")


def waited(days: float) -> dict[str, Any]:
    return {"waited": timedelta(days=days), "acted_ago": timedelta(days=days)}


LEADS = (
    lead(Urgency.OVERDUE, 1, attempts=1, company="Klinikum Süd", first_name="Jana", last_name="Wolf", **waited(4)),
    lead(Urgency.OVERDUE, 2, first_name="伟", last_name="王", company="宁波远洋物流有限公司", **waited(2)),
    lead(Urgency.DUE, 3),
    lead(Urgency.DUE, 4, first_name="ליאת", last_name="כהן", company="אלפא", action_code="INS", **waited(0.2)),
    lead(Urgency.PLANNED, 5, answered_at=SEEN_AT - timedelta(days=3), waited=None, company="Fabrikam"),
    lead(Urgency.RESTING, 6, first_name="Wolfeschlegelsteinhausenbergerdorff" * 2, company="x" * 90, **waited(13)),
)
ALL = MyLeads(leads=LEADS, more=3, is_cut=False, seen_at=SEEN_AT)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("window", WINDOWS)
def test_the_page_shuts_nobody_out_and_fits_its_window(show: Show, window: dict[str, Any]) -> None:
    page = show(render_my_leads(ALL), **window)
    assert fits(page)
    check(page)


def test_a_page_without_leads_shuts_nobody_out(show: Show) -> None:
    page = show(render_my_leads(MyLeads(leads=(), more=0, is_cut=False, seen_at=SEEN_AT)), viewport=PHONE)
    assert fits(page)
    check(page)


def test_a_tap_anywhere_on_a_lead_opens_it(show: Show) -> None:
    page = show(render_my_leads(ALL), viewport=PHONE, java_script_enabled=False, has_touch=True)
    corner = page.get_by_role("listitem").filter(has_text="Jana Wolf").bounding_box()
    assert corner
    with page.expect_navigation(url=f"{LINK}1"):
        page.touchscreen.tap(corner["x"] + corner["width"] - 8, corner["y"] + corner["height"] - 8)


def test_every_lead_is_reached_by_keyboard_in_the_order_of_the_page(show: Show) -> None:
    page = show(render_my_leads(ALL), viewport=DESK, java_script_enabled=False)
    reached = list[str]()
    for _ in range(4 + len(LEADS)):
        page.keyboard.press("Tab")
        reached.append(page.locator("a:focus").get_attribute("href") or "")
    assert reached == [*(f"#{urgency}" for urgency in Urgency), *(each.link for each in LEADS)]
    with page.expect_navigation(url=LEADS[-1].link):
        page.keyboard.press("Enter")
