"""The report as people see it: on a desk and on a phone, in the light and in the dark, by keyboard, and read aloud."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from lead_core.lead.report import Period, Report
from lead_core.views.charts import SPEEDS
from lead_core.views.report import ReportPage, render_report
from tests.accessibility import check
from tests.browser.conftest import Show
from tests.reports import COUNTED_AT, NOTHING_CAME, report
from tests.seen import LINK, unanswered

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
WINDOWS = [
    pytest.param({"viewport": viewport, "color_scheme": scheme}, id=f"{name}-{scheme}")
    for name, viewport in (("phone", PHONE), ("desk", DESK))
    for scheme in ("light", "dark")
]
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-" * 3


def render(shown: Report | None) -> str:
    waiting = (unanswered(), unanswered(company=LONG_NAME, first_name=LONG_NAME)) if shown else ()
    now = COUNTED_AT + timedelta(minutes=25)
    return render_report(ReportPage(period=Period.YEAR, now=now, report=shown, waiting=waiting))


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def colour_of(page: Page, selector: str, name: str) -> tuple[float, ...]:
    style = page.locator(selector).first.evaluate(f"each => getComputedStyle(each)['{name}']")
    return tuple(float(part) for part in re.findall(r"[\d.]+", style)[:3])


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return how far two colours are apart. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    dark, light = sorted(_luminance(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    ]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("window", WINDOWS)
def test_a_year_shuts_nobody_out_and_fits_its_window(show: Show, window: dict[str, Any]) -> None:
    page = show(render(report(Period.YEAR)), **window)
    assert fits(page)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.get_by_role("region", name="Waits by week").is_visible()
    assert fits(page)
    check(page)


@pytest.mark.parametrize("shown", [NOTHING_CAME, None], ids=["nothing came", "no round yet"])
def test_a_page_without_figures_shuts_nobody_out(show: Show, shown: Report | None) -> None:
    page = show(render(shown), viewport=PHONE)
    assert fits(page)
    check(page)


@pytest.mark.parametrize("window", [WINDOWS[0], WINDOWS[-1]])
def test_what_is_drawn_stands_out_from_its_ground_and_can_be_read(show: Show, window: dict[str, Any]) -> None:
    page = show(render(report(Period.YEAR)), **window)
    ground = colour_of(page, "body", "backgroundColor")
    solid = [(f"svg .{speed}", "fill") for speed in SPEEDS[:-1]]
    for selector, name in (*solid, ("svg .waiting", "stroke"), (".curve", "stroke"), (".median", "stroke")):
        assert contrast(colour_of(page, selector, name), ground) >= 3, selector
    size = "each => each.getScreenCTM().a * parseFloat(getComputedStyle(each).fontSize)"
    assert all(text.evaluate(size) >= 11 for text in page.locator("svg text").all())


def test_everything_is_reached_and_opened_by_keyboard_without_a_script(show: Show) -> None:
    page = show(render(report()), viewport=PHONE, java_script_enabled=False)
    reached = list[str]()
    while True:
        page.keyboard.press("Tab")
        focused = page.locator("a:focus, summary:focus, .scroll:focus")
        if focused.count() == 0 or focused.inner_text() in reached:
            break
        reached.append(focused.inner_text())
        if page.locator("summary:focus").count():
            page.keyboard.press("Enter")
    assert [text for text in reached if "as a table" in text] == [
        "Waits by week, as a table",
        "Response times, as a table",
        "How far leads came, as a table",
    ]
    assert {"4 weeks", "13 weeks", "A year", "Download as CSV", "Ana Silva"} <= set(reached)
    assert all(details.get_attribute("open") is not None for details in page.locator("details").all())
    assert page.get_by_role("link", name="Ana Silva").first.get_attribute("href") == LINK


def test_a_chart_is_read_aloud_by_its_title_and_its_words(show: Show) -> None:
    page = show(render(report()), viewport=DESK)
    for name in ("Waits by week", "Response times", "How far leads came"):
        assert page.get_by_role("img", name=name).count() == 1
