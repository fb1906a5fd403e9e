"""When the owner of a lead is told and reminded, and why."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lead_core.lead.lead import Lead
from lead_core.lead.person import is_at_domain
from lead_core.lead.values import LeadKey, Status

TOLD_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class FollowUpPolicy:
    """What the settings say of following up."""

    waits: tuple[timedelta, ...] = (TOLD_AT_ONCE, timedelta(hours=24), timedelta(days=3), timedelta(days=7))
    """How long after the customer's action each mail is due; the first is the notice of a new lead."""
    internal_domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A row of the team's to-do list: who is due when."""

    due_at: datetime
    lead: LeadKey
    name: str
    company: str
    offer_title: str
    action_code: str
    owner: str
    waiting_since: datetime | None


def schedule(lead: Lead, policy: FollowUpPolicy) -> Lead:
    """Give *lead* with the time of its next reminder, and marked where it comes from our own people."""
    marked = replace(lead, is_internal=is_at_domain(lead.shown.email, policy.internal_domains))
    return replace(marked, next_reminder_at=find_due_time(marked, policy))


def find_due_time(lead: Lead, policy: FollowUpPolicy) -> datetime | None:
    """Say when the next mail about *lead* is due; never where it is no work, is answered or rests."""
    if lead.status is not Status.NEW or lead.is_test or lead.is_internal or lead.waiting_since is None:
        return None
    sent = lead.reminders_sent
    if sent >= len(policy.waits):
        return None
    due_at = lead.waiting_since + policy.waits[sent]
    if sent and lead.last_reminder_at:
        due_at = max(due_at, lead.last_reminder_at + policy.waits[sent] - policy.waits[sent - 1])
    return max(due_at, lead.snoozed_until) if lead.snoozed_until else due_at


def list_on_to_do(lead: Lead) -> FollowUp | None:
    """Give the row of ``FollowUps`` that *lead* asks for, if any."""
    if lead.next_reminder_at is None:
        return None
    return FollowUp(
        due_at=lead.next_reminder_at,
        lead=lead.key,
        name=lead.shown.name,
        company=lead.shown.company,
        offer_title=lead.shown.offer_title,
        action_code=lead.shown.action_code,
        owner=lead.cells.owner,
        waiting_since=lead.waiting_since,
    )
