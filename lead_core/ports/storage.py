"""What is stored: the queue and the tables, and what their rows hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Sequence
    from datetime import datetime

    from lead_core.lead.changes import StoredLead
    from lead_core.lead.erasure import Erasure, Erasures, Receipt
    from lead_core.lead.lead import Lead
    from lead_core.lead.received import Envelope, Notification
    from lead_core.lead.to_do import FollowUp, Place
    from lead_core.lead.values import LeadKey


class LeadQueue(Protocol):
    """The queue between `accept_lead` and `process_lead`."""

    async def enqueue(self, message: bytes) -> None:
        """Return once the message is durably queued. After a lost answer it may stand there twice."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Which lead a notification became, and when it was received."""

    lead: LeadKey
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OldNotification:
    """Whose a notification is, without what it says."""

    keys: tuple[str, str]
    lead: LeadKey
    received_at: datetime
    written_at: datetime


@dataclass(frozen=True, slots=True)
class KeptNotification:
    """A notification as it was kept."""

    lead: LeadKey
    """The lead it was kept for. Both keys are ``""`` if a person removed them."""
    envelope: Envelope


class Inbox(Protocol):
    """``MarketplaceLeads``: every notification as it came, written once."""

    async def insert(self, notification: Notification) -> None:
        """Keep *notification*. One that is already there stays as it is."""

    async def insert_all(self, notifications: Iterable[Notification]) -> None:
        """Keep many notifications, in few requests. Those that are already there stay as they are."""

    async def remove(self, notification: Notification) -> None:
        """Remove *notification*, if it is there."""

    async def remove_of(self, partition: str, erasure: Erasure) -> int:
        """Remove what *erasure* covers of a person's notifications, and count it. Reads through the whole table."""

    async def list_of(self, leads: Collection[LeadKey]) -> dict[LeadKey, list[Envelope]]:
        """Read what was received for each of *leads*, up to a limit for each. This reads through the whole table."""

    async def find(self, events: Collection[str], *, since: datetime, until: datetime) -> dict[str, Arrival]:
        """Return those of *events* that were received in this time, by event id. Reads nothing outside it."""

    def list_before(self, moment: datetime) -> AsyncIterator[OldNotification]:
        """Read whose the notifications are that were received before *moment*. This reads no later ones."""

    def list_between(self, since: datetime, until: datetime) -> AsyncIterator[OldNotification]:
        """Read whose the notifications are that were received in this time. Reads nothing outside it."""

    async def remove_old(self, notification: OldNotification) -> None:
        """Remove a notification that `list_before` or `list_between` found."""

    def scan(self) -> AsyncIterator[KeptNotification]:
        """Read every notification, a page at a time. Within a day, the newest comes first."""


class LeadStore(Protocol):
    """``Leads``: one row per person and offer."""

    async def insert(self, lead: Lead) -> bool:
        """Write a new row and return True. If there is a row already, write nothing and return False."""

    async def get(self, key: LeadKey) -> StoredLead | None:
        """Read a row, as far as it can be read. A damaged one is salvaged."""

    async def replace(self, stored: StoredLead, lead: Lead) -> None:
        """Write *lead* over *stored*. Raises: SomeoneWasFirstError if the row changed since."""

    async def replace_whole(self, stored: StoredLead, lead: Lead) -> None:
        """Do so, and keep no column that people added. Raises: SomeoneWasFirstError."""

    async def remove(self, stored: StoredLead) -> bool:
        """Remove a row that was erased. Return False if it changed since."""

    async def list_person(self, key: LeadKey) -> list[StoredLead]:
        """Read a lead's row, and the same person's rows on other offers."""

    def scan(self, *, after: str = "") -> AsyncIterator[StoredLead]:
        """Read every row whose partition comes after *after*, and all rows of a person together."""


