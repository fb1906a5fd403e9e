"""How long customers wait: from their own action that opened a lead until a person's answer.

All of it follows from what stands in the lead: its actions, the decisions of people and the time of its first mail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from lead_core.lead.choices import Choice
from lead_core.lead.decisions import MAX_DECISIONS
from lead_core.lead.history import ANSWERED_BEFORE, opens
from lead_core.lead.past import is_measured
from lead_core.lead.spam import is_spam
from lead_core.lead.values import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lead_core.lead.history import Action
    from lead_core.lead.lead import Decision, Lead


class Apart(StrEnum):
    """Why a lead is in no figure but its own."""

    TEST = "test lead"
    INTERNAL = "own people"
    DO_NOT_CONTACT = "do not contact"
    SPAM = "spam"
    PAST = "answered before it came"
    """A file told of it, or its row was lost: nobody measured when it was answered. See `lead.past`."""
    FUTURE = "dated in the future"
    """A file gave it a time that is still to come. See `lead.counting`."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One time that a customer waited for an answer."""

    since: datetime
    """The first receipt of the action that opened the lead."""
    answered_at: datetime | None
    """None as long as they wait."""
    action_code: str
    source: str


@dataclass(frozen=True, slots=True)
class Milestones:
    """How far a lead came, and when. None is: not yet, or not in this way."""

    received_at: datetime
    told_at: datetime | None = None
    """The first mail about it to its owner."""
    attempted_at: datetime | None = None
    """The first attempt to reach the customer, an answer included."""
    contacted_at: datetime | None = None
    closed_at: datetime | None = None
    """Qualified or disqualified."""


_ANSWERED: Final = frozenset({Status.CONTACTED, Status.QUALIFIED, Status.DISQUALIFIED})
_CLOSED: Final = frozenset({Status.QUALIFIED, Status.DISQUALIFIED})
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def find_apart(lead: Lead) -> Apart | None:
    """Return why *lead* is counted apart. None if it is in the figures."""
    if lead.is_test:
        return Apart.TEST
    if lead.is_internal:
        return Apart.INTERNAL
    if lead.status is Status.DO_NOT_CONTACT:
        return Apart.DO_NOT_CONTACT
    if is_spam(lead):
        return Apart.SPAM
    is_past = any(not is_measured(taken) for taken in lead.decisions) and not find_waits(lead)
    return Apart.PAST if is_past else None


def find_waits(lead: Lead) -> tuple[Wait, ...]:
    """Return each wait of the customer of *lead*, the first one first.

    A wait ends with the first later decision after which the lead is answered. What the lead waits for now is taken
    from the lead itself, so that a delivery counts that came in after the answer, whenever it was received.
    """
    open_since = _find_open_since(lead)
    waits = _walk(lead, but_since=open_since)
    if open_since is None:
        return tuple(waits)
    if waits and waits[-1].answered_at is None:  # It is the same wait.
        open_since = min(open_since, waits.pop().since)
    return (*waits, _begin_wait(lead, open_since))


def find_milestones(lead: Lead) -> Milestones:
    """Return how far *lead* came. What a file says became of it was not measured."""
    return Milestones(
        received_at=lead.history.first_at,
        told_at=lead.first_told_at or lead.last_reminder_at,  # Rows of the version before know the last mail alone.
        attempted_at=_find_first(lead, lambda taken: taken.choice == Choice.TRIED or taken.status in _ANSWERED),
        contacted_at=lead.first_contacted_at,
        closed_at=_find_first(lead, lambda taken: taken.status in _CLOSED),
    )


def _find_first(lead: Lead, is_meant: Callable[[Decision], bool]) -> datetime | None:
    return min((taken.at for taken in lead.decisions if is_measured(taken) and is_meant(taken)), default=None)


def _find_open_since(lead: Lead) -> datetime | None:
    """Return since when the customer waits, by the lead's own state. None if it does not say.

    A lead that a person set to *New* waits since then by its own state. Its customer asked nothing then.
    """
    if lead.status is not Status.NEW:
        return None
    set_by_hand = {taken.at for taken in lead.decisions if taken.status is Status.NEW}
    asked = {lead.waiting_since} - set_by_hand
    return min(filter(None, (*asked, lead.history.waiting_since, lead.history.left_open_at)), default=None)


def _walk(lead: Lead, *, but_since: datetime | None) -> list[Wait]:
    """Return the waits by the times of actions and answers, but for the action that the lead waits for now."""
    answers = sorted((taken for taken in lead.decisions if taken.status in _ANSWERED), key=lambda taken: taken.at)
    over_at, waits = _find_start(lead, answers), list[Wait]()
    for action in filter(_is_measured_opening, lead.history.actions):
        if action.first_at == but_since or (over_at and action.first_at <= over_at):
            continue
        answer = next((taken for taken in answers if taken.at >= action.first_at), None)
        if answer is None:
            return [*waits, _wait_for(action)] if lead.status is Status.NEW else waits
        over_at = answer.at
        if is_measured(answer):
            waits.append(replace(_wait_for(action), answered_at=answer.at))
    return waits


def _find_start(lead: Lead, answers: Sequence[Decision]) -> datetime | None:
    """Return the first answer after what a long history has forgotten. None if it remembers all.

    Before that, nobody knows which action began a wait.
    """
    summary = lead.history.summary
    forgotten = [summary.last_at] if summary and summary.has_own else []
    if len(lead.decisions) >= MAX_DECISIONS:
        forgotten.append(lead.decisions[0].at)
    if not forgotten:
        return None
    return next((taken.at for taken in answers if taken.at >= max(forgotten)), _NEVER)


def _is_measured_opening(action: Action) -> bool:
    return opens(action) and action.round != ANSWERED_BEFORE


def _wait_for(action: Action) -> Wait:
    return Wait(action.first_at, None, action.code, action.source)


def _begin_wait(lead: Lead, since: datetime) -> Wait:
    """Return the wait that goes on. A long history may have forgotten its action. Then the latest stands for it."""
    own = (action for action in lead.history.actions if action.is_own and action.first_at == since)
    action = next(own, None)
    return _wait_for(action) if action else Wait(since, None, lead.shown.action_code, lead.shown.source)
