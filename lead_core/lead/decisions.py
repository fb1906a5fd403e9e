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
_LIFT_NOTHING = {*LATER, Choice.TRIED, Choice.PASS}


@dataclass(frozen=True, slots=True)
class Details:
    """What was said beside a choice on the follow-up page."""

    note: str | None = None
    """None where it stays as it is."""
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
    """Take cells that somebody edited for the decisions they are: first the owner, then the status.

    A status that can't be guessed counts as unanswered, and stays in its cell for its writer to see.
    """
    return _notice_status(_notice_owner(lead, edited_at), edited_at)


def _notice_owner(lead: Lead, edited_at: datetime) -> Lead:
    owner = lead.cells.owner
    if owner == lead.noticed_owner:
        return lead
    if not owner or owner == lead.written_owner:
        return replace(lead, noticed_owner=owner)  # Back to what the rules say.
    return _pass_on(lead, Decision(lead.status, edited_at, BY_GRID, Choice.PASS))


def _pass_on(lead: Lead, decision: Decision) -> Lead:
    """Note that the owner cell holds somebody's choice; of a lead that waits, he is told at once."""
    return replace(
        lead,
        decisions=(*lead.decisions, decision)[-MAX_DECISIONS:] if lead.is_decidable else lead.decisions,
        noticed_owner=lead.cells.owner,
        reminders_sent=0,
        refused_owner="",
        # The turn moves on: a mail to the one before him must not count as his.
        history=lead.history.settled() if lead.status is Status.NEW else lead.history,
    )


def _notice_status(lead: Lead, edited_at: datetime) -> Lead:
    if lead.cells.status == lead.written_status:
        return lead
    meant = parse_status(lead.cells.status) or Status.NEW
    # A notice makes a lead *do not contact* until its customer acts; a person's word stands beyond that.
    is_said_already = meant is lead.status and (meant is not Status.DO_NOT_CONTACT or lead.decisions)
    return write_status(lead) if is_said_already else decide(lead, Decision(meant, edited_at, BY_GRID))


def record_answer(lead: Lead, decision: Decision, details: Details) -> Lead:
    """Give *lead* after an answer on the follow-up page; the same click again changes nothing."""
    if any((taken.click, taken.choice) == (decision.click, decision.choice) for taken in lead.decisions):
        return lead
    choice = Choice(decision.choice)
    keeps_status = _keeps_status(lead, choice)
    after = _note(lead, decision) if keeps_status else decide(lead, decision)
    if choice is Choice.TRIED:
        after = replace(after, attempts=lead.attempts + 1)
    cells = after.cells if details.note is None else replace(after.cells, note=details.note)
    if choice is Choice.NOT_A_FIT:
        cells = replace(cells, disqualified_reason=details.reason)
    if choice is Choice.PASS:
        cells = replace(cells, owner=details.colleague)
    after = replace(after, cells=cells)
    if choice is Choice.PASS:
        return replace(after, noticed_owner=details.colleague, reminders_sent=0, refused_owner="")
    if choice in LATER and not keeps_status:
        return replace(after, snoozed_until=decision.at + LATER[choice])
    return replace(after, snoozed_until=details.follow_up_at) if choice is Choice.CONTACTED_FOLLOW_UP else after


def _keeps_status(lead: Lead, choice: Choice) -> bool:
    """Say whether *choice* answers nothing: an attempt; a delay or passing on, where somebody said not to contact."""
    is_closed = lead.status is Status.DO_NOT_CONTACT and bool(lead.decisions)
    return choice is Choice.TRIED or (is_closed and choice in _LIFT_NOTHING)


def _note(lead: Lead, decision: Decision) -> Lead:
    """Keep *decision* beside the others; the status stays, and the reminders go on as they were."""
    kept = (*lead.decisions, replace(decision, status=lead.status))[-MAX_DECISIONS:]
    return replace(lead, decisions=kept) if lead.is_decidable else lead


def _find_closing(lead: Lead) -> Decision | None:
    """Find the decision by which a person made *lead* *do not contact*; an attempt after it does not say it anew."""
    if not lead.decisions or lead.status is not Status.DO_NOT_CONTACT:
        return None
    said = [decision for decision in lead.decisions if decision.choice not in _LIFT_NOTHING]
    return said[-1] if said else lead.decisions[-1]


def find_do_not_contact(lead: Lead, others: Iterable[Lead]) -> Decision | None:
    """Find the *do not contact* that somebody set on another offer of the same person and that covers *lead*.

    Whoever set *lead* itself to something else later has lifted it; an attempt or a delay lifts nothing.
    """
    closed = filter(None, (_find_closing(other) for other in others if other.key != lead.key))
    latest = max(closed, key=lambda decision: decision.at, default=None)
    own = [decision for decision in lead.decisions if decision.choice not in _LIFT_NOTHING]
    return None if latest is None or any(decision.at >= latest.at for decision in own) else latest
