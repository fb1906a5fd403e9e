"""The follow-up page: who asked, what happened so far, and one tap to say what came of it. No script runs in it."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Self

from lead_core.lead.choices import Answer, Choice
from lead_core.lead.lead import Lead
from lead_core.lead.values import Status, clean_text
from lead_core.views.colleagues import Colleague
from lead_core.views.facts import Facts, collect_facts
from lead_core.views.form import FIELD_LIMITS, LONGEST_FOLLOW_UP, fill_in
from lead_core.views.lead_words import LeadWords
from lead_core.views.rendering import TEMPLATES, render
from lead_core.views.safe_text import calm, show_line, show_text
from lead_core.views.who import Who
from lead_core.views.words import (
    describe_attempts,
    describe_choice,
    describe_day,
    describe_moment,
    describe_status,
    describe_wait,
)

_MAX_LINE_CHARACTERS = 200
_MAX_SENTENCE_CHARACTERS = 500
_MAX_TEXT_CHARACTERS = 8_000
_MAX_TEXT_LINES = 200
_SOON = timedelta(minutes=10)

_STYLE = (TEMPLATES / "page.css.j2").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The header that goes with each page. https://www.w3.org/TR/CSP3/"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpPage:
    """What the page of one lead shows."""

    facts: Facts
    action_url: str
    """Where the form goes."""
    click: str
    """An id that is used once, so that the same click is recorded once."""
    today: date
    said: str = ""
    """What was recorded just now, and what happens next."""
    problem: str = ""
    """Why nothing was recorded, in plain words."""
    wrong_field: str = ""
    """The form's field that *problem* is about: `AnswerError.field`."""
    entered: Mapping[str, str] = field(default_factory=dict)
    """The form as it came, shown again beside a problem."""
    chosen: Choice | None = None
    """What is recorded now. Beside a problem nothing is marked as recorded."""
    owner_problem: str = ""
    """What is wrong with the owner cell, and what to write."""
    who: Who | None = None
    """Who may be answering, if several people read the mailbox."""
    colleagues: tuple[Colleague, ...] = ()
    """Whom the page suggests for passing the lead on."""
    offered: tuple[str, ...] = ()
    """Beside a problem: the addresses from which its reader chooses. The last is the one that was typed."""
    cookie: str = ""
    """The ``Set-Cookie`` header that goes with the page."""

    @classmethod
    def of(  # noqa: PLR0913 -- all that the page of a lead depends on
        cls, lead: Lead, others: Sequence[Lead], *, token: str, click: str, now: datetime, zone: tzinfo
    ) -> Self:
        """Return the page of *lead* behind the link that holds *token*. *others* are as for `collect_facts`."""
        return cls(
            facts=collect_facts(lead, others, now=now, zone=zone),
            action_url=f"/api/follow-up/{token}",
            click=click,
            today=now.astimezone(zone).date(),
        )


def render_follow_up(page: FollowUpPage) -> str:
    """Return the page of one lead as HTML."""
    facts = page.facts
    lead = LeadWords.of(facts, limit=_MAX_LINE_CHARACTERS, was_answered=facts.answered_at is not None)
    return render(
        "page",
        style=_STYLE,
        title=_entitle(page, lead.offer),
        page=page,
        lead=lead,
        about=lead.beside_name(lead.title, lead.company, lead.country),
        status=describe_status(show_line(facts.status, _MAX_LINE_CHARACTERS), is_spam=facts.is_spam),
        state=_describe_state(facts),
        quote=show_text(facts.shown.description, _MAX_TEXT_CHARACTERS, max_lines=_MAX_TEXT_LINES),
        others=[show_line(other, _MAX_LINE_CHARACTERS) for other in facts.other_offers],
        owner=show_line(facts.owner, _MAX_LINE_CHARACTERS),
        owner_problem=show_line(page.owner_problem, _MAX_SENTENCE_CHARACTERS),
        history=[
            (line.at, describe_moment(line.at), show_line(line.sentence, _MAX_SENTENCE_CHARACTERS))
            for line in facts.history
        ],
        recorded=None if page.problem else page.chosen,
        said=show_text(page.said, _MAX_TEXT_CHARACTERS),
        entered=fill_in(page.entered, facts, today=page.today),
        note_was=clean_text(calm(facts.note)),
        earliest=page.today + timedelta(days=1),
        latest=page.today + LONGEST_FOLLOW_UP,
        limits=FIELD_LIMITS,
    )


def render_message(title: str, text: str) -> str:
    """Return a page that says one thing: that a link has expired, or that a lead is gone."""
    return render("message", style=_STYLE, title=calm(title), text=show_text(text, _MAX_TEXT_CHARACTERS))


def say_what_is_next(lead: Lead, answer: Answer, *, now: datetime, zone: tzinfo) -> str:
    """Return what was recorded, and when the next mail about *lead* comes. *lead* is as the answer left it."""
    recorded = f"Recorded: {describe_choice(answer.choice)}."
    if answer.choice is Choice.DO_NOT_CONTACT:
        return f"{recorded} Nobody is reminded of this customer any more, on any offer."
    if lead.status is Status.DO_NOT_CONTACT:
        return f"{recorded} This customer is not to be contacted, on any offer, so nobody is reminded."
    if lead.next_reminder_at is None:
        return f"{recorded} There are no more reminders, unless the customer asks to be contacted again."
    next_at = lead.next_reminder_at.astimezone(zone)
    if answer.choice is Choice.PASS:
        is_soon = lead.next_reminder_at <= now + _SOON
        return f"{recorded} {lead.cells.owner} is told {'within minutes' if is_soon else describe_moment(next_at)}."
    if answer.choice is Choice.CONTACTED_FOLLOW_UP:
        return f"{recorded} You are reminded on {describe_day(next_at.date())}."
    return f"{recorded} The next reminder comes on {describe_moment(next_at)}."


def _entitle(page: FollowUpPage, offer: str) -> str:
    """Return the page's title. It names no person, because a browser's history would keep the name."""
    title = f"Follow up: {offer}" if offer else "Follow up"
    if page.problem:
        return f"Not recorded. {title}"
    return f"Recorded. {title}" if page.said else title


def _describe_state(facts: Facts) -> str:
    """Return how long the customer has waited, or who answered when."""
    waits = f"Waiting for {describe_wait(facts.waited)}." if facts.waited is not None else ""
    by = f" by {show_line(facts.answered_by, _MAX_LINE_CHARACTERS)}" if facts.answered_by else ""
    answered = f"Recorded{by} on {describe_moment(facts.answered_at)}." if facts.answered_at else ""
    reason = (
        f"Reason: {show_line(facts.disqualified_reason, _MAX_SENTENCE_CHARACTERS)}"
        if facts.disqualified_reason and not facts.is_spam
        else ""
    )
    return " ".join(
        filter(None, (f"{waits} {describe_attempts(facts.attempts)}".strip() if waits else answered, reason))
    )
