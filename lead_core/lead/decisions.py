"""What people decide about a lead, in the grid or on the follow-up page."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from lead_core.lead.choices import Answer, Choice
from lead_core.lead.lead import BY_GRID, Decision, Lead, write_status
from lead_core.lead.spam import SPAM_REASON, forget_spam, note_spam
from lead_core.lead.status_words import Word, parse_status, parse_word
from lead_core.lead.values import Status

MAX_DECISIONS = 50
"""Older decisions are forgotten, because all must fit into one cell."""

_STATUS_OF = {
    Choice.CONTACTED: Status.CONTACTED,
    Choice.CONTACTED_FOLLOW_UP: Status.CONTACTED,
    Choice.TRIED: Status.NEW,
    Choice.LATER_1D: Status.NEW,
    Choice.LATER_3D: Status.NEW,
    Choice.LATER_7D: Status.NEW,
    Choice.QUALIFIED: Status.QUALIFIED,
    Choice.NOT_A_FIT: Status.DISQUALIFIED,
    Choice.SPAM: Status.DISQUALIFIED,
    Choice.PASS: Status.NEW,
    Choice.DO_NOT_CONTACT: Status.DO_NOT_CONTACT,
}

_DELAYS = {
    Choice.LATER_1D: timedelta(days=1),
    Choice.LATER_3D: timedelta(days=3),
    Choice.LATER_7D: timedelta(days=7),
}
_LIFT_NOTHING = {*_DELAYS, Choice.TRIED, Choice.PASS}


def decide(lead: Lead, decision: Decision) -> Lead:
    """Return *lead* after a person's decision. It answers all that stands in the lead.

    A lead that becomes *New* again waits from then on. One that was *New* all along waits as before.
    """
    is_new, was_new = decision.status is Status.NEW, lead.status is Status.NEW
    waits_on = is_new and was_new and decision.choice
    is_contact = decision.status in {Status.CONTACTED, Status.QUALIFIED} and lead.first_contacted_at is None
    return write_status(
        replace(
            lead,
            history=lead.history.settled(),
            decisions=_append(lead, decision),
            cells=lead.cells if decision.status is Status.DISQUALIFIED else forget_spam(lead.cells),
            waiting_since=lead.waiting_since if waits_on else decision.at if is_new else None,
            reminders_sent=lead.reminders_sent if waits_on else 0,
            snoozed_until=None,
            handover=lead.handover if decision.choice == Choice.PASS else lead.handover.known(),
            first_contacted_at=decision.at if is_contact else lead.first_contacted_at,
            contacted_by=decision.who if is_contact else lead.contacted_by,
            restored={},
        )
    )


def apply_hand_edits(lead: Lead, *, edited_at: datetime) -> Lead:
    """Return *lead* with the decisions that people took by editing its cells: first the owner, then the status.

    A status that can't be guessed counts as unanswered, and stays in its cell for its writer to see.
    """
    return _apply_status_edit(_apply_owner_edit(lead, edited_at), edited_at)


def _apply_owner_edit(lead: Lead, edited_at: datetime) -> Lead:
    owner = lead.cells.owner
    if owner == lead.seen_owner:
        return lead
    known = lead.confirmed_owner or ""  # The version before wrote none. Now a new address has to be confirmed.
    if not owner.strip() or owner == lead.written_owner:
        # Back to the owner by the rules. An address that was refused gets another try.
        return replace(lead, seen_owner=owner, confirmed_owner=known, refused_owner="", refused_at=None)
    lead = replace(lead, confirmed_owner=known)
    return _pass_on(lead, Decision(lead.status, edited_at, BY_GRID, Choice.PASS))


def _pass_on(lead: Lead, decision: Decision) -> Lead:
    """Return *lead* after a person wrote another owner into its cell. The new owner of a waiting lead is told."""
    return replace(
        lead,
        decisions=_append(lead, decision) if lead.is_decidable else lead.decisions,
        seen_owner=lead.cells.owner,
        reminders_sent=0,
        refused_owner="",
        refused_at=None,
        # The turn moves on: a mail to the previous owner must not count as one to the new owner.
        history=lead.history.settled() if lead.status is Status.NEW else lead.history,
    )


def _apply_status_edit(lead: Lead, edited_at: datetime) -> Lead:
    if lead.cells.status == lead.written_status and not _is_word_of_before(lead):
        return lead
    word = parse_word(lead.cells.status) or Word.NEW
    if word is Word.TRIED:
        return _count_attempt(lead, edited_at)
    meant, choice = word.status, Choice.SPAM if word is Word.SPAM else ""
    # A DNC notification sets *do not contact* until the customer acts. A person's decision stays.
    is_known = meant is lead.status and (meant is not Status.DO_NOT_CONTACT or lead.decisions)
    after = write_status(lead) if is_known else decide(lead, Decision(meant, edited_at, BY_GRID, choice))
    return replace(after, cells=note_spam(after.cells)) if word is Word.SPAM else after


def _count_attempt(lead: Lead, edited_at: datetime) -> Lead:
    """Return *lead* after a person wrote into its status cell that they tried.

    The customer has no answer then, so an answered lead is *New* again. An attempt does not lift *do not contact*.
    """
    decision = Decision(Status.NEW, edited_at, BY_GRID, Choice.TRIED)
    is_kept = lead.status in {Status.NEW, Status.DO_NOT_CONTACT}
    after = _record_beside(lead, decision) if is_kept else decide(lead, decision)
    return write_status(replace(after, attempts=lead.attempts + 1))


def _is_word_of_before(lead: Lead) -> bool:
    """Whether the version before did not know the word in the status cell, and this one does."""
    is_kept = lead.status is Status.NEW and lead.cells.status not in set(Status)
    return is_kept and parse_status(lead.cells.status) is not None


def record_answer(lead: Lead, answer: Answer, *, by: str, at: datetime, follow_up_at: datetime | None) -> Lead:
    """Return *lead* after an answer on the follow-up page. The same click again changes nothing."""
    choice = answer.choice
    if any((taken.click, taken.choice) == (answer.click, choice) for taken in lead.decisions):
        return lead
    keeps_status = _keeps_status(lead, choice)
    decision = Decision(_STATUS_OF[choice], at, by, choice, answer.click, answer.said_by)
    after = _record_beside(lead, decision) if keeps_status else decide(lead, decision)
    if choice is Choice.TRIED:
        after = replace(after, attempts=lead.attempts + 1)
    cells = after.cells if answer.note is None else replace(after.cells, note=answer.note)
    if choice is Choice.NOT_A_FIT:
        cells = replace(cells, disqualified_reason=answer.reason)
    if choice is Choice.SPAM:
        cells = replace(cells, disqualified_reason=SPAM_REASON)
    if choice is Choice.PASS:
        cells = replace(cells, owner=answer.colleague)
        known = answer.colleague if answer.is_confirmed else lead.confirmed_owner or ""
        after = replace(after, confirmed_owner=known)
    after = replace(after, cells=cells)
    if choice is Choice.PASS:
        return replace(after, seen_owner=answer.colleague, reminders_sent=0, refused_owner="", refused_at=None)
    if choice in _DELAYS and not keeps_status:
        return replace(after, snoozed_until=at + _DELAYS[choice])
    return replace(after, snoozed_until=follow_up_at) if choice is Choice.CONTACTED_FOLLOW_UP else after


def _keeps_status(lead: Lead, choice: Choice) -> bool:
    """Whether *choice* answers nothing: an attempt, or a delay or passing on after *do not contact*."""
    is_closed = lead.status is Status.DO_NOT_CONTACT and bool(lead.decisions)
    return choice is Choice.TRIED or (is_closed and choice in _LIFT_NOTHING)


def _record_beside(lead: Lead, decision: Decision) -> Lead:
    """Record *decision* without changing the status. The reminders go on as they were."""
    return replace(lead, decisions=_append(lead, replace(decision, status=lead.status))) if lead.is_decidable else lead


def _append(lead: Lead, decision: Decision) -> tuple[Decision, ...]:
    return (*lead.decisions, decision)[-MAX_DECISIONS:]


def apply_do_not_contact(lead: Lead, others: Iterable[Lead]) -> Lead:
    """Return *lead* with a person's *do not contact* on another offer of the same customer applied to it."""
    covering = find_do_not_contact(lead, others)
    if covering is None or lead.status is Status.DO_NOT_CONTACT:
        return lead
    return decide(lead, replace(covering, status=Status.DO_NOT_CONTACT, choice="", click=""))


def find_do_not_contact(lead: Lead, others: Iterable[Lead]) -> Decision | None:
    """Find the *do not contact* that a person set on another offer of the same customer and that covers *lead*.

    A later decision on *lead* itself has lifted it. An attempt or a delay lifts nothing.
    """
    closed = filter(None, (_find_closing(other) for other in others if other.key != lead.key))
    latest = max(closed, key=lambda decision: decision.at, default=None)
    own = [decision for decision in lead.decisions if decision.choice not in _LIFT_NOTHING]
    return None if latest is None or any(decision.at >= latest.at for decision in own) else latest


def _find_closing(lead: Lead) -> Decision | None:
    """Find the decision by which a person set *lead* to *do not contact*. Later attempts do not replace it."""
    if not lead.decisions or lead.status is not Status.DO_NOT_CONTACT:
        return None
    said = [decision for decision in lead.decisions if decision.choice not in _LIFT_NOTHING]
    return said[-1] if said else lead.decisions[-1]
