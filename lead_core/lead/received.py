"""What the marketplace sends, as values: as it came, as it was read, and as it was rejected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:  # Intake's cold start must not load phone numbers and countries.
    from datetime import datetime

    from lead_core.errors import LeadError
    from lead_core.lead.delivery import Delivery
    from lead_core.lead.person import Contact
    from lead_core.lead.status_words import Word
    from lead_core.lead.values import LeadKey


@dataclass(frozen=True, slots=True)
class Envelope:
    """One notification on its way through the queue."""

    event_id: str
    """32 hexadecimal digits, made once, at intake."""
    received_at: datetime
    offer: str
    """The offer from the URL, ``""`` if it named none."""
    body: bytes
    """As it came, unpacked."""
    charset: str = ""
    """What the sender said that the bytes are, ``""`` for UTF-8 or nothing."""
    past: Word | None = None
    """What became of a lead that was imported as answered. None for one that was posted."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a notification says, as texts without placeholders. ``""`` is unknown."""

    contact: Contact
    lead_source: str = ""
    action_code: str = ""
    offer_title: str = ""
    description: str = ""
    offer_id: str = ""
    publisher_id: str = ""
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification, read: what came, and what it means."""

    envelope: Envelope
    payload: Payload
    delivery: Delivery


class RejectedFrom(StrEnum):
    """Where a notification was given up."""

    HTTP = "http"
    QUEUE = "queue"
    POISON = "poison"
    LEADS = "leads"
    """No notification: the row of a lead was damaged."""


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
    charset: str = ""
    """As in `Envelope`."""
    retry: bool = False
    """Whether the next tick puts it into the queue again."""
    would_read: str = ""
    """What a lenient reader makes of *body*, for the person who corrects it."""
    lead: LeadKey | None = None
    """The lead whose row was damaged. None if a notification was rejected."""

    @classmethod
    def of(
        cls,
        envelope: Envelope,
        why: LeadError,
        rejected_from: RejectedFrom,
        *,
        retry: bool = False,
        would_read: str = "",
    ) -> Self:
        """Return what was in *envelope* with the reason why it was given up."""
        return cls(
            event_id=envelope.event_id,
            received_at=envelope.received_at,
            rejected_from=rejected_from,
            reason=why.code,
            explanation=why.explanation,
            offer=envelope.offer,
            body=envelope.body,
            charset=envelope.charset,
            retry=retry,
            would_read=would_read,
        )
