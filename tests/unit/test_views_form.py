"""Read a form that was posted from the follow-up page."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.errors import AnswerError
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.who import MAX_NAME_CHARACTERS
from lead_core.views.form import MAX_NOTE_CHARACTERS, MAX_REASON_CHARACTERS, parse_answer
from lead_core.views.page import render_follow_up
from tests.reader import Reader
from tests.seen import TODAY, page


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
        ({"choice": "tried", "note": "", "note_was": "as it was"}, answer(Choice.TRIED, note="", note_was="as it was")),
        ({"choice": "tried", "note_was": "as it was"}, answer(Choice.TRIED)),  # A page without a field for it.
        ({"choice": "note", "note": "Call after 3.", "reason": "x"}, answer(Choice.NOTE, note="Call after 3.")),
        ({"choice": "lift", "reason": " She asked\nfor it "}, answer(Choice.LIFT, reason="She asked for it")),
        ({"choice": "tried", "seen": "1:"}, answer(Choice.TRIED, seen="1:")),
        (
            {"choice": "tried", "seen": "2:2026-11-22T08:15:30.123456Z"},
            answer(Choice.TRIED, seen="2:2026-11-22T08:15:30.123456Z"),
        ),
        ({"choice": "tried", "seen": "<b>x</b>"}, answer(Choice.TRIED)),
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
        ({"choice": "lift", "reason": " "}, "reason", "why the customer may be contacted again"),
        ({"choice": "pass"}, "colleague", "name or e-mail address"),
        ({"choice": "pass", "colleague": " \n\u202e"}, "colleague", "name or e-mail address"),
        ({"choice": "pass", "colleague": "x" * 255}, "colleague", "at most 254 characters"),
        ({"choice": "tried", "note": "x" * (MAX_NOTE_CHARACTERS + 1)}, "note", "at most 2,000 characters"),
    ],
)
def test_a_form_that_is_no_answer_is_refused_with_a_sentence(form: dict[str, str], field: str, sentence: str) -> None:
    with pytest.raises(AnswerError) as refused:
        parse_answer({"click": "c1", **form}, today=TODAY)
    assert refused.value.field == field
    assert sentence in refused.value.explanation
    assert refused.value.explanation.endswith(".")


FIELDS = ("choice", "follow_up_on", "reason", "colleague", "confirm", "note", "i_am", "click")


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
        again = render_follow_up(page(problem=error.explanation, wrong_field=error.field, entered=form))
        assert Reader(again).named("form") == Reader(render_follow_up(page())).named("form")
        again.encode()
    else:
        assert (answered.choice is Choice.CONTACTED_FOLLOW_UP) is (answered.follow_up_on is not None)
        assert (answered.choice in {Choice.NOT_A_FIT, Choice.LIFT}) is bool(answered.reason)
        assert (answered.choice is Choice.PASS) is bool(answered.colleague)
        assert len(answered.said_by) <= MAX_NAME_CHARACTERS
        assert len(answered.note or "") <= MAX_NOTE_CHARACTERS
