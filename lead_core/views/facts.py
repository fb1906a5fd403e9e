"""The facts of a lead as people see them. Every mail, page, report and notice takes them from here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from lead_core.lead.answers import count_attempts, find_answer
from lead_core.lead.attempts import Plan, find_next_attempt, find_plan
from lead_core.lead.choices import Choice
from lead_core.lead.delivery import Shown
from lead_core.lead.follow_up import find_owner
from lead_core.lead.lead import BY_GRID, Lead
from lead_core.lead.spam import is_spam
from lead_core.lead.values import Status, shorten
from lead_core.lead.wishes import find_code, find_latest, find_lift, find_unanswered, find_wish
from lead_core.views.moments import describe_date, describe_when
from lead_core.views.openings import (
    Passing,
    Reopening,
    describe_became,
    find_passing,
    find_reopening,
    name_colleague,
)
from lead_core.views.words import begin_sentence, describe_action, describe_choice, describe_status, find_place

_NO_OFFER = "an offer without a name"
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
    """What the customer's actions say. A value that is added there can be shown in every view.

    The action in it is the one that leads: see `find_wish`.
    """
    status: str
    """The table's word."""
    unread_status: str
    """A word in the status cell that the app could not read."""
    owner: str
    """Who really gets the mails."""
    note: str
    disqualified_reason: str
    qualification: str = ""
    """The cell: what makes it qualified."""
    attempts: int
    next_attempt: int = 1
    """The number of the next attempt to reach the customer. 1 is the first answer."""
    plan: Plan | None = None
    """What comes after the attempts so far. None before the first attempt, or without a plan."""
    mails_sent: int
    waited: timedelta | None
    """How long the customer has waited. None if the lead is answered."""
    seen_at: datetime
    """The moment at which the lead is shown."""
    acted_at: datetime
    """When the customer did what a mail is about. While they wait, it is since when they wait."""
    wished_at: datetime | None = None
    """When the customer did what *shown* says, if that is not *acted_at*."""
    did_later: str = ""
    """What they did after that, and when: ``started a test drive on Fri 27 Nov, 14:46 CET``."""
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
    is_typed: bool = False
    """Whether a person typed the lead, so that nobody else knows more about it."""

    @property
    def offer(self) -> str:
        """The offer's title, or its id if that is all that is known."""
        return _name_offer(self.shown)

    @property
    def zone(self) -> tzinfo:
        """The readers' time zone."""
        return self.seen_at.tzinfo or UTC

    @property
    def acted_ago(self) -> timedelta:
        """How long ago the customer did what a mail is about."""
        return max(self.seen_at - self.acted_at, timedelta(0))


def collect_facts(
    lead: Lead, others: Sequence[Lead], *, now: datetime, zone: tzinfo, touches: Sequence[timedelta] = ()
) -> Facts:
    """Return the facts of *lead*. *others* are the leads of the same person on other offers.

    *touches* are the plan of attempts, for a view that shows it.
    """
    waits_since = lead.waiting_since if lead.status is Status.NEW else None
    acted_at, wish = _find_last_act(lead, now), find_wish(lead)
    wished_at = wish.first_at if waits_since and wish else acted_at
    answer, seen_at = None if waits_since else find_answer(lead), now.astimezone(zone)
    plan = find_plan(lead, touches)
    return Facts(
        shown=_show_wish(lead),
        status=lead.status.value,
        unread_status="" if lead.cells.status == lead.status else lead.cells.status,
        owner=find_owner(lead),
        note=lead.cells.note,
        disqualified_reason=lead.cells.disqualified_reason if lead.status is Status.DISQUALIFIED else "",
        attempts=plan.made if plan else count_attempts(lead),
        next_attempt=find_next_attempt(lead),
        plan=plan,
        qualification=lead.cells.qualification,
        mails_sent=lead.reminders_sent,
        waited=now - waits_since if waits_since else None,
        seen_at=seen_at,
        acted_at=acted_at.astimezone(zone),
        wished_at=wished_at.astimezone(zone) if wished_at != acted_at else None,
        did_later=_tell_later(lead, seen_at),
        passing=find_passing(lead),
        reopening=find_reopening(lead, now=now, zone=zone),
        answered_at=answer.at.astimezone(zone) if answer else None,
        answered_by=answer.who if answer else "",
        other_offers=tuple(_describe_other(other, find_owner(lead), seen_at) for other in others),
        is_spam=is_spam(lead),
        is_typed=not lead.identified_by,
        history=tuple(sorted(_tell_history(lead, zone), key=lambda line: line.at, reverse=True)),
    )


def _find_last_act(lead: Lead, now: datetime) -> datetime:
    last_at = lead.history.last_at if lead.history.count else now  # A history that a person edited may be empty.
    if lead.waiting_since and find_lift(lead) and (unanswered := find_unanswered(lead)):
        return unanswered[0].first_at  # They have waited since then, although the lead was closed for a while.
    return lead.waiting_since or lead.history.news_since or last_at


def _show_wish(lead: Lead) -> Shown:
    """Return what *lead* shows, with the action that leads."""
    wish = find_wish(lead)
    is_latest = wish is None or find_code(lead) == lead.shown.action_code
    return lead.shown if wish is None or is_latest else replace(lead.shown, action_code=wish.code, source=wish.source)


def _tell_later(lead: Lead, seen_at: datetime) -> str:
    """Return what a customer did after the action that leads, if it is something else."""
    wish, latest = find_wish(lead), find_latest(lead)
    if wish is None or latest is None or find_code(lead) == lead.shown.action_code:
        return ""
    when = describe_when(latest.first_at.astimezone(seen_at.tzinfo), seen_at)
    return f"{describe_action(latest.code, latest.source)} on {when}"


def _name_offer(shown: Shown) -> str:
    return shown.offer_title or shown.offer_id


def _describe_other(other: Lead, owner: str, seen_at: datetime) -> str:
    """Return what the same person did on another offer, where it stands, and who has it if that is not *owner*."""
    wish = _show_wish(other)
    did, state = describe_action(wish.action_code, wish.source), _tell_state(other, seen_at)
    others_owner, offer = find_owner(other), shorten(_name_offer(other.shown) or _NO_OFFER, _MAX_OFFER_CHARACTERS)
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
    if answer is None:
        return "nothing to do"  # The marketplace says that the customer asked another partner.
    return f"{describe_became(other.status, is_spam=is_spam(other))}{day}"


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
        by = find_place(taken) or ", ".join(filter(None, (taken.name, taken.by)))
        yield HistoryLine(taken.at.astimezone(zone), f"{became}{reason} ({by}).")
