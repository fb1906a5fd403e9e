"""What the steps need from outside. Every verb may be repeated; each raises `StorageUnavailableError` for *later*."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # Intake needs few of these, and none of what they import.
    from collections.abc import AsyncIterator
    from datetime import datetime

    from lead_core.errors import UnreadableLeadError
    from lead_core.lead.follow_up import FollowUp, Turn
    from lead_core.lead.lead import Lead
    from lead_core.lead.values import LeadKey
    from lead_core.marketplace.envelope import Envelope
    from lead_core.marketplace.notification import Notification
    from lead_core.marketplace.rejected import RejectedLead
    from lead_core.messages import Mail


@dataclass(frozen=True, slots=True)
class StoredLead:
    """A lead as it was read: write it back only on this version."""

    lead: Lead
    version: object
    changed_at: datetime


class LeadQueue(Protocol):
    """The queue between `accept_lead` and `process_lead`."""

    async def enqueue(self, message: bytes) -> None:
        """Return once the message is durably queued. After a lost answer it may stand there twice."""


class Inbox(Protocol):
    """``MarketplaceLeads``: every notification as it came, written once."""

    async def insert(self, notification: Notification) -> None:
        """Keep *notification*; one that is already there stays as it is."""


class LeadStore(Protocol):
    """``Leads``: one row per person and offer."""

    async def insert(self, lead: Lead) -> bool:
        """Write a new row, and say whether it was new; else nothing is written."""

    async def get(self, key: LeadKey) -> StoredLead | None:
        """Read a row. Raises: UnreadableLeadError (``damaged-row``) for one that was edited beyond recognition."""

    async def replace(self, stored: StoredLead, lead: Lead) -> None:
        """Write *lead* over *stored*. Raises: SomeoneWasFirstError if it changed since."""

    async def list_person(self, key: LeadKey) -> list[StoredLead]:
        """Read a lead's row and those of the same person on other offers, of these only what can be read.

        Raises: UnreadableLeadError (``damaged-row``) if the lead's own row can't be.
        """

    def scan(self) -> AsyncIterator[StoredLead | UnreadableLeadError]:
        """Read every row, those of one person together; a damaged one comes as its error."""


@dataclass(frozen=True, slots=True)
class StoredFollowUp:
    """An entry of the to-do list as it was read."""

    due_at: datetime
    lead: LeadKey
    owner: str
    """What its owner column says: good enough to share out a tick, not to send a mail."""
    version: object


class FollowUpStore(Protocol):
    """``FollowUps``: the leads by the time they are due."""

    async def upsert(self, entry: FollowUp) -> None:
        """Write an entry, new or not."""

    async def get(self, entry: FollowUp) -> StoredFollowUp | None:
        """Read an entry, if it is there."""

    async def list_due(self, now: datetime, *, limit: int) -> list[StoredFollowUp]:
        """Read what is due, the oldest first, by key ranges only."""

    def scan(self) -> AsyncIterator[StoredFollowUp]:
        """Read every entry."""

    async def remove(self, entry: StoredFollowUp) -> None:
        """Remove a stale entry, unless it was written anew since it was read."""


class RejectKeeper(Protocol):
    """Where to put what could not be read."""

    async def keep(self, rejected: RejectedLead) -> None:
        """Write a row; in one that is there, only say anew why. People may have edited the rest."""


class RejectStore(RejectKeeper, Protocol):
    """``RejectedLeads``: what could not be read or processed."""

    async def list_since(self, day: datetime) -> list[StoredReject]:
        """Read the rows of *day* and later."""

    async def load(self, stored: StoredReject) -> Envelope | None:
        """Read what is to be retried, as it now stands; None where somebody erased it."""

    async def mark_retried(self, stored: StoredReject, *, explanation: str = "") -> None:
        """Count a retry and set ``Retry`` false; *explanation* says why nothing came of it."""

    async def mark_told(self, stored: StoredReject) -> None:
        """Note that the default owner was told."""


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


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A lead in a claimed digest: its keys, and which mail about it this is."""

    lead: LeadKey
    turn: Turn


@dataclass(frozen=True, slots=True)
class Claim:
    """The mail to one owner that is being sent now: its id, its leads, and until when nobody else may send it."""

    owner: str
    """``""`` where somebody edited that away."""
    digest_id: str = ""
    mails: tuple[ClaimedMail, ...] = ()
    until: datetime | None = None
    version: str | None = None
    """None where the row is not there yet."""
    key: str = ""
    """The row's key, which follows from the owner."""


@dataclass(frozen=True, slots=True)
class TestLeadNote:
    """The first test lead of an offer and day, which is confirmed to the default owner."""

    offer: str
    received_at: datetime
    owner: str = ""
    """Who would be told of a real one."""
    digest_id: str = ""
    until: datetime | None = None
    is_sent: bool = False
    version: str | None = None


class ClaimStore(Protocol):
    """``Digests``: one row per owner, one per offer and day with a test lead, and what rests unanswered."""

    async def list_claims(self) -> list[Claim]:
        """Read the claims of all owners."""

    async def write_claim(self, claim: Claim) -> Claim:
        """Write a claim over the version it carries, and give it with its new one. Raises: SomeoneWasFirstError."""

    async def note_test_lead(self, note: TestLeadNote) -> None:
        """Write a note; one of the same offer and day stays as it is."""

    async def list_test_leads(self, since: datetime) -> list[TestLeadNote]:
        """Read the notes of the day of *since* and later."""

    async def write_test_lead(self, note: TestLeadNote) -> TestLeadNote:
        """Write a note over the version it carries. Raises: SomeoneWasFirstError."""

    async def note_resting(self, count: int) -> None:
        """Write how many leads rest unanswered."""

    async def count_resting(self) -> int:
        """Read how many leads rested unanswered when that was last counted."""


class Mailer(Protocol):
    """The way out for mail."""

    async def send(self, mail: Mail) -> None:
        """Return once the provider has taken *mail*.

        Raises: AddressRefusedError, MailNotSentError: nothing went out. MailUncertainError: nobody knows.
        """


class Probe(Protocol):
    """One thing outside that has to answer."""

    name: str

    async def check(self) -> None:
        """Return if it answers."""
