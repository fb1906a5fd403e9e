"""What could not be read or processed: the table of rejected leads, and the queue of poisoned messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lead_core.lead.problems import RETRIED, is_about_retry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lead_core.errors import UnreadableLeadError
    from lead_core.lead.received import Envelope, RejectedLead
    from lead_core.lead.values import LeadKey


class RejectWriter(Protocol):
    """Where to put what could not be read."""

    async def upsert(self, rejected: RejectedLead) -> None:
        """Write a row. If there is a row already, write only the reason anew: people may have edited the rest."""


@dataclass(frozen=True, slots=True)
class StoredReject:
    """A rejected lead without its body."""

    keys: tuple[str, str]
    reason: str
    received_at: datetime
    wants_retry: bool
    retries: int
    is_told: bool
    version: str
    lead: LeadKey | None = None
    """The lead whose row was damaged. None if a notification was rejected."""
    problem: str = ""
    """What its editors were told."""
    retry_problem: str = ""
    """What they must be told because ``Retry`` can't be read."""
    would_read: str = ""
    """What its body seems to hold. ``""`` if that is not known."""
    explanation: str = ""
    """Sentences for people: why it was rejected, or that it was retried."""
    rejected_from: str = ""
    """Where it was first given up, as in `RejectedFrom`. ``""`` if a person made the row."""

    @property
    def is_open(self) -> bool:
        """Whether it is a notification, and did not go on its way since."""
        return self.reason != RETRIED and self.lead is None

    @property
    def needs_explaining(self) -> bool:
        """Whether its editors know something else about ``Retry`` than they must. A retry says itself how it went."""
        if self.wants_retry or self.problem == self.retry_problem:
            return False
        return bool(self.retry_problem) or is_about_retry(self.problem)


class RejectStore(RejectWriter, Protocol):
    """``RejectedLeads``: what could not be read or processed."""

    async def list_since(self, day: datetime) -> list[StoredReject]:
        """Read the rows of *day* and later, and those under a key that is no day, as people make them."""

    async def get(self, stored: StoredReject) -> Envelope | None:
        """Read what is to be retried, as it now stands. None if it was erased."""

    async def ask_retry(self, stored: StoredReject, *, seen: bytes, body: bytes) -> StoredReject | None:
        """Set ``Retry``, and put *body* in the place of the body that was *seen*. Return the row as it now is.

        None if its body or its reason changed since. If the process ends after that, the timer retries it.
        """

    async def remove(self, envelope: Envelope) -> None:
        """Remove what is kept of *envelope*, if anything is."""

    async def mark_retried(self, stored: StoredReject, envelope: Envelope) -> None:
        """Count a retry, set ``Retry`` false and say that it was read, after *envelope* was put into the queue."""

    async def mark_refused(self, stored: StoredReject, why: UnreadableLeadError) -> None:
        """Count a retry of which nothing came, and say *why*. The default owner is told again."""

    async def mark_problem(self, stored: StoredReject, problem: str) -> None:
        """Tell the row's editors about *problem*, or that there is none any more."""

    async def mark_told(self, told: Iterable[StoredReject]) -> None:
        """Write down that the default owner was told. Rows that changed since stay as they are."""

    async def remove_old(self, stored: StoredReject) -> bool:
        """Remove a row. Return False if it changed since it was read, and stays."""


@dataclass(frozen=True, slots=True)
class PoisonedMessage:
    """A message that the host gave up on, as it was taken out of the poison queue."""

    content: bytes
    message_id: str
    queued_at: datetime
    version: object
    """Who holds it. Nobody else sees it for a while."""


class PoisonQueue(Protocol):
    """The queue of messages that the host gave up on, until a worker parks them in ``RejectedLeads``."""

    async def count(self) -> int:
        """Return about how many messages stand there, those that a worker holds included."""

    async def take(self) -> list[PoisonedMessage]:
        """Take a few messages. Nobody else sees them for a minute, and then they are there again."""

    async def remove(self, message: PoisonedMessage) -> None:
        """Remove a message that was taken. If someone else took it since, it stays."""
