"""The follow-up page: who asked, what happened so far, and one tap to say what came of it. No script runs in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Self
from urllib.parse import urlencode

from lead_core.lead.answers import find_answers_meanwhile, find_status_of
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.lead import Lead
from lead_core.lead.qualification import parse_ticked
from lead_core.lead.values import Status, clean_text
from lead_core.views.colleagues import Colleague
from lead_core.views.drafts import OUR_DRAFTS, Drafts
from lead_core.views.facts import Facts, collect_facts
from lead_core.views.form import FIELD_LIMITS, LONGEST_FOLLOW_UP, fill_in, find_choice, find_ticks
from lead_core.views.lead_words import LeadWords, list_draft_links
from lead_core.views.recorded import find_recorded, name_recorded, tell_recorded
from lead_core.views.rendering import render
from lead_core.views.safe_text import calm, show_line, show_text
from lead_core.views.standing import Standing, Told, tell_standing
from lead_core.views.style import STYLE
from lead_core.views.who import Who
from lead_core.views.words import describe_day, describe_moment, describe_status

_MAX_LINE_CHARACTERS = 200
_MAX_SENTENCE_CHARACTERS = 500
_MAX_TEXT_CHARACTERS = 8_000
_MAX_TEXT_LINES = 200


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
    told: Told = field(default_factory=Told)
    """Where the lead stands."""
    who: Who | None = None
    """Who may be answering, if several people read the mailbox."""
    colleagues: tuple[Colleague, ...] = ()
    """Whom the page suggests for passing the lead on."""
    offered: tuple[str, ...] = ()
    """Beside a problem: the addresses from which its reader chooses. One that is no colleague's yet was typed."""
    my_leads: str = ""
    """The page with all open leads of its reader. ``""`` if it is not known."""
    questions: tuple[str, ...] = ()
    """What can be ticked beside *Qualified*."""
    drafts: Drafts = OUR_DRAFTS
    """The drafts of answers."""

    @classmethod
    def of(  # noqa: PLR0913 -- all that the page of a lead depends on
        cls,
        lead: Lead,
        others: Sequence[Lead],
        *,
        token: str,
        click: str,
        now: datetime,
        zone: tzinfo,
        touches: Sequence[timedelta] = (),
    ) -> Self:
        """Return the page of *lead* behind the link that holds *token*.

        *others* and *touches* are as for `collect_facts`.
        """
        return cls(
            facts=collect_facts(lead, others, now=now, zone=zone, touches=touches),
            action_url=find_page_url(token),
            click=click,
            today=now.astimezone(zone).date(),
            told=tell_standing(lead, now=now, zone=zone, touches=touches),
        )

    def after(self, lead: Lead, said: str, seen: str | None, *, now: datetime, zone: tzinfo) -> Self:
        """Return the page right after the answer that *said* names. Any other text in *said* changes nothing."""
        taken = find_recorded(lead, said)
        words = tell_recorded(lead, said, seen, now=now, zone=zone, plan=self.told.plan)
        return replace(self, said=words, chosen=find_choice({"choice": taken.choice}) if taken else None)


def find_page_url(token: str) -> str:
    """Return where the page is that the link with *token* opens."""
    return f"/api/follow-up/{token}"


def find_next_url(token: str, lead: Lead, answer: Answer) -> str:
    """Return where the page is that follows *answer*. Its address holds no text that the page would show."""
    said = {"said": name_recorded(lead, answer)}
    if find_answers_meanwhile(lead, answer):
        said["seen"] = answer.seen or ""
    return f"{find_page_url(token)}?{urlencode(said)}"


def render_follow_up(page: FollowUpPage) -> str:
    """Return the page of one lead as HTML."""
    facts, drafts = page.facts, page.drafts
    was_answered, sender = facts.answered_at is not None, page.who.name if page.who else ""
    lead = LeadWords.of(facts, limit=_MAX_LINE_CHARACTERS, was_answered=was_answered, drafts=drafts, sender=sender)
    return render(
        "page",
        style=STYLE,
        title=_entitle(page, lead.offer),
        page=page,
        lead=lead,
        draft_links=list_draft_links(facts, drafts, was_answered=was_answered, sender=sender) if lead.draft else (),
        about=lead.beside_name(lead.title, lead.company, lead.country),
        status_words=describe_status(show_line(facts.status, _MAX_LINE_CHARACTERS), is_spam=facts.is_spam),
        changes=_list_changes(page.told),
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
        entered=fill_in(page.entered, facts, today=page.today, planned_on=page.told.planned_on),
        ticks=find_ticks(page.entered, facts.qualification, page.questions),
        qualified_by=[show_line(text, _MAX_LINE_CHARACTERS) for text in parse_ticked(facts.qualification)],
        note=clean_text(calm(facts.note)),
        earliest=page.today + timedelta(days=1),
        latest=page.today + LONGEST_FOLLOW_UP,
        limits=FIELD_LIMITS,
    )


def render_message(title: str, text: str, *, can_renew: bool = False) -> str:
    """Return a page that says one thing: that a link has expired, or that a lead is gone.

    *can_renew* if a new link can be asked for. The page does not repeat the old one.
    """
    lines = show_text(text, _MAX_TEXT_CHARACTERS)
    return render("message", style=STYLE, title=calm(title), text=lines, can_renew=can_renew)


def _entitle(page: FollowUpPage, offer: str) -> str:
    """Return the page's title. It names no person, because a browser's history would keep the name."""
    title = f"Follow up: {offer}" if offer else "Follow up"
    if page.problem:
        return f"Not recorded. {title}"
    return f"Recorded. {title}" if page.said else title


def _list_changes(told: Told) -> dict[str, str]:
    """Return what each choice changes an answered lead's status from and to. A choice that changes nothing is left out.

    No button lowers a status without saying so.
    """
    if told.standing is not Standing.ANSWERED:
        return {}
    before = describe_status(told.status, is_spam=told.is_spam)
    hints = {}
    for choice in Choice:
        status = find_status_of(choice, told.status)
        after = describe_status(status or told.status, is_spam=choice is Choice.SPAM)
        if status is None or after == before or choice is Choice.DO_NOT_CONTACT:  # Its own words say more.
            continue
        change = f"Changes “{before}” to “{after}”."
        if status is Status.NEW:
            change = f"It was “{before}”. This opens it again, and the reminders go on."
        dropped = told.planned_on if status in {Status.NEW, Status.DISQUALIFIED} else None
        hints[choice.value] = change + (f" The follow-up of {describe_day(dropped)} is dropped." if dropped else "")
    return hints
