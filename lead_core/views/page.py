"""The follow-up page: who asked, what happened so far, and one tap to say what came of it. No script runs in it."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from lead_core.lead.choices import Answer, Choice
from lead_core.lead.values import clean_line, clean_text
from lead_core.views.rendering import TEMPLATES, render
from lead_core.views.words import (
    MAX_ADDRESS_CHARACTERS,
    calm,
    describe_action,
    describe_attempts,
    describe_caution,
    describe_moment,
    describe_status,
    describe_wait,
    draft_first_answer,
    draft_next_answer,
    format_phone,
    is_plausible_address,
    mailto,
    name_country,
    show_line,
    show_text,
    tel,
)

LONGEST_FOLLOW_UP = timedelta(days=365)
MAX_REASON_CHARACTERS = 200
MAX_NOTE_CHARACTERS = 2_000

_USUAL_FOLLOW_UP = timedelta(days=7)
_MAX_LINE_CHARACTERS = 200
_MAX_TEXT_CHARACTERS = 8_000
_CLICK = re.compile(r"[A-Za-z0-9_-]{1,64}")

_STYLE = (TEMPLATES / "page.css.j2").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The header that goes with each page. https://www.w3.org/TR/CSP3/"""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a lead, in a plain sentence."""

    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpPage:
    """All that the page shows of one lead; ``""`` is unknown. Times are shown in the zone they are given in."""

    name: str
    first_name: str
    company: str
    title: str
    country: str
    email: str
    phone: str
    offer: str
    source: str
    action_code: str
    description: str
    status: str
    """The table's word."""
    owner: str
    note: str
    disqualified_reason: str = ""
    attempts: int = 0
    waited: timedelta | None
    """How long the customer waits; None where nobody waits."""
    answered_at: datetime | None
    answered_by: str
    other_offers: tuple[str, ...]
    """Plain sentences: ``Contoso ERP: started a test drive, answered``."""
    history: tuple[HistoryLine, ...]
    """In the order in which it is shown."""
    action_url: str
    """Where the form goes."""
    click: str
    """An id that is used once, so that the same click is recorded once."""
    said: str = ""
    """What was recorded just now, and what happens next."""
    problem: str = ""
    """Why nothing was recorded, in plain words."""
    wrong_field: str = ""
    """The form's field that *problem* is about: `AnswerError.field`."""
    entered: Mapping[str, str] = field(default_factory=dict)
    """The form as it came, shown again beside a problem."""
    chosen: Choice | None = None
    """What is recorded now; beside a problem nothing is marked as such."""
    today: date


class AnswerError(ValueError):
    """What is wrong with a form, in a sentence for the one who filled it in."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
        """The form's field that it is about, ``""`` for none."""


def render_follow_up(page: FollowUpPage) -> str:
    """Give the page of one lead."""
    name, company, title, country, phone = (
        show_line(text, _MAX_LINE_CHARACTERS)
        for text in (page.name, page.company, page.title, name_country(page.country), format_phone(page.phone))
    )
    email, offer = show_line(page.email, MAX_ADDRESS_CHARACTERS), show_line(page.offer, _MAX_LINE_CHARACTERS)
    shown_name = name or email or phone or company or "Somebody who left no name"
    action = describe_action(page.action_code, page.source)
    subject, body = _draft(page)
    return render(
        "page",
        style=_STYLE,
        title=_entitle(page, offer),
        page=page,
        name=shown_name,
        about=[part for part in (title, company, country) if part and part != shown_name],
        offer=offer,
        action=f"{action[:1].upper()}{action[1:]}.",
        caution=describe_caution(page.action_code),
        status=describe_status(show_line(page.status, _MAX_LINE_CHARACTERS)),
        state=_describe_state(page),
        quote=show_text(page.description, _MAX_TEXT_CHARACTERS, max_lines=200),
        others=[show_line(other, _MAX_LINE_CHARACTERS) for other in page.other_offers],
        phone=phone,
        phone_link=tel(page.phone),
        email=email,
        email_link=mailto(email),
        draft_link=mailto(email, subject=subject, body=body),
        owner=show_line(page.owner, _MAX_LINE_CHARACTERS),
        history=[(line.at, describe_moment(line.at), show_line(line.sentence, 500)) for line in page.history],
        recorded=None if page.problem else page.chosen,
        said=show_text(page.said, _MAX_TEXT_CHARACTERS),
        entered=_fill_in(page),
        note_was=clean_text(calm(page.note)),
        earliest=page.today + timedelta(days=1),
        latest=page.today + LONGEST_FOLLOW_UP,
        limits={"reason": MAX_REASON_CHARACTERS, "colleague": MAX_ADDRESS_CHARACTERS, "note": MAX_NOTE_CHARACTERS},
    )


