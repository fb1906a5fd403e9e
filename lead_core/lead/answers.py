"""What the decisions about a lead say: who answered it, what an answer would change, what came meanwhile."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from lead_core.lead.choices import Answer, Choice
from lead_core.lead.lead import Decision, Lead
from lead_core.lead.values import Status, format_time

_STATUS_OF: Mapping[str, Status] = {
    Choice.CONTACTED: Status.CONTACTED,
    Choice.CONTACTED_FOLLOW_UP: Status.CONTACTED,
    Choice.TRIED: Status.NEW,
    Choice.LATER_1D: Status.NEW,
    Choice.LATER_3D: Status.NEW,
    Choice.LATER_7D: Status.NEW,
    Choice.QUALIFIED: Status.QUALIFIED,
    Choice.NOT_A_FIT: Status.DISQUALIFIED,
    Choice.NO_ANSWER: Status.DISQUALIFIED,
    Choice.SPAM: Status.DISQUALIFIED,
    Choice.PASS: Status.NEW,
}
_ANSWERS = {Status.CONTACTED, Status.QUALIFIED, Status.DISQUALIFIED}
_DELAYS = frozenset({Choice.LATER_1D, Choice.LATER_3D, Choice.LATER_7D})
_STAND_BACK = {*_DELAYS, Choice.CONTACTED, Choice.CONTACTED_FOLLOW_UP}
"""What does not contradict the answer of a colleague."""


def find_new_status(lead: Lead, answer: Answer) -> Status | None:
    """Return the status that *answer* gives a lead. None if it is recorded beside the status.

    An attempt answers nothing. Nothing but *lift* opens a lead that a person closed. What a colleague said while the
    page was open stands, if it says as much.
    """
    choice = answer.choice
    if choice is Choice.LIFT:
        before = find_status_before_closing(lead)
        return Status.NEW if before is Status.DO_NOT_CONTACT else before
    if choice is Choice.DO_NOT_CONTACT:
        return Status.DO_NOT_CONTACT
    if choice in {Choice.TRIED, Choice.NOTE} or is_closed(lead):
        return None
    is_answered_meanwhile = lead.status in _ANSWERS and bool(find_answers_meanwhile(lead, answer))
    if is_answered_meanwhile and choice in _STAND_BACK:
        return None
    return find_status_of(choice, lead.status)


def find_status_of(choice: Choice, before: Status) -> Status | None:
    """Return the status that *choice* gives a lead which nobody closed and which had *before*. None for no other."""
    if choice in {Choice.TRIED, Choice.NOTE, Choice.LIFT}:
        return None
    if choice is Choice.CONTACTED_FOLLOW_UP and before is Status.QUALIFIED:
        return before  # A plan says nothing less about the customer.
    return Status.DO_NOT_CONTACT if choice is Choice.DO_NOT_CONTACT else _STATUS_OF[choice]


def find_contradicted(lead: Lead, answer: Answer) -> Decision | None:
    """Find what a colleague said while the page was open, if *answer* would overwrite it with something else."""
    answers = find_answers_meanwhile(lead, answer)
    new = find_new_status(lead, answer)
    is_contradiction = bool(answers) and lead.status in _ANSWERS and new is not None and new is not lead.status
    goes_on = new is Status.DO_NOT_CONTACT or (lead.status, new) == (Status.CONTACTED, Status.QUALIFIED)
    return answers[-1] if is_contradiction and not goes_on else None


def mark_seen(lead: Lead) -> str:
    """Return what a page remembers of the lead that it shows: how many actions, and which decision was the last.

    ``2:2026-11-22T08:15:30.123456Z``, or ``1:`` if nobody has decided anything.
    """
    return f"{lead.history.count}:{format_time(lead.decisions[-1].at) if lead.decisions else ''}"


def find_meanwhile(lead: Lead, *, seen: str | None, click: str) -> tuple[Decision, ...]:
    """Return what others decided since a page remembered *seen*, except by *click*, which is the page's own."""
    if seen is None:
        return ()
    seen = seen.partition(":")[2]
    marks = [format_time(taken.at) for taken in lead.decisions]
    start = len(marks) - marks[::-1].index(seen) if seen in marks else 0
    return tuple(taken for taken in lead.decisions[start:] if taken.click != click)


