"""The form of the follow-up page: what its fields may hold, and what a posted form says."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl

from lead_core.errors import AnswerError
from lead_core.lead.addresses import MAX_ADDRESS_CHARACTERS
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.qualification import find_ticked
from lead_core.lead.values import clean_line, clean_text
from lead_core.lead.who import clean_name
from lead_core.views.facts import Facts
from lead_core.views.safe_text import calm, show_line

MAX_FORM_BYTES = 256 * 1024
"""A note of 8,000 characters comes twice, old and new, at up to twelve bytes a character."""
LONGEST_FOLLOW_UP = timedelta(days=365)
MAX_REASON_CHARACTERS = 200
MAX_NOTE_CHARACTERS = 2_000
FIELD_LIMITS = {"reason": MAX_REASON_CHARACTERS, "colleague": MAX_ADDRESS_CHARACTERS, "note": MAX_NOTE_CHARACTERS}

_REASONS = {
    Choice.NOT_A_FIT: "Say in a few words why it is not a fit.",
    Choice.LIFT: "Say in a few words why the customer may be contacted again.",
}
"""The choices that need a reason, and what is said if there is none."""
_USUAL_FOLLOW_UP = timedelta(days=7)
_MAX_SHOWN_AGAIN_CHARACTERS = 500
_TICKED, _TICKED_WAS = "ticked-", "ticked_was"
"""How the fields of the questions begin, such as ``ticked-1``, and what was ticked before."""
_CLICK = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SEEN = re.compile(r"[0-9]{1,7}:[0-9TZ:.-]{0,30}", re.ASCII)
"""`mark_seen` gives such a text."""


def decode_form(body: bytes) -> dict[str, str]:
    """Read the fields of a posted form. What is too long for a form is cut off."""
    return dict(parse_qsl(body[:MAX_FORM_BYTES].decode("utf-8", "replace"), keep_blank_values=True))


def parse_answer(form: Mapping[str, str], *, today: date, questions: Sequence[str] = ()) -> Answer:
    """Read an answer. Fields that its choice does not use are left out. *questions* can be ticked beside *qualified*.

    Raises: AnswerError, with the field that is wrong.
    """
    choice = find_choice(form)
    if choice is None:
        raise AnswerError("Choose what happened.", "choice")
    click = form.get("click", "")
    if not _CLICK.fullmatch(click):
        raise AnswerError("This page is incomplete. Open the link in your mail again.", "click")
    ticked, unticked = _parse_ticks(form, questions) if choice is Choice.QUALIFIED else ((), ())
    return Answer(
        choice=choice,
        follow_up_on=_parse_day(form, today) if choice is Choice.CONTACTED_FOLLOW_UP else None,
        reason=_parse_reason(form, choice) if choice in _REASONS else "",
        colleague=_parse_colleague(form) if choice is Choice.PASS else "",
        ticked=ticked,
        unticked=unticked,
        is_confirmed=choice is Choice.PASS and bool(form.get("confirm")),
        note=(note := _parse_note(form)),
        note_was="" if note is None else _show_note(form.get("note_was", "")),
        seen=find_seen(form),
        click=click,
        said_by=clean_name(calm(form.get("i_am", ""))),
    )


class Ticks(NamedTuple):
    """The boxes of the questions beside *Qualified*."""

    now: tuple[str, ...]
    """The questions whose boxes are ticked."""
    before: str
    """What was ticked before, as a cell has it. It goes with the form, as `note_was` does."""


def find_ticks(entered: Mapping[str, str], cell: str, questions: Sequence[str]) -> Ticks:
    """Return the boxes as they were *entered*, else as the *cell* has them."""
    if _TICKED_WAS in entered:
        return Ticks(_list_ticks(entered, questions), "; ".join(find_ticked(entered[_TICKED_WAS], questions)))
    ticked = find_ticked(cell, questions)
    return Ticks(ticked, "; ".join(ticked))


def find_seen(form: Mapping[str, str]) -> str | None:
    """Return what the page remembers of the lead that it shows: `mark_seen`. None if a form or link does not say."""
    seen = form.get("seen")
    return None if seen is None or not _SEEN.fullmatch(seen) else seen


def find_choice(form: Mapping[str, str]) -> Choice | None:
    """Return the choice of a form, also of the button that confirms a colleague. None if it is not one of ours."""
    if form.get("confirm"):
        return Choice.PASS
    return next((choice for choice in Choice if choice == form.get("choice")), None)


def fill_in(entered: Mapping[str, str], facts: Facts, *, today: date, planned_on: date | None = None) -> dict[str, str]:
    """Return the contents of the form's fields: what was *entered*, else what is known."""
    filled = {
        name: show_line(entered.get(name, ""), _MAX_SHOWN_AGAIN_CHARACTERS)
        for name in ("follow_up_on", "reason", "colleague")
    }
    is_ahead = planned_on is not None and planned_on > today
    usual = planned_on if planned_on and is_ahead else today + _USUAL_FOLLOW_UP
    filled["follow_up_on"] = filled["follow_up_on"] or usual.isoformat()
    known = "" if facts.is_spam else facts.disqualified_reason
    filled["reason"] = filled["reason"] or show_line(known, MAX_REASON_CHARACTERS)
    # The note that its writer saw goes with what they wrote. If they wrote nothing, they see the note as it is now.
    shown = (entered["note"], entered.get("note_was", "")) if _is_note_written(entered) else (facts.note, facts.note)
    filled["note"], filled["note_was"] = map(_show_note, shown)
    return filled


