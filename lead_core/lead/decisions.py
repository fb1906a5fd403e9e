"""What people decide about a lead, in the grid or on the follow-up page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from lead_core.lead.addresses import MAX_ADDRESS_CHARACTERS
from lead_core.lead.answers import find_new_status, find_plan_kept, is_closed
from lead_core.lead.attempts import explain_no_answer, find_attempts, is_awaiting_attempt, make_plan
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import BY_COMMAND, BY_GRID, Decision, Lead, write_status
from lead_core.lead.qualification import tick
from lead_core.lead.spam import SPAM_REASON, forget_spam, note_spam
from lead_core.lead.status_words import Word, parse_status, parse_word
from lead_core.lead.values import Status, clean_line, clean_text, shorten

MAX_DECISIONS = 50
"""Older decisions are forgotten, because all must fit into one cell."""

_DELAYS = {
    Choice.LATER_1D: timedelta(days=1),
    Choice.LATER_3D: timedelta(days=3),
    Choice.LATER_7D: timedelta(days=7),
}


def decide(lead: Lead, decision: Decision) -> Lead:
    """Return *lead* after a person's decision. It answers all that stands in the lead.

    A lead that becomes *New* again waits from then on. One that was *New* all along waits as before.
    """
    is_new, was_new = decision.status is Status.NEW, lead.status is Status.NEW
    waits_on = is_new and was_new and decision.choice
    # A word that can't be read was about what is decided now.
    is_about_contact = decision.status is Status.DO_NOT_CONTACT or decision.choice == Choice.LIFT
    cells = replace(lead.cells, status="") if is_about_contact else lead.cells
    is_passed, is_tried = decision.choice == Choice.PASS, decision.choice == Choice.TRIED
    keeps_attempt = is_passed and is_awaiting_attempt(lead)
    kept_until = lead.snoozed_until if keeps_attempt else find_plan_kept(lead, decision.status, at=decision.at)
    is_contact = decision.status in {Status.CONTACTED, Status.QUALIFIED} and lead.first_contacted_at is None
    return write_status(
        replace(
            lead,
            history=lead.history.settled(),
            decisions=_append(lead, replace(decision, was=lead.status)),
            cells=cells if decision.status is Status.DISQUALIFIED else forget_spam(cells),
            waiting_since=lead.waiting_since if waits_on else decision.at if is_new else None,
            reminders_sent=lead.reminders_sent if waits_on else 0,
            snoozed_until=kept_until,
            due_plan_at=None,
            escalates_at=None,
            # An attempt by the previous owner tells the new one nothing.
            handover=(lead.handover if is_passed or is_tried else lead.handover.known())._replace(escalated_to=""),
            first_contacted_at=decision.at if is_contact else lead.first_contacted_at,
            contacted_by=decision.who if is_contact else lead.contacted_by,
            restored={},
        )
    )


def apply_hand_edits(lead: Lead, *, edited_at: datetime, touches: Sequence[timedelta] = ()) -> Lead:
    """Return *lead* with the decisions that people took by editing its cells: first the owner, then the status.

    *touches* are needed to write the lead. Its readers can do without.

    A status that can't be guessed counts as unanswered, and stays in its cell for its writer to see. It does not lift
    *do not contact*.
    """
    return _apply_status_edit(_apply_owner_edit(lead, edited_at), edited_at, touches)


def _apply_owner_edit(lead: Lead, edited_at: datetime) -> Lead:
    owner = lead.cells.owner
    if owner == lead.seen_owner:
        return lead
    known = lead.confirmed_owner or ""  # The version before wrote none. Now a new address has to be confirmed.
    if not owner.strip() or owner == lead.written_owner:
        # Back to the owner by the rules. An address that was refused gets another try.
        return replace(lead, seen_owner=owner, confirmed_owner=known, refused_owner="", refused_at=None)
    lead = replace(lead, confirmed_owner=known)
    to = shorten(clean_line(owner), MAX_ADDRESS_CHARACTERS)
    return _pass_on(lead, Decision(lead.status, edited_at, BY_GRID, Choice.PASS, to=to))


def hand_over(lead: Lead, to: str, *, at: datetime, is_confirmed: bool) -> Lead:
    """Return *lead* after the person who operates the app gave it to another owner. The status stays.

    *is_confirmed* if *to* is an address outside the team that a person confirmed.
    """
    known = to if is_confirmed else lead.confirmed_owner or ""
    written = replace(lead, cells=replace(lead.cells, owner=to), confirmed_owner=known)
    return _pass_on(written, Decision(lead.status, at, BY_COMMAND, Choice.PASS, to=to))


def _pass_on(lead: Lead, decision: Decision) -> Lead:
    """Return *lead* after a person wrote another owner into its cell. The new owner of a waiting lead is told."""
    return replace(
        lead,
        decisions=_append(lead, decision) if lead.is_decidable else lead.decisions,
        seen_owner=lead.cells.owner,
        reminders_sent=0,
        handover=lead.handover._replace(escalated_to=""),
        refused_owner="",
        refused_at=None,
        # The turn moves on: a mail to the previous owner must not count as one to the new owner.
        history=lead.history.settled() if lead.status is Status.NEW else lead.history,
    )


def _apply_status_edit(lead: Lead, edited_at: datetime, touches: Sequence[timedelta]) -> Lead:
    if lead.cells.status == lead.written_status and not _is_word_of_before(lead):
        return lead
    word = parse_word(lead.cells.status) or Word.NEW
    says_nothing = not lead.cells.status.strip() or parse_status(lead.cells.status) is None
    if lead.status is Status.DO_NOT_CONTACT and says_nothing:
        return write_status(lead)  # Nobody is mailed because of a typing error, or of a cell that was emptied.
    if word is Word.TRIED:
        return write_status(_count_attempt(lead, Decision(lead.status, edited_at, BY_GRID, Choice.TRIED), touches))
    meant, choice = word.status, Choice.SPAM if word is Word.SPAM else ""
    # A DNC notification sets *do not contact* until the customer acts. A person's decision stays.
    is_known = meant is lead.status and (meant is not Status.DO_NOT_CONTACT or lead.decisions)
    if is_closed(lead):
        choice = Choice.LIFT
    after = write_status(lead) if is_known else decide(lead, Decision(meant, edited_at, BY_GRID, choice))
    return replace(after, cells=note_spam(after.cells)) if word is Word.SPAM else after


def _count_attempt(lead: Lead, attempt: Decision, touches: Sequence[timedelta]) -> Lead:
    """Return *lead* after a person tried to reach the customer. If it is open, the next attempt comes by the plan.

    Written into the status cell, it says that the customer has no answer, so an answered lead is *New* again. An
    attempt does not lift *do not contact*.
    """
    is_planned = lead.status is Status.NEW and bool(touches)
    reopens = attempt.by == BY_GRID and lead.status not in {Status.NEW, Status.DO_NOT_CONTACT}
    if is_planned or reopens:
        tried = decide(lead, replace(attempt, status=Status.NEW))
        plan = make_plan(find_attempts(tried), touches)
        # The first mail after it asks for the next attempt. Then the ladder begins anew.
        after = replace(tried, snoozed_until=plan.at if plan else None, reminders_sent=min(tried.reminders_sent, 1))
    else:
        after = _record_beside(lead, attempt)
    return replace(after, attempts=lead.attempts + 1)


def _is_word_of_before(lead: Lead) -> bool:
    """Whether the version before did not know the word in the status cell, and this one does."""
    is_kept = lead.status is Status.NEW and lead.cells.status not in set(Status)
    return is_kept and parse_status(lead.cells.status) is not None


def record_answer(lead: Lead, answer: Answer, *, by: str, at: datetime, policy: FollowUpPolicy) -> Lead:
    """Return *lead* after an answer on the follow-up page. The same click again changes nothing."""
    choice = answer.choice
    if choice is Choice.NOTE:
        return _write_note(lead, answer)
    if any((taken.click, taken.choice) == (answer.click, choice) for taken in lead.decisions):
        return lead
    status = find_new_status(lead, answer)
    reason = answer.reason if choice is Choice.LIFT else ""
    to, with_note = answer.colleague if choice is Choice.PASS else "", "yes" if answer.note else ""
    decision = Decision(status or lead.status, at, by, choice, answer.click, reason=reason, name=answer.said_by)
    decision = replace(decision, to=to, with_note=with_note)
    after = _write_note(_take(lead, decision, policy, is_decided=status is not None), answer)
    cells = after.cells
    match choice:
        case Choice.PASS:
            cells = replace(cells, owner=answer.colleague)
            known = answer.colleague if answer.is_confirmed else lead.confirmed_owner or ""
            after = replace(after, confirmed_owner=known, seen_owner=cells.owner, reminders_sent=0)
            after = replace(after, refused_owner="", refused_at=None)
        case Choice.QUALIFIED if status:
            ticked = tick(cells.qualification, ticked=answer.ticked, unticked=answer.unticked)
            cells = replace(cells, qualification=ticked)
        case Choice.NOT_A_FIT if status:
            cells = replace(cells, disqualified_reason=answer.reason)
        case Choice.NO_ANSWER if status:
            cells = replace(cells, disqualified_reason=explain_no_answer(len(find_attempts(lead))))
        case Choice.SPAM if status:
            cells = replace(cells, disqualified_reason=SPAM_REASON)
        case Choice.CONTACTED_FOLLOW_UP if answer.follow_up_on and after.status in {Status.CONTACTED, Status.QUALIFIED}:
            after = replace(after, snoozed_until=policy.start_of(answer.follow_up_on))
        case Choice.LATER_1D | Choice.LATER_3D | Choice.LATER_7D if status:
            after = replace(after, snoozed_until=at + _DELAYS[choice])
    return replace(after, cells=cells)


def _take(lead: Lead, decision: Decision, policy: FollowUpPolicy, *, is_decided: bool) -> Lead:
    if decision.choice == Choice.TRIED:
        return _count_attempt(lead, decision, policy.touches)
    return decide(lead, decision) if is_decided else _record_beside(lead, decision)


def _write_note(lead: Lead, answer: Answer) -> Lead:
    """Return *lead* with the note that was written on the page. What a colleague wrote meanwhile stays above it."""
    now, note = lead.cells.note, answer.note
    if note is None or note == now:
        return lead
    if clean_text(now) not in {answer.note_was, note} and now.strip():
        note = now if note in now else f"{now}\n\n{note}"
    return replace(lead, cells=replace(lead.cells, note=note))


def _record_beside(lead: Lead, decision: Decision) -> Lead:
    """Record *decision* without changing the status. The reminders go on as they were."""
    return replace(lead, decisions=_append(lead, replace(decision, status=lead.status))) if lead.is_decidable else lead


def _append(lead: Lead, decision: Decision) -> tuple[Decision, ...]:
    return (*lead.decisions, decision)[-MAX_DECISIONS:]