def find_answers_meanwhile(lead: Lead, answer: Answer) -> tuple[Decision, ...]:
    """Return the decisions since the page was opened that say what became of the lead."""
    meanwhile = find_meanwhile(lead, seen=answer.seen, click=answer.click)
    return tuple(taken for taken in meanwhile if is_answer(taken))


def is_asked_meanwhile(lead: Lead, answer: Answer, *, plans_attempts: bool = False) -> bool:
    """Whether the customer did something since the page was opened that *answer* would end the reminders of.

    *plans_attempts* if an attempt without an answer puts them off.
    """
    if answer.seen is None or lead.history.waiting_since is None:
        return False
    is_more = lead.history.count > int(answer.seen.partition(":")[0])
    is_own = bool(lead.history.actions) and lead.history.actions[-1].is_own  # The last one: they are in order.
    puts_off = plans_attempts and answer.choice is Choice.TRIED
    return is_more and is_own and (puts_off or find_new_status(lead, answer) in _ANSWERS)


def is_answer(decision: Decision) -> bool:
    """Whether a decision says what became of a lead. What is recorded beside another answer does not."""
    is_own = _STATUS_OF.get(decision.choice, decision.status) is decision.status and decision.choice != Choice.LIFT
    return decision.status is not Status.NEW and is_own


def find_answer(lead: Lead) -> Decision | None:
    """Find the decision that says what became of a lead. None if nobody has said so."""
    is_open = not lead.decisions or lead.decisions[-1].status is Status.NEW
    return None if is_open else find_last_answer(lead)


def find_last_answer(lead: Lead) -> Decision | None:
    """Find the decision that last answered a lead, even if the lead is open again."""
    last = next((taken for taken in reversed(lead.decisions) if taken.status is not Status.NEW), None)
    if last is None:
        return None
    return _find_latest_answer(taken for taken in lead.decisions if taken.status is last.status) or last


def _find_latest_answer(decisions: Iterable[Decision]) -> Decision | None:
    """Find the latest answer. *Contacted*, recorded beside a colleague's answer, leaves the answer theirs."""
    answers = [taken for taken in decisions if is_answer(taken)]
    # A version before did not write down what was.
    return next((taken for taken in reversed(answers) if taken.was), answers[-1] if answers else None)


def count_attempts(lead: Lead) -> int:
    """Return how often a salesperson tried to reach the customer since the last answer."""
    answer = find_last_answer(lead)
    if answer is None:
        return lead.attempts
    since = lead.decisions[lead.decisions.index(answer) :]
    return min(lead.attempts, sum(taken.choice == Choice.TRIED for taken in since))


def find_plan_kept(lead: Lead, status: Status, *, at: datetime) -> datetime | None:
    """Return the follow-up that stays planned if *lead* gets *status* at that time.

    *Do not contact* keeps it, because it may be lifted. A delay of an unanswered lead is no plan.
    """
    planned_for = lead.snoozed_until
    is_kept = {lead.status, status} <= {Status.CONTACTED, Status.QUALIFIED, Status.DO_NOT_CONTACT}
    return planned_for if is_kept and planned_for and planned_for > at else None


def is_closed(lead: Lead) -> bool:
    """Whether a person said that the customer is not to be contacted. A mere notice of the marketplace is less."""
    return bool(lead.decisions) and lead.status is Status.DO_NOT_CONTACT


def find_closing(lead: Lead) -> Decision | None:
    """Find the decision by which a person set *lead* to *do not contact*. What was recorded beside it is none."""
    return find_answer(lead) if is_closed(lead) else None


def find_status_before_closing(lead: Lead) -> Status:
    """Return the status of a closed lead before a person closed it. An unanswered lead is *New*."""
    closing = count_before_closing(lead)
    if lead.history.waiting_since:  # They asked to be contacted after it.
        return Status.NEW
    with suppress(IndexError, ValueError):
        return Status(lead.decisions[closing].was)
    # A version before took the decision, and did not write it down.
    return lead.decisions[closing - 1].status if closing else Status.NEW


def count_before_closing(lead: Lead) -> int:
    """Return how many decisions came before a person closed a lead."""
    count = len(lead.decisions)
    while count and lead.decisions[count - 1].status is Status.DO_NOT_CONTACT:
        count -= 1
    return count
