"""How urgent the open leads of one owner are, and in what order they stand."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from lead_core.lead.actions import rank_wish
from lead_core.lead.choices import Choice
from lead_core.lead.follow_up import TOLD_AT_ONCE, FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.to_do import find_follow_up_due, find_wait
from lead_core.lead.values import Status
from lead_core.lead.wishes import find_code


class Urgency(StrEnum):
    """How urgent an open lead is, the most urgent first."""

    OVERDUE = "overdue"
    """The customer waits longer than the first reminder, or the day of a follow-up is over."""
    DUE = "due"
    """The customer waits, or something is planned for today."""
    PLANNED = "planned"
    """The next attempt, or what it was put off for, comes on another day."""
    RESTING = "resting"
    """The customer waits, and no mail about it alone comes any more."""


def sort_open(leads: Iterable[Lead], *, now: datetime, policy: FollowUpPolicy) -> list[tuple[Urgency, Lead]]:
    """Return those of *leads* that are open, the most urgent first.

    Within an urgency, the longest wait comes first. Of what is due, the strongest wish comes before that, and what is
    planned stands by its time.
    """
    judged = ((find_urgency(lead, now=now, policy=policy), lead) for lead in leads)
    found = [(urgency, lead) for urgency, lead in judged if urgency]
    return sorted(found, key=lambda each: _rank(each[0], each[1], now))


def find_urgency(lead: Lead, *, now: datetime, policy: FollowUpPolicy) -> Urgency | None:
    """Return how urgent *lead* is. None if it is not open: answered without a plan, or no work."""
    if plan := _find_plan(lead, now):
        day, today = (moment.astimezone(policy.zone).date() for moment in (plan, now))
        return Urgency.PLANNED if day > today else Urgency.DUE if day == today else Urgency.OVERDUE
    if not lead.is_unanswered:
        return None
    if lead.next_reminder_at is None:
        return Urgency.RESTING
    first_reminder = next((wait for wait in policy.waits if wait > TOLD_AT_ONCE), timedelta.max)
    return Urgency.OVERDUE if now - find_wait(lead) >= first_reminder else Urgency.DUE


def _rank(urgency: Urgency, lead: Lead, now: datetime) -> tuple[int, int, datetime, tuple[str, str]]:
    wish = rank_wish(find_code(lead)) if urgency is Urgency.DUE else 0
    return list(Urgency).index(urgency), wish, _find_plan(lead, now) or find_wait(lead), lead.key


def _find_plan(lead: Lead, now: datetime) -> datetime | None:
    """Return when a person wanted to be told again about *lead*, or to try again. None if they did not say so."""
    next_at = lead.next_reminder_at
    if next_at is None or lead.status is not Status.NEW:
        return (lead.snoozed_until if next_at else None) or find_follow_up_due(lead)
    is_put_off = lead.snoozed_until is not None and lead.snoozed_until > now
    return next_at if next_at > now and (is_put_off or _was_tried(lead)) else None


def _was_tried(lead: Lead) -> bool:
    """Whether a person tried to reach the customer after the customer asked, and after the last mail about it."""
    tried_at = max((taken.at for taken in lead.decisions if taken.choice == Choice.TRIED), default=None)
    return tried_at is not None and tried_at >= max(filter(None, (find_wait(lead), lead.last_reminder_at)))