@dataclass(frozen=True, slots=True)
class StoredFollowUp:
    """An entry of the to-do list as it was read."""

    place: Place
    lead: LeadKey
    owner: str
    """Who gets the mails as listed, possibly outdated. Use it to choose what to look up, never as a recipient."""
    version: object
    action_code: str = ""
    """The customer's wish as listed, possibly outdated."""
    state: str = ""
    """The words for people as listed, possibly outdated. A row of the version before has none."""
    is_changed: bool = False
    """Whether a person changed the row. Known only after `FollowUpStore.scan`."""

    def is_outdated(self, entry: FollowUp) -> bool:
        """Whether it says something else than *entry*: what a version before wrote, or what other settings said."""
        return (self.state, self.owner) != (entry.state, entry.owner)


class FollowUpStore(Protocol):
    """``FollowUps``: the leads that wait, those without a next mail first, then by the time they are due."""

    async def upsert(self, entry: FollowUp) -> None:
        """Write an entry, new or not."""

    async def get(self, entry: FollowUp) -> StoredFollowUp | None:
        """Read an entry, if it is there."""

    def list_due(self, now: datetime) -> AsyncIterator[StoredFollowUp]:
        """Read what is due, the oldest first, by key ranges only. What has no next mail is not due."""

    def list_resting(self) -> AsyncIterator[StoredFollowUp]:
        """Read the leads that rest, those who have waited longest first. Many rows are one request."""

    def list_follow_ups(self) -> AsyncIterator[StoredFollowUp]:
        """Read the follow-ups whose mail has come and of which nobody said what came of them, the oldest first."""

    def scan(self, *, writes_problems: bool = True) -> AsyncIterator[StoredFollowUp]:
        """Read every entry. A row that a person put there is no entry. With *writes_problems*, ``Problem`` says so."""

    async def remove(self, entry: StoredFollowUp) -> None:
        """Remove a stale entry, unless it was written anew since it was read."""


@dataclass(frozen=True, slots=True)
class CheckProgress:
    """How far the check of all leads came."""

    after: str = ""
    """The partition of the last person who was checked. ``""`` at the start of a round."""
    begun_at: datetime | None = None
    """When the round began. None at its start, or if a version before noted the place."""


class CheckStore(Protocol):
    """In ``Digests``: where the check of all leads goes on."""

    async def read(self) -> CheckProgress:
        """Read where the last run stopped."""

    async def write(self, progress: CheckProgress) -> None:
        """Write where the next run goes on."""


@dataclass(frozen=True, slots=True)
class PurgeProgress:
    """How far the purge of old leads came."""

    after: str = ""
    """The partition of the last person who was looked at. ``""`` at the start of a round."""
    finished_at: datetime | None = None
    """When the last round was finished. None as long as a round goes on."""


class PurgeStore(Protocol):
    """In ``Digests``: where the purge of old leads goes on."""

    async def read(self) -> PurgeProgress:
        """Read where the last run stopped."""

    async def write(self, progress: PurgeProgress) -> None:
        """Write where the next run goes on."""


class ErasureStore(Protocol):
    """``Erasures``: that persons were erased, under names that nobody can read back, and a receipt for each erasure."""

    async def find(self, partition: str) -> Erasure | None:
        """Return the erasure of the person whose leads have that partition, if they were erased. One request."""

    async def list(self) -> Erasures:
        """Read all erasures."""

    async def write_receipt(self, receipt: Receipt) -> Receipt:
        """Write a receipt, new or not, and return it with the time at which it was first written."""

    async def list_receipts(self) -> Sequence[Receipt]:
        """Read all receipts, the oldest first."""

    async def remember(self, partitions: Collection[str], erasure: Erasure, *, secret: str) -> None:
        """Write that the person of these partitions was erased. *secret* becomes the key of the names if there is none.

        What an earlier erasure says of the same person stays, as far as it says more.
        """

    async def lift(self, erasure: Erasure) -> None:
        """Write that a person may be contacted again, under all their names."""


class Probe(Protocol):
    """One thing outside that must work."""

    name: str

    async def check(self) -> None:
        """Return if it works. Raises: LeadError, whose explanation holds no personal data."""
