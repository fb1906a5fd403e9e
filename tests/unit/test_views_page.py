import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.choices import Answer, Choice
from lead_core.views.page import (
    CONTENT_SECURITY_POLICY,
    MAX_NOTE_CHARACTERS,
    MAX_REASON_CHARACTERS,
    AnswerError,
    FollowUpPage,
    HistoryLine,
    parse_answer,
    render_follow_up,
    render_message,
)
from lead_core.views.rendering import TEMPLATES
from lead_core.views.words import is_plausible_address
from tests.examples import at

TODAY = date(2026, 11, 26)


def page(**given: Any) -> FollowUpPage:
    usual = FollowUpPage(
        name="Ana Silva",
        first_name="Ana",
        company="Northwind Traders",
        title="Head of Operations",
        country="BR",
        email="ana.silva@northwind.example",
        phone="+5511912345678",
        offer="Contoso CRM",
        source="AppSource",
        action_code="PLT",
        description="Please call me.\nMornings are best.",
        status="New",
        owner="sales@contoso.example",
        note="",
        attempts=1,
        waited=timedelta(days=3),
        answered_at=None,
        answered_by="",
        other_offers=("Contoso ERP: started a test drive, answered",),
        history=(HistoryLine(at(0), "Pressed Contact me on AppSource."),),
        action_url="/api/follow-up/token",
        click="click-1",
        today=TODAY,
    )
    return replace(usual, **given)


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
    **dict.fromkeys(("name", "first_name", "company", "title", "country", "email", "phone", "offer", "source"), ""),
    action_code="",
    description="",
    owner="",
    waited=None,
    other_offers=(),
    history=(),
)
LOST = page(problem="This page is incomplete.", wrong_field="click")
PAGES = {"new": page(), "answered": ANSWERED, "refused": REFUSED, "bare": BARE, "lost": LOST}

Attributes = dict[str, str | None]


