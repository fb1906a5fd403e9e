"""What people make of a lead, in the grid or on the follow-up page."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lead_core.lead.choices import Choice
from lead_core.lead.lead import BY_GRID, Decision, Lead, write_status
from lead_core.lead.values import Status, parse_status

MAX_DECISIONS = 50
"""Older ones are forgotten: they have to fit into one cell."""

STATUS_OF = {
    Choice.CONTACTED: Status.CONTACTED,
    Choice.CONTACTED_FOLLOW_UP: Status.CONTACTED,
    Choice.TRIED: Status.NEW,
    Choice.LATER_1D: Status.NEW,
    Choice.LATER_3D: Status.NEW,
    Choice.LATER_7D: Status.NEW,
    Choice.QUALIFIED: Status.QUALIFIED,
    Choice.NOT_A_FIT: Status.DISQUALIFIED,
    Choice.PASS: Status.NEW,
    Choice.DO_NOT_CONTACT: Status.DO_NOT_CONTACT,
}

LATER = {
    Choice.LATER_1D: timedelta(days=1),
    Choice.LATER_3D: timedelta(days=3),
    Choice.LATER_7D: timedelta(days=7),
}


@dataclass(frozen=True, slots=True)
class Details:
    """What was said beside a choice on the follow-up page."""

    note: str = ""
    reason: str = ""
    """Why it is not a fit."""
    colleague: str = ""
    """The address of whoever answers from now on."""
    follow_up_at: datetime | None = None
    """When to be reminded, for *contacted, follow up on …*."""


def decide(lead: Lead, decision: Decision) -> Lead:
    """Give *lead* as a person's decision leaves it: all that stood in it is answered.

    A lead that is *New* again waits from then on; one that was *New* all along waits as before.
    """
    is_new, was_new = decision.status is Status.NEW, lead.status is Status.NEW
    waits_on = is_new and was_new and decision.choice
    is_contact = decision.status in {Status.CONTACTED, Status.QUALIFIED} and lead.first_contacted_at is None
    return write_status(
        replace(
            lead,
            history=lead.history.settled(),
            decisions=(*lead.decisions, decision)[-MAX_DECISIONS:],
            waiting_since=lead.waiting_since if waits_on else decision.at if is_new else None,
            reminders_sent=lead.reminders_sent if waits_on else 0,
            snoozed_until=None,
            first_contacted_at=decision.at if is_contact else lead.first_contacted_at,
            contacted_by=decision.by if is_contact else lead.contacted_by,
        )
    )


def notice_hand_edit(lead: Lead, *, edited_at: datetime) -> Lead:
    """Take a status cell that somebody edited for the decision it is.

    A word that can't be guessed counts as unanswered, and stays in its cell for its writer to see.
    """
    if lead.cells.status == lead.written_status:
        return lead
    meant = parse_status(lead.cells.status) or Status.NEW
    # A notice makes a lead *do not contact* until its customer acts; a person's word stands beyond that.
    is_said_already = meant is lead.status and (meant is not Status.DO_NOT_CONTACT or lead.decisions)
    return write_status(lead) if is_said_already else decide(lead, Decision(meant, edited_at, BY_GRID))


def record_answer(lead: Lead, decision: Decision, details: Details) -> Lead:
    """Give *lead* after an answer on the follow-up page; the same click again changes nothing."""
    if any(taken.click == decision.click for taken in lead.decisions):
        return lead
    choice = Choice(decision.choice)
    if choice is Choice.TRIED and lead.status is Status.NEW:
        # Nothing is answered yet: the reminders go on as they were.
        after = replace(lead, decisions=(*lead.decisions, decision)[-MAX_DECISIONS:])
    else:
        after = decide(lead, decision)
    cells = replace(after.cells, note=details.note)
    if choice is Choice.NOT_A_FIT:
        cells = replace(cells, disqualified_reason=details.reason)
    if choice is Choice.PASS:
        cells = replace(cells, owner=details.colleague)
    later = decision.at + LATER[choice] if choice in LATER else details.follow_up_at
    return replace(
        after,
        cells=cells,
        attempts=after.attempts + (choice is Choice.TRIED),
        snoozed_until=later if choice in LATER or choice is Choice.CONTACTED_FOLLOW_UP else after.snoozed_until,
        # The colleague is told at once, as of a new lead.
        reminders_sent=0 if choice is Choice.PASS else after.reminders_sent,
        refused_owner="" if choice is Choice.PASS else after.refused_owner,
    )


def find_do_not_contact(lead: Lead, others: Iterable[Lead]) -> Decision | None:
    """Find the *do not contact* that somebody set on another offer of the same person and that covers *lead*.

    Whoever decides otherwise on *lead* itself, later, has the last word.
    """
    decided_at = lead.decisions[-1].at if lead.decisions else None
    closed = [
        other.decisions[-1]
        for other in others
        if other.decisions and other.status is Status.DO_NOT_CONTACT and other.key != lead.key
    ]
    covering = [decision for decision in closed if decided_at is None or decision.at > decided_at]
    return max(covering, key=lambda decision: decision.at, default=None)
