"""All open leads of one owner, as a page: what waits longest, what is due, what is planned. No script runs in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple, Self

from lead_core.lead.urgency import Urgency
from lead_core.views.attempt_words import tell_plan
from lead_core.views.facts import Facts
from lead_core.views.lead_words import LeadWords
from lead_core.views.moments import describe_date, describe_when
from lead_core.views.rendering import render
from lead_core.views.style import STYLE
from lead_core.views.words import describe_attempts, describe_wait

TITLE: Final = "Your open leads"
_MAX_LINE_CHARACTERS: Final = 80
_NOTHING: Final = "No customer of yours waits for an answer, and no follow-up is planned."
_FRESHNESS: Final = (
    "As of {when}. Load the page again to see what changed since."
    " A lead that a colleague gave you in the table Leads stands here within the hour."
)
_MORE: Final = "And {more:,} more. They move up as these are answered."
_CUT: Final = "The app has more open leads than this page looks through, so there may be more of yours."


class GroupWords(NamedTuple):
    """What stands over the leads of one `Urgency`."""

    heading: str
    hint: str


GROUP_WORDS: Final[Mapping[Urgency, GroupWords]] = {
    Urgency.OVERDUE: GroupWords("Overdue", "These customers wait too long, or the day that you planned is over."),
    Urgency.DUE: GroupWords("Due", "These customers wait, or you planned them for today."),
    Urgency.PLANNED: GroupWords("Planned", "The next attempt or follow-up comes on another day."),
    Urgency.RESTING: GroupWords("Never answered", "The reminders have ended, and these customers still wait."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLead:
    """One lead that is open."""

    facts: Facts
    urgency: Urgency
    next_mail_at: datetime | None
    """When the next mail about it is due, in the readers' zone. None if none is."""
    planned_at: datetime | None = None
    """For when a follow-up was planned whose mail has come, in the readers' zone."""
    link: str
    """Its follow-up page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MyLeads:
    """What the page shows."""

    leads: tuple[OpenLead, ...]
    """The most urgent first."""
    more: int
    """How many more are listed as the owner's."""
    is_cut: bool
    """Whether the to-do list is longer than was read."""
    seen_at: datetime
    report_link: str = ""
    """The report, for the one who gets the weekly summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLeadWords:
    """The words of one lead."""

    name: str
    about: tuple[str, ...]
    """Company and offer."""
    action: str
    wait: str
    """Since when the customer waits, or when they were answered."""
    sentences: tuple[str, ...]
    """Who tried to reach them, and when the next mail comes."""
    link: str

    @classmethod
    def of(cls, lead: OpenLead) -> Self:
        """Return *lead* in words."""
        facts = lead.facts
        was_answered = facts.answered_at is not None
        plan = tell_plan(facts.plan, now=facts.seen_at, zone=facts.zone)
        words = LeadWords.of(facts, limit=_MAX_LINE_CHARACTERS, was_answered=was_answered, drafts=None)
        return cls(
            name=words.name,
            about=words.beside_name(words.company, words.offer),
            action=words.action,
            wait=_tell_wait(facts),
            sentences=tuple(filter(None, (describe_attempts(facts.attempts), plan, _tell_next(lead)))),
            link=lead.link,
        )


def render_my_leads(page: MyLeads) -> str:
    """Return the page as HTML. Its title names nobody, because a browser's history would keep the name."""
    groups = [(urgency, list(leads)) for urgency, leads in groupby(page.leads, key=lambda lead: lead.urgency)]
    return render(
        "my_leads",
        style=STYLE,
        title=TITLE,
        freshness=_FRESHNESS.format(when=describe_when(page.seen_at, page.seen_at)),
        groups=[
            (urgency, GROUP_WORDS[urgency], [OpenLeadWords.of(lead) for lead in leads]) for urgency, leads in groups
        ],
        closing=_close(page),
        report_link=page.report_link,
    )


def _tell_wait(facts: Facts) -> str:
    if facts.answered_at:
        return f"Answered on {describe_date(facts.answered_at.date(), facts.seen_at.date())}."
    waited = f" for {describe_wait(facts.waited)}," if facts.waited is not None else ""
    return f"Waiting{waited} since {describe_when(facts.acted_at, facts.seen_at)}."


def _tell_next(lead: OpenLead) -> str:
    shown, next_at, seen_at = lead.facts.shown, lead.next_mail_at, lead.facts.seen_at
    if lead.planned_at:
        return f"A follow-up was planned for {describe_date(lead.planned_at.date(), seen_at.date())}."
    if next_at is None:
        return "" if shown.email or shown.phone else "They left no e-mail address and no phone."
    if next_at <= seen_at:
        return "A mail about it is due now."
    return f"The next mail comes on {describe_when(next_at, seen_at)}."


def _close(page: MyLeads) -> Sequence[str]:
    """Return the sentences under the leads."""
    nothing = "" if page.leads or page.more else _NOTHING
    more = _MORE.format(more=page.more) if page.more else ""
    return [sentence for sentence in (nothing, more, _CUT if page.is_cut else "") if sentence]
