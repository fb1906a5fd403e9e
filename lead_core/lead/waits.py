"""How long customers wait: from their own action that opened a lead until a person's answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from lead_core.lead.lead import Lead


class Apart(StrEnum):
    """Why a lead is in no figure but its own."""

    TEST = "test lead"
    INTERNAL = "own people"
    DO_NOT_CONTACT = "do not contact"
    SPAM = "spam"
    PAST = "answered before it came"
    """A file told of it, or its row was lost: nobody measured when it was answered. See `lead.past`."""


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
    """How far a lead came, and when. None is: not yet."""

    received_at: datetime
    told_at: datetime | None = None
    """The first mail about it to its owner."""
    attempted_at: datetime | None = None
    """The first attempt to reach the customer, an answer included."""
    contacted_at: datetime | None = None
    closed_at: datetime | None = None
    """Qualified or disqualified."""


def find_apart(lead: Lead) -> Apart | None:
    """Return why *lead* is counted apart. None if it is in the figures."""
    raise NotImplementedError


def find_waits(lead: Lead) -> tuple[Wait, ...]:
    """Return each wait of the customer of *lead*, the first one first."""
    raise NotImplementedError


def find_milestones(lead: Lead) -> Milestones:
    """Return how far *lead* came."""
    raise NotImplementedError