def _parse_ticks(form: Mapping[str, str], questions: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what was ticked and what was unticked on the page. What a colleague ticked meanwhile is neither."""
    before, now = find_ticked(form.get(_TICKED_WAS, ""), questions), _list_ticks(form, questions)
    return tuple(each for each in now if each not in before), tuple(each for each in before if each not in now)


def _list_ticks(form: Mapping[str, str], questions: Iterable[str]) -> tuple[str, ...]:
    """Return the *questions* that a form ticks. It names each by its text, because the setting may have changed."""
    said = {text for name, text in form.items() if name.startswith(_TICKED)}
    return tuple(question for question in questions if question in said)


def _parse_day(form: Mapping[str, str], today: date) -> date:
    text = form.get("follow_up_on", "").strip()
    if not text:
        raise AnswerError("Choose the day on which to follow up.", "follow_up_on")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        example = (today + _USUAL_FOLLOW_UP).isoformat()
        raise AnswerError(f"Write the day as year, month, day: {example}.", "follow_up_on") from error
    if day <= today:
        raise AnswerError("Choose a day after today.", "follow_up_on")
    if day > today + LONGEST_FOLLOW_UP:
        raise AnswerError("Choose a day within a year.", "follow_up_on")
    return day


def _parse_reason(form: Mapping[str, str], choice: Choice) -> str:
    reason = _bound(clean_line(calm(form.get("reason", ""))), "reason")
    if not reason:
        raise AnswerError(_REASONS[choice], "reason")
    return reason


def _parse_colleague(form: Mapping[str, str]) -> str:
    typed = clean_line(calm(form.get("confirm") or form.get("colleague", "")))
    if not typed:
        raise AnswerError("Write your colleague's name or e-mail address.", "colleague")
    return _bound(typed, "colleague")


def _parse_note(form: Mapping[str, str]) -> str | None:
    """Read the note. None if it is as the page showed it, so that it does not overwrite a newer one."""
    return _bound(_show_note(form["note"]), "note") if _is_note_written(form) else None


def _is_note_written(form: Mapping[str, str]) -> bool:
    """Whether the note was changed on the page. A page without a field for it says nothing about it."""
    return "note" in form and _show_note(form["note"]) != _show_note(form.get("note_was", ""))


def _show_note(text: str) -> str:
    return clean_text(calm(text))


def _bound(text: str, field: str) -> str:
    limit = FIELD_LIMITS[field]
    if len(text) > limit:
        raise AnswerError(f"The {field} is too long: at most {limit:,} characters can be kept.", field)
    return text