class Reader(HTMLParser):
    """Collects a page's elements, and the text inside each kind of element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.texts: dict[str, list[str]] = {}
        self._inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input", "br"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._inside):
            self.texts.setdefault(tag, []).append(data)

    def named(self, *tags: str) -> list[Attributes]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    def text(self, tag: str) -> str:
        return "".join(self.texts.get(tag, []))


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
    """It presses a form's first button: that one can't be pressed."""
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


def test_a_problem_is_said_where_it_is_and_nothing_typed_is_lost() -> None:
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


def test_the_status_is_said_in_the_tables_words() -> None:
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
def test_a_draft_is_offered_where_there_is_an_address(given: dict[str, str], link: str) -> None:
    assert ("Draft an answer" in render_follow_up(page(**given))) is bool(link)


def test_a_lead_with_nothing_known_has_a_page() -> None:
    reader = read(BARE)
    assert reader.text("h1") == "Somebody who left no name"
    assert reader.text("title") == "Follow up"
    assert "Got in touch." in reader.text("p")


def test_a_message_is_a_page_of_its_own() -> None:
    reader = Reader(render_message("This link has expired", "Open the newest mail.\nOr ask <Ana>."))
    assert reader.text("h1") == reader.text("title") == "This link has expired"
    assert reader.texts["p"] == ["Open the newest mail.", "Or ask <Ana>."]


@pytest.mark.parametrize("html", [render_follow_up(page()), render_message("Gone", "It is gone.")])
def test_the_one_style_is_the_one_that_the_policy_lets_in(html: str) -> None:
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


def answer(choice: Choice, **texts: Any) -> Answer:
    blank = Answer(choice=choice, follow_up_on=None, reason="", colleague="", note=None, click="c1")
    return replace(blank, **texts)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"choice": "contacted"}, answer(Choice.CONTACTED)),
        ({"choice": "tried", "note": " Engaged.\r\nAgain at 3. "}, answer(Choice.TRIED, note="Engaged.\nAgain at 3.")),
        ({"choice": "contacted", "reason": "x" * 999, "colleague": "x", "follow_up_on": "x"}, answer(Choice.CONTACTED)),
        (
            {"choice": "contacted-follow-up", "follow_up_on": " 2026-11-27 "},
            answer(Choice.CONTACTED_FOLLOW_UP, follow_up_on=date(2026, 11, 27)),
        ),
        (
            {"choice": "contacted-follow-up", "follow_up_on": "2027-11-26"},
            answer(Choice.CONTACTED_FOLLOW_UP, follow_up_on=date(2027, 11, 26)),
        ),
        (
            {"choice": "not-a-fit", "reason": " Too\nsmall \u202e"},
            answer(Choice.NOT_A_FIT, reason="Too small"),
        ),
        (
            {"choice": "pass", "colleague": " liam@contoso.example "},
            answer(Choice.PASS, colleague="liam@contoso.example"),
        ),
        *(({"choice": f"later-{days}d"}, answer(Choice(f"later-{days}d"))) for days in (1, 3, 7)),
        ({"choice": "qualified"}, answer(Choice.QUALIFIED)),
        ({"choice": "do-not-contact"}, answer(Choice.DO_NOT_CONTACT)),
        ({"choice": "tried", "note": "as\r\nit was", "note_was": "as\r\nit was"}, answer(Choice.TRIED)),
        ({"choice": "tried", "note": "", "note_was": "as it was"}, answer(Choice.TRIED, note="")),
        ({"choice": "tried", "note": "x" * MAX_NOTE_CHARACTERS}, answer(Choice.TRIED, note="x" * MAX_NOTE_CHARACTERS)),
        (
            {"choice": "not-a-fit", "reason": "x" * MAX_REASON_CHARACTERS},
            answer(Choice.NOT_A_FIT, reason="x" * MAX_REASON_CHARACTERS),
        ),
    ],
)
def test_a_form_is_an_answer(form: dict[str, str], expected: Answer) -> None:
    assert parse_answer({"click": "c1", **form}, today=TODAY) == expected


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({}, "choice", "Choose what happened."),
        ({"choice": "bought"}, "choice", "Choose what happened."),
        ({"choice": "contacted", "click": ""}, "click", "Open the link in your mail again"),
        ({"choice": "contacted", "click": "x" * 65}, "click", "Open the link in your mail again"),
        ({"choice": "contacted", "click": "a b\n"}, "click", "Open the link in your mail again"),
        ({"choice": "contacted-follow-up"}, "follow_up_on", "Choose the day"),
        ({"choice": "contacted-follow-up", "follow_up_on": "next week"}, "follow_up_on", "2026-12-03"),
        ({"choice": "contacted-follow-up", "follow_up_on": "2026-02-30"}, "follow_up_on", "2026-12-03"),
        ({"choice": "contacted-follow-up", "follow_up_on": "2026-11-26"}, "follow_up_on", "after today"),
        ({"choice": "contacted-follow-up", "follow_up_on": "2027-11-27"}, "follow_up_on", "within a year"),
        ({"choice": "not-a-fit", "reason": " \n\u202e"}, "reason", "why it is not a fit"),
        ({"choice": "not-a-fit", "reason": "x" * (MAX_REASON_CHARACTERS + 1)}, "reason", "at most 200 characters"),
        ({"choice": "pass"}, "colleague", "e-mail address"),
        ({"choice": "pass", "colleague": "Liam"}, "colleague", "e-mail address"),
        ({"choice": "pass", "colleague": "a@b.example, c@d.example"}, "colleague", "e-mail address"),
        ({"choice": "tried", "note": "x" * (MAX_NOTE_CHARACTERS + 1)}, "note", "at most 2,000 characters"),
    ],
)
def test_a_form_that_is_no_answer_is_refused_with_a_sentence(form: dict[str, str], field: str, sentence: str) -> None:
    with pytest.raises(AnswerError, match=re.escape(sentence)) as refused:
        parse_answer({"click": "c1", **form}, today=TODAY)
    assert refused.value.field == field
    assert str(refused.value).endswith(".")


FIELDS = ("choice", "follow_up_on", "reason", "colleague", "note", "click")


@given(
    st.dictionaries(
        st.sampled_from(FIELDS) | st.text(),
        st.text(st.characters()) | st.sampled_from([*Choice, "c1", "2026-12-01", "a@b.example"]),
    )
)
def test_any_form_is_an_answer_or_refused_and_shown_again(form: dict[str, str]) -> None:
    try:
        answered = parse_answer(form, today=TODAY)
    except AnswerError as error:
        again = render_follow_up(page(problem=str(error), wrong_field=error.field, entered=form))
        assert Reader(again).named("form") == read(page()).named("form")
        again.encode()
    else:
        assert (answered.choice is Choice.CONTACTED_FOLLOW_UP) is (answered.follow_up_on is not None)
        assert (answered.choice is Choice.NOT_A_FIT) is bool(answered.reason)
        assert (answered.choice is Choice.PASS) is is_plausible_address(answered.colleague)
        assert len(answered.note or "") <= MAX_NOTE_CHARACTERS