def render_message(title: str, text: str) -> str:
    """Give a page that says one thing: that a link has expired, or that a lead is gone."""
    return render("message", style=_STYLE, title=calm(title), text=show_text(text, _MAX_TEXT_CHARACTERS))


def parse_answer(form: Mapping[str, str], *, today: date) -> Answer:
    """Read the follow-up page's form. What the choice has no use for is left out, whatever it holds.

    Raises: AnswerError, with the field that is wrong.
    """
    try:
        choice = Choice(form.get("choice", ""))
    except ValueError as error:
        raise AnswerError("Choose what happened.", "choice") from error
    click = form.get("click", "")
    if not _CLICK.fullmatch(click):
        raise AnswerError("This page is incomplete. Open the link in your mail again.", "click")
    return Answer(
        choice=choice,
        follow_up_on=_parse_day(form, today) if choice is Choice.CONTACTED_FOLLOW_UP else None,
        reason=_parse_reason(form) if choice is Choice.NOT_A_FIT else "",
        colleague=_parse_colleague(form) if choice is Choice.PASS else "",
        note=_parse_note(form),
        click=click,
    )


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


def _parse_reason(form: Mapping[str, str]) -> str:
    reason = _bound(clean_line(calm(form.get("reason", ""))), "reason", MAX_REASON_CHARACTERS)
    if not reason:
        raise AnswerError("Say in a few words why it is not a fit.", "reason")
    return reason


def _parse_colleague(form: Mapping[str, str]) -> str:
    address = form.get("colleague", "").strip()
    if not is_plausible_address(address):
        raise AnswerError("Write your colleague's e-mail address, such as name@contoso.com.", "colleague")
    return address


def _parse_note(form: Mapping[str, str]) -> str | None:
    """Read the note; one left as the page showed it must not overwrite what somebody wrote into the table since."""
    shown, note = (clean_text(calm(form.get(name, ""))) for name in ("note_was", "note"))
    return None if note == shown else _bound(note, "note", MAX_NOTE_CHARACTERS)


def _bound(text: str, field: str, limit: int) -> str:
    if len(text) > limit:
        raise AnswerError(f"The {field} is too long: at most {limit:,} characters can be kept.", field)
    return text


def _draft(page: FollowUpPage) -> tuple[str, str]:
    if page.answered_at:
        return draft_next_answer(first_name=page.first_name, offer=page.offer)
    return draft_first_answer(code=page.action_code, first_name=page.first_name, offer=page.offer)


def _entitle(page: FollowUpPage, offer: str) -> str:
    """Name the page without its person, whom a browser's history would keep."""
    title = f"Follow up: {offer}" if offer else "Follow up"
    if page.problem:
        return f"Not recorded. {title}"
    return f"Recorded. {title}" if page.said else title


def _describe_state(page: FollowUpPage) -> str:
    """Say how long the customer waits, or who said when what stands there."""
    waits = f"Waiting for {describe_wait(page.waited)}." if page.waited is not None else ""
    by = f" by {show_line(page.answered_by, _MAX_LINE_CHARACTERS)}" if page.answered_by else ""
    answered = f"Recorded{by} on {describe_moment(page.answered_at)}." if page.answered_at else ""
    reason = f"Reason: {show_line(page.disqualified_reason, 500)}" if page.disqualified_reason else ""
    return " ".join(
        filter(None, (f"{waits} {describe_attempts(page.attempts)}".strip() if waits else answered, reason))
    )


def _fill_in(page: FollowUpPage) -> dict[str, str]:
    """Give what stands in the form's fields: after a problem what was entered, else what is known."""
    entered = {name: show_line(page.entered.get(name, ""), 500) for name in ("follow_up_on", "reason", "colleague")}
    entered["follow_up_on"] = entered["follow_up_on"] or (page.today + _USUAL_FOLLOW_UP).isoformat()
    entered["reason"] = entered["reason"] or show_line(page.disqualified_reason, MAX_REASON_CHARACTERS)
    entered["note"] = clean_text(calm(page.entered.get("note", page.note)))
    return entered
