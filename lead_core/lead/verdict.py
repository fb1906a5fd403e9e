"""Whether a mail about a lead is due now, and if not, why not."""

from datetime import datetime
from enum import StrEnum

from lead_core.lead.follow_up import FollowUpPolicy, find_due_time, has_untold_owner
from lead_core.lead.lead import Lead
from lead_core.lead.values import Status


class Verdict(StrEnum):
    """Whether a mail about a lead is due, and if not, why not. See `decide_reminder`."""

    SEND = "send"
    NOT_WORK = "not-work"
    DO_NOT_CONTACT = "do-not-contact"
    ANSWERED = "answered"
    RESTS = "rests"
    SNOOZED = "snoozed"
    NOT_YET = "not-yet"


def decide_reminder(lead: Lead, *, now: datetime, policy: FollowUpPolicy) -> Verdict:
    """Decide whether a mail about *lead* is due at *now*, and if not, why not."""
    if lead.is_test or lead.is_internal:
        return Verdict.NOT_WORK
    if lead.status is Status.DO_NOT_CONTACT:
        return Verdict.DO_NOT_CONTACT
    due_at = find_due_time(lead, policy)
    if due_at is None:
        return Verdict.RESTS if lead.status is Status.NEW else Verdict.ANSWERED
    hours = policy.working_hours
    if has_untold_owner(lead) and hours and hours.next(now) > now:
        return Verdict.NOT_YET  # The mail was due long ago, and its owner is a new one.
    if now >= due_at:
        return Verdict.SEND
    return Verdict.SNOOZED if lead.snoozed_until and now < lead.snoozed_until else Verdict.NOT_YET
