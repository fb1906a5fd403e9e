"""The team's to-do list: every lead that waits for an answer or a follow-up, and when its next mail is due."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lead_core.lead.attempts import Plan, find_plan, is_awaiting_attempt
from lead_core.lead.follow_up import (
    TOLD_AT_ONCE,
    FollowUpPolicy,
    find_owner,
    find_passing_on,
    has_untold_owner,
    is_escalating,
)
from lead_core.lead.lead import Lead
from lead_core.lead.values import LeadKey, Status

NEVER_ANSWERED = "never answered"
CANNOT_BE_REACHED = "cannot be reached"
TO_BE_ESCALATED = "never answered, goes to ESCALATE_TO"
FOLLOW_UP_DUE = "follow-up due"


class Place(NamedTuple):
    """Where an entry stands in the list. The entries without a next mail come first."""

    at: datetime
    """When the next mail is due. If none is, since when the customer has waited, or when the follow-up was due."""
    rests: bool = False
    """Whether the customer was never answered, and no mail is due."""
    is_follow_up: bool = False
    """Whether the mail about a planned follow-up has come, and nobody has said what came of it. No mail is due."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A row of the to-do list: who is due when, or never got an answer."""

    place: Place
    lead: LeadKey
    state: str = ""
    """Words for people. They are true whenever they are read: a number of days is the one at the due time."""
    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    offer_title: str = ""
    action_code: str = ""
    owner: str = ""
    """The address that gets the mails, whatever the owner cell says."""
    waiting_since: datetime | None = None
    problem: str = ""
    """What those who edit the list must know."""


def find_follow_up(lead: Lead, policy: FollowUpPolicy) -> FollowUp | None:
    """Return the row of ``FollowUps`` that *lead* asks for. None if there is nothing to do."""
    place = _find_place(lead)
    if place is None:
        return None
    return FollowUp(
        place=place,
        lead=lead.key,
        state=_describe_state(lead, place, policy),
        name=lead.shown.name,
        company=lead.shown.company,
        email=lead.shown.email,
        phone=lead.shown.phone,
        offer_title=lead.shown.offer_title,
        action_code=lead.shown.action_code,
        owner=find_owner(lead),
        waiting_since=lead.waiting_since,
    )


def is_at(lead: Lead | None, place: Place) -> bool:
    """Whether the entry of *lead* stands at *place* of the to-do list."""
    return lead is not None and _find_place(lead) == place


def is_open(lead: Lead) -> bool:
    """Whether the customer of *lead* waits for an answer, or a mail about it is due for another reason."""
    return lead.is_unanswered or lead.next_reminder_at is not None


def find_follow_up_due(lead: Lead) -> datetime | None:
    """Return for when a follow-up was planned, if its mail has come and nobody has said what came of it."""
    is_work = not (lead.is_test or lead.is_internal)
    return lead.due_plan_at if is_work and lead.status is not Status.NEW else None


def _find_place(lead: Lead) -> Place | None:
    if lead.next_reminder_at is not None:
        return Place(lead.next_reminder_at)
    if lead.is_unanswered:
        return Place(find_wait(lead), rests=True)
    due_at = find_follow_up_due(lead)
    return Place(due_at, is_follow_up=True) if due_at else None


def find_wait(lead: Lead) -> datetime:
    """Return since when the customer of an unanswered lead has waited."""
    return lead.waiting_since or lead.history.first_at


def find_open_wait(lead: Lead) -> datetime | None:
    """Return since when the customer has waited. None if the lead is answered."""
    return find_wait(lead) if lead.status is Status.NEW else None


def _describe_state(lead: Lead, place: Place, policy: FollowUpPolicy) -> str:
    if place.rests:
        return NEVER_ANSWERED if lead.is_reachable else CANNOT_BE_REACHED
    if lead.status is not Status.NEW:
        return FOLLOW_UP_DUE if place.is_follow_up else _describe_answered(lead)
    if is_escalating(lead):
        return TO_BE_ESCALATED
    if has_untold_owner(lead) or find_passing_on(lead):
        return "new owner"
    if is_awaiting_attempt(lead) and (plan := find_plan(lead, policy.touches)):
        return _describe_plan(plan)
    return _describe_reminder(lead, place, policy)


def _describe_answered(lead: Lead) -> str:
    planned_for, news_since = lead.snoozed_until, lead.history.news_since
    return "news" if news_since and (planned_for is None or news_since < planned_for) else "planned"


def _describe_plan(plan: Plan) -> str:
    if plan.has_run:
        return f"all {plan.total} attempts made" if plan.total > 1 else "the only attempt made"
    return f"attempt {plan.number} of {plan.total}"


def _describe_reminder(lead: Lead, place: Place, policy: FollowUpPolicy) -> str:
    has_notice = TOLD_AT_ONCE in policy.waits
    reminders = len(policy.waits) - has_notice
    number = min(lead.reminders_sent + (not has_notice), reminders)
    if number == 0:
        return "new"
    days = (place.at - (lead.waiting_since or place.at)).days
    after = f"after {days} day{'' if days == 1 else 's'}" if days else "within a day"
    return f"reminder {number} of {reminders}, {after}"
