"""The plan of attempts: which one comes next for a customer who does not answer, and when.

An attempt is a salesperson's reaching out. Attempts come close together at first and further apart later, so that
nobody gives up after one, and no customer is bombarded.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from lead_core.lead.actions import ActionCode
from lead_core.lead.answers import find_last_answer
from lead_core.lead.choices import Choice
from lead_core.lead.lead import Decision, Lead
from lead_core.lead.values import Status

SAME_ATTEMPT_WITHIN = timedelta(minutes=10)
"""A call and a mail right after it are one attempt. So are the taps of two colleagues about the same call."""
_USUAL_GAP = timedelta(days=7)
"""How long after the last attempt the salesperson is asked to close the lead, if the plan has only one attempt."""


class Plan(NamedTuple):
    """What comes after the attempts so far."""

    made: int
    """How many attempts were made, one at least."""
    total: int
    """How many attempts the plan has."""
    at: datetime
    """When the next attempt is due. Once the plan has run, when the salesperson is asked to close the lead or go on.

    If no mail asks that any more, it is the last attempt.
    """

    @property
    def number(self) -> int:
        """Which attempt comes next."""
        return self.made + 1

    @property
    def has_run(self) -> bool:
        """Whether all attempts of the plan are made."""
        return self.made >= self.total


def find_plan(lead: Lead, touches: Sequence[timedelta]) -> Plan | None:
    """Return what comes after the attempts on *lead*. None without a plan or an attempt, or once it is answered."""
    attempts = find_attempts(lead)
    plan = make_plan(attempts, touches)
    if plan and is_awaiting_attempt(lead):
        # That is when the mail comes, even if the plan was changed since, or the day is moved into working hours.
        return plan._replace(at=max(filter(None, (lead.snoozed_until, lead.next_reminder_at))))
    # Once the plan has run, no other mail asks whether to close the lead.
    return plan._replace(at=attempts[-1]) if plan and plan.has_run else plan


def find_next_attempt(lead: Lead) -> int:
    """Return the number of the next attempt to reach the customer of *lead*. 1 is the first answer."""
    return len(find_attempts(lead)) + 1


def make_plan(attempts: Sequence[datetime], touches: Sequence[timedelta]) -> Plan | None:
    """Return what comes after *attempts*, oldest first. *touches* say how long after the first each one is due.

    An attempt that came late moves all that follow, so that none comes closer to the one before than planned.
    """
    if not attempts or not touches:
        return None
    made, total = len(attempts), len(touches)
    if made >= total:
        gap = touches[-1] - touches[-2] if total > 1 else _USUAL_GAP
        return Plan(made, total, attempts[-1] + gap)
    gap = touches[made] - touches[made - 1]
    return Plan(made, total, max(attempts[0] + touches[made], attempts[-1] + gap))


def find_attempts(lead: Lead) -> tuple[datetime, ...]:
    """Return when a salesperson tried to reach the customer since the customer last asked or was answered."""
    if lead.status is not Status.NEW:
        return ()
    asked = (each.first_at for each in lead.history.actions if each.code == ActionCode.CONTACT_ME)
    asked_at = max(asked, default=None)
    taps = (taken.at for taken in _since_last_answer(lead) if taken.choice == Choice.TRIED)
    return join_taps(at for at in taps if asked_at is None or at >= asked_at)


def join_taps(taps: Iterable[datetime]) -> tuple[datetime, ...]:
    """Return the attempts that *taps* record. Taps within ten minutes of the one before are one attempt, the last."""
    attempts: list[datetime] = []
    for at in sorted(taps):
        if attempts and at - attempts[-1] <= SAME_ATTEMPT_WITHIN:
            attempts.pop()
        attempts.append(at)
    return tuple(attempts)


def is_awaiting_attempt(lead: Lead) -> bool:
    """Whether *lead* was put off until its next attempt. It still is after it was passed to another owner."""
    if lead.status is not Status.NEW or lead.snoozed_until is None:
        return False
    last = next((taken for taken in reversed(lead.decisions) if taken.choice != Choice.PASS), None)
    return last is not None and last.choice == Choice.TRIED and bool(last.was)  # Else it was recorded beside a delay.


def explain_no_answer(attempts: int) -> str:
    """Return the reason of a lead that is closed after its plan has run."""
    return f"no answer after {attempts} attempt{'' if attempts == 1 else 's'}"


def _since_last_answer(lead: Lead) -> tuple[Decision, ...]:
    """Return the decisions while the customer waits, without those that an answered lead had."""
    answer = find_last_answer(lead)
    later = lead.decisions[lead.decisions.index(answer) :] if answer else lead.decisions
    return tuple(taken for taken in later if taken.status is Status.NEW)
