"""What could not be read or processed, kept where somebody sees it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from lead_core.errors import LeadError
from lead_core.marketplace.envelope import Envelope


class RejectedFrom(StrEnum):
    """Where a notification was given up."""

    HTTP = "http"
    QUEUE = "queue"
    POISON = "poison"


@dataclass(frozen=True, slots=True)
class RejectedLead:
    """One row of ``RejectedLeads``."""

    event_id: str
    received_at: datetime
    rejected_from: RejectedFrom
    reason: str
    """A stable code."""
    explanation: str
    """Sentences that a salesperson understands."""
    offer: str
    body: bytes
    retry: bool = False
    """Whether the next tick puts it into the queue again."""

    @classmethod
    def of(cls, envelope: Envelope, why: LeadError, rejected_from: RejectedFrom, *, retry: bool = False) -> Self:
        """Say of what is in *envelope* why it was given up."""
        return cls(
            event_id=envelope.event_id,
            received_at=envelope.received_at,
            rejected_from=rejected_from,
            reason=why.code,
            explanation=why.explanation,
            offer=envelope.offer,
            body=envelope.body,
            retry=retry,
        )
