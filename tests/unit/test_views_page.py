import base64
import hashlib
import re
from collections import Counter

import pytest

from lead_core.lead.choices import Choice
from lead_core.views.page import CONTENT_SECURITY_POLICY, FollowUpPage, render_follow_up, render_message
from lead_core.views.rendering import TEMPLATES
from tests.examples import at
from tests.reader import Reader
from tests.seen import page

ANSWERED = page(
    status="Contacted",
    waited=None,
    answered_at=at(60),
    answered_by="sales@contoso.example",
    note="Wants a price.",
    said="Recorded: contacted. No more reminders unless the customer asks again.",
    chosen=Choice.CONTACTED,
)
REFUSED = page(
    problem="Say in a few words why it is not a fit.",
    wrong_field="reason",
    chosen=Choice.NOT_A_FIT,
    entered={"choice": "not-a-fit", "colleague": "liam@contoso.example", "note": "Two\nlines", "reason": ""},
)
BARE = page(
    **dict.fromkeys(("first_name", "last_name", "company", "title", "country", "email", "phone", "source"), ""),
    offer_title="",
    action_code="",
    description="",
    owner="",
    waited=None,
    other_offers=(),
    history=(),
)
LOST = page(problem="This page is incomplete.", wrong_field="click")
PAGES = {"new": page(), "answered": ANSWERED, "refused": REFUSED, "bare": BARE, "lost": LOST}


def read(shown: FollowUpPage) -> Reader:
    return Reader(render_follow_up(shown))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_script_and_fetches_nothing(name: str) -> None:
    reader = read(PAGES[name])
    tags = {tag for tag, _ in reader.elements}
    attributes = {attribute for _, found in reader.elements for attribute in found}
    assert not tags & {"script", "img", "link", "iframe", "object", "base"}
    assert not {attribute for attribute in attributes if attribute.startswith("on")} | attributes & {"style", "src"}
    assert len(reader.named("form")) == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_field_has_a_label_and_every_id_is_the_only_one(name: str) -> None:
    reader = read(PAGES[name])
    labels = {label["for"] for label in reader.named("label")}
    fields = [field for field in reader.named("input", "textarea") if field.get("type") != "hidden"]
    ids = Counter(found["id"] for _, found in reader.elements if "id" in found)
    pointed_at = {
        one
        for _, found in reader.elements
        for name in ("aria-describedby", "aria-labelledby")
        for one in (found.get(name) or "").split()
    }
    assert len(fields) == 4
    assert {field["id"] for field in fields} == labels
    assert set(ids.values()) == {1}
    assert pointed_at <= set(ids)
    assert len(reader.named("legend")) == len(reader.named("fieldset")) == 3


@pytest.mark.parametrize("name", PAGES)
def test_every_choice_is_one_button(name: str) -> None:
    buttons = read(PAGES[name]).named("button")
    assert Counter(button["value"] for button in buttons if "disabled" not in button) == Counter(Choice)


def test_the_enter_key_records_nothing() -> None:
    """The Enter key presses a form's first button, and that button does nothing."""
    first, likeliest = read(page()).named("button")[:2]
    assert "disabled" in first
    assert likeliest["value"] == Choice.CONTACTED


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_named_without_its_person(name: str) -> None:
    reader = read(PAGES[name])
    assert reader.named("html") == [{"lang": "en"}]
    assert "Follow up" in reader.text("title")
    assert "Ana" not in reader.text("title")


def test_what_was_recorded_is_said_first_and_stays_changeable() -> None:
    reader = read(ANSWERED)
    said = next(found for found in reader.named("p") if found.get("class") == "said")
    current = [button["value"] for button in reader.named("button") if "aria-current" in button]
    assert said["role"] == "status"
    assert "autofocus" in said
    assert current == [Choice.CONTACTED]
    assert "Anything to change?" in reader.text("h2")
    assert "Recorded by sales@contoso.example on 22 November 2026, 13:00 UTC." in reader.text("p")
    assert "Tried once" not in reader.text("p")


