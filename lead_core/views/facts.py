"""The facts of a lead as people see them. Every mail, page, report and notice takes them from here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from lead_core.lead.answers import count_attempts, find_answer
from lead_core.lead.choices import Choice
from lead_core.lead.lead import BY_GRID, Lead, Shown
from lead_core.lead.spam import is_spam
from lead_core.lead.values import Status, shorten
from lead_core.views.moments import describe_date
from lead_core.views.openings import (
    Passing,
    Reopening,
    find_owner,
    find_passing,
    find_reopening,
    name_colleague,
)
from lead_core.views.words import begin_sentence, describe_action, describe_choice, describe_status

_MAX_OFFER_CHARACTERS = 60
"""Of another offer, so that there is room for who has it."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a lead, in a plain sentence."""

    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A lead as it is shown, at one moment. ``""`` is unknown. Times are in the readers' zone."""

    shown: Shown
    """What the customer's actions say. A value that is added there can be shown in every view."""
    status: str
    """The table's word."""
    unread_status: str
    """A word in the status cell that the app could not read."""
    owner: str
    note: str
    disqualified_reason: str
    attempts: int
    mails_sent: int
    waited: timedelta | None
    """How long the customer has waited. None if the lead is answered."""
    seen_at: datetime
    """The moment at which the lead is shown."""
    acted_at: datetime
    """When the customer did what a mail is about. While they wait, it is since when they wait."""
    passing: Passing
    """How the lead came to an owner who has yet to be told."""
    reopening: Reopening
    """Why the lead is open again."""
    answered_at: datetime | None
    """When the lead was last answered. None while the customer waits."""
    answered_by: str
    other_offers: tuple[str, ...]
    """Plain sentences: ``Contoso ERP: started a test drive, answered on 26 November``."""
    history: tuple[HistoryLine, ...]
    """What happened so far, the latest first."""
    is_spam: bool = False

    @property
    def offer(self) -> str:
        """The offer's title, or its id if that is all that is known."""
        return _name_offer(self.shown)

    @property
    def acted_ago(self) -> timedelta:
        """How long ago the customer did what a mail is about."""
        return max(self.seen_at - self.acted_at, timedelta(0))


def collect_facts(lead: Lead, others: Sequence[Lead], *, now: datetime, zone: tzinfo) -> Facts:
    """Return the facts of *lead*. *others* are the leads of the same person on other offers."""
    waits_since = lead.waiting_since if lead.status is Status.NEW else None
    answer, seen_at = None if waits_since else find_answer(lead), now.astimezone(zone)
    return Facts(
        shown=lead.shown,
        status=lead.status.value,
        unread_status="" if lead.cells.status == lead.status else lead.cells.status,
        owner=lead.cells.owner,
        note=lead.cells.note,
        disqualified_reason=lead.cells.disqualified_reason if lead.status is Status.DISQUALIFIED else "",
        attempts=count_attempts(lead),
        mails_sent=lead.reminders_sent,
        waited=now - waits_since if waits_since else None,
        seen_at=seen_at,
        acted_at=_find_last_act(lead, now).astimezone(zone),
        passing=find_passing(lead),
        reopening=find_reopening(lead, now=now, zone=zone),
        answered_at=answer.at.astimezone(zone) if answer else None,
        answered_by=answer.who if answer else "",
        other_offers=tuple(_describe_other(other, find_owner(lead), seen_at) for other in others),
        is_spam=is_spam(lead),
        history=tuple(sorted(_tell_history(lead, zone), key=lambda line: line.at, reverse=True)),
    )


def _find_last_act(lead: Lead, now: datetime) -> datetime:
    last_at = lead.history.last_at if lead.history.count else now  # A history that a person edited may be empty.
    return lead.waiting_since or lead.history.news_since or last_at


def _name_offer(shown: Shown) -> str:
    return shown.offer_title or shown.offer_id


def _describe_other(other: Lead, owner: str, seen_at: datetime) -> str:
    """Return what the same person did on another offer, where it stands, and who has it if that is not *owner*."""
    did, state = describe_action(other.shown.action_code, other.shown.source), _tell_state(other, seen_at)
    others_owner, offer = find_owner(other), shorten(_name_offer(other.shown), _MAX_OFFER_CHARACTERS)
    if owner and others_owner and others_owner.casefold() != owner.casefold():
        who = name_colleague(others_owner, beside=owner)
        return f"{offer} ({who} has it, {state}): {did}"
    return f"{offer}: {did}, {state}"


def _tell_state(other: Lead, seen_at: datetime) -> str:
    answer = find_answer(other)
    day = f" on {describe_date(answer.at.astimezone(seen_at.tzinfo).date(), seen_at.date())}" if answer else ""
    match other.status:
        case Status.NEW:
            return "not answered yet"
        case Status.CONTACTED:
            return f"answered{day}"
    return f"{describe_status(other.status, is_spam=is_spam(other))}{day}"


def _tell_history(lead: Lead, zone: tzinfo) -> Iterator[HistoryLine]:
    for action in lead.history.actions:
        did = describe_action(action.code, action.source)
        yield HistoryLine(action.first_at.astimezone(zone), f"The customer {did}.")
    for taken in lead.decisions:
        chose = begin_sentence(describe_choice(taken.choice, taken.to))
        became = chose if taken.choice else describe_status(taken.status)
        if taken.choice == Choice.PASS and taken.by == BY_GRID:
            # It may be one who gets no mails.
            became = f"Another owner was typed: “{taken.to}”" if taken.to else "Another owner was typed"
        reason = f": “{taken.reason}”" if taken.reason else ""
        by = ", ".join(filter(None, (taken.name, taken.by)))
        yield HistoryLine(taken.at.astimezone(zone), f"{became}{reason} ({by}).")
