"""Which leads have been kept long enough.

A lead's age counts from its last activity: what its customer did, what a person decided, what was mailed about it. So a
lead that is worked with is never old, however long ago it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lead_core.lead.answers import is_closed
from lead_core.lead.changes import edited, is_edited
from lead_core.lead.to_do import is_open

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lead_core.lead.changes import StoredLead
    from lead_core.lead.follow_up import FollowUpPolicy
    from lead_core.lead.lead import Lead


class Fate(StrEnum):
    """What a purge does with a lead, and why."""

    RECENT = "recent"
    """It stays, because something happened within the time that is kept."""
    OPEN = "open"
    """It is old and stays, because its customer waits for an answer, or a mail about it is planned."""
    DAMAGED = "damaged"
    """It stays until its history is made again. Nobody knows how old it is."""
    OVER = "over"
    """It goes: it is old, and nobody has anything to do about it."""
    OBJECTED = "objected"
    """It goes as well, and what stays is that its person asked not to be contacted."""

    @property
    def goes(self) -> bool:
        """Whether the lead goes."""
        return self in {Fate.OVER, Fate.OBJECTED}


@dataclass(frozen=True, slots=True)
class PurgeRule:
    """Which leads go."""

    keeps_from: datetime
    """What was last active before it is old."""
    open_too: bool = False
    """Whether old leads go that nobody answered."""


def judge_person(
    person: Iterable[StoredLead], rule: PurgeRule, policy: FollowUpPolicy
) -> list[tuple[StoredLead, Fate]]:
    """Return what becomes of each lead of a person.

    The leads of a person who objected go together or not at all, because one that stays still says it.
    """
    judged = [(stored, _judge(stored, rule, policy)) for stored in person]
    if {fate for _, fate in judged} <= {Fate.OBJECTED}:
        return judged
    return [(stored, Fate.RECENT if fate is Fate.OBJECTED else fate) for stored, fate in judged]


def _judge(stored: StoredLead, rule: PurgeRule, policy: FollowUpPolicy) -> Fate:
    if stored.lead.history.is_lost:
        return Fate.DAMAGED
    if find_last_activity(stored.lead) >= rule.keeps_from or is_edited(stored):
        return Fate.RECENT
    lead = edited(stored, policy)  # With what follows from the settings, and from the person's other leads.
    if is_closed(lead):
        return Fate.OBJECTED
    return Fate.OPEN if is_open(lead) and not rule.open_too else Fate.OVER


def find_last_activity(lead: Lead) -> datetime:
    """Return when the customer last acted, a person last decided something, or a mail about it was sent or planned.

    A lead that the app only wrote anew is no younger for it. Neither is one with a new note.
    """
    times = (lead.last_reminder_at, lead.first_contacted_at, lead.snoozed_until, lead.due_plan_at)
    return max([lead.history.last_at, *(taken.at for taken in lead.decisions), *filter(None, times)])