def test_a_problem_is_shown_at_its_field_and_nothing_typed_is_lost() -> None:
    html = render_follow_up(REFUSED)
    reader = Reader(html)
    fields = {field["id"]: field for field in reader.named("input", "textarea") if "id" in field}
    assert 'role="alert"' in html
    assert not [button for button in reader.named("button") if "aria-current" in button]
    assert "Nothing was recorded. Say in a few words why it is not a fit." in reader.text("p")
    assert fields["reason"]["aria-invalid"] == "true"
    assert fields["reason"]["aria-describedby"] == "reason-wrong"
    assert "autofocus" in fields["reason"]
    assert [name for name, field in fields.items() if "aria-invalid" in field] == ["reason"]
    assert fields["colleague"]["value"] == "liam@contoso.example"
    assert reader.text("textarea") == "\nTwo\nlines"  # A browser drops the first line feed.


@pytest.mark.parametrize("field", ["follow_up_on", "reason", "colleague", "note", "click", "choice", ""])
def test_the_cursor_stands_where_the_problem_is(field: str) -> None:
    focused = [
        found.get("name", "message")
        for _, found in read(page(problem="Wrong.", wrong_field=field)).elements
        if "autofocus" in found
    ]
    assert focused == [field if field not in {"click", "choice", ""} else "message"]


def test_the_status_is_shown_in_the_tables_words() -> None:
    reader = read(page(status="Disqualified", disqualified_reason="Too small", waited=None, answered_at=at(0)))
    assert "Disqualified (not a fit)" in reader.text("span")
    assert "Reason: Too small" in reader.text("p")
    assert "Waiting for 3 days. Tried once, no answer yet." in read(page()).text("p")


def test_a_follow_up_is_offered_in_a_week_and_within_a_year() -> None:
    day = next(field for field in read(page()).named("input") if field.get("type") == "date")
    assert (day["min"], day["value"], day["max"]) == ("2026-11-27", "2026-12-03", "2027-11-26")


@pytest.mark.parametrize(
    ("given", "link"),
    [({}, "Draft an answer"), ({"email": "nonsense"}, ""), ({"email": ""}, "")],
)
def test_a_draft_is_offered_if_there_is_an_address(given: dict[str, str], link: str) -> None:
    assert ("Draft an answer" in render_follow_up(page(**given))) is bool(link)


def test_a_lead_with_nothing_known_has_a_page() -> None:
    reader = read(BARE)
    assert reader.text("h1") == "A customer who left no name"
    assert reader.text("title") == "Follow up"
    assert "Got in touch." in reader.text("p")


def test_a_message_is_a_page_of_its_own() -> None:
    reader = Reader(render_message("This link has expired", "Open the newest mail.\nOr ask <Ana>."))
    assert reader.text("h1") == reader.text("title") == "This link has expired"
    assert reader.texts["p"] == ["Open the newest mail.", "Or ask <Ana>."]


@pytest.mark.parametrize("html", [render_follow_up(page()), render_message("Gone", "It is gone.")])
def test_the_policy_allows_only_the_pages_own_style(html: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ) == CONTENT_SECURITY_POLICY


def luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "ratio"),
    [
        *((text, ground, 4.5) for text in ("ink", "muted", "link") for ground in ("ground", "card")),
        ("ink", "soft", 4.5),
        ("on-press", "press", 4.5),
        ("on-good", "good", 4.5),
        ("on-bad", "bad", 4.5),
        ("on-bad", "card", 4.5),
        ("edge", "card", 3),
        ("edge", "ground", 3),
        ("link", "soft", 3),
    ],
)
def test_colours_can_be_told_apart(scheme: int, text: str, ground: str, ratio: float) -> None:
    """https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast"""
    css = (TEMPLATES / "page.css.j2").read_text(encoding="utf-8")
    colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css.split("@media")[scheme]))
    darker, lighter = sorted((luminance(colors[text]), luminance(colors[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= ratio
