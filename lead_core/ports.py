"""What the steps need from outside. Every verb may be repeated; each raises `StorageUnavailableError` for *later*."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # Intake needs few of these, and none of what they import.
    from datetime import datetime

    from lead_core.lead.follow_up import FollowUp
    from lead_core.lead.lead import Lead
    from lead_core.lead.values import LeadKey
    from lead_core.marketplace.notification import Notification
    from lead_core.marketplace.rejected import RejectedLead


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


class FollowUpStore(Protocol):
    """``FollowUps``: the leads by the time they are due."""

    async def upsert(self, entry: FollowUp) -> None:
        """Write an entry, new or not."""

    async def move(self, stale: FollowUp | None, entry: FollowUp | None) -> None:
        """Write *entry*, then remove *stale*: a lead that waits is never without an entry."""


class RejectStore(Protocol):
    """``RejectedLeads``: what could not be read or processed."""

    async def keep(self, rejected: RejectedLead) -> None:
        """Write a row; in one that is there, only say anew why. People may have edited the rest."""


class Probe(Protocol):
    """One thing outside that has to answer."""

    name: str

    async def check(self) -> None:
        """Return if it answers and may be written."""
