"""All that is kept, row by row as it stands: to erase a person, to hand out what is known of them, to clean up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from datetime import datetime

    from lead_core.lead.received import Envelope
    from lead_core.lead.values import LeadKey


class Kind(StrEnum):
    """What a table or a queue holds."""

    LEADS = "leads"
    FOLLOW_UPS = "follow-ups"
    INBOX = "inbox"
    REJECTS = "rejects"
    DIGESTS = "digests"
    ERASURES = "erasures"
    REPORTS = "reports"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of a table, or a message of a queue, as it was read."""

    place: str
    """The table or the queue, one of `Archive.places`."""
    keys: tuple[str, str]
    """A row's partition key and row key. Of a message, the queue and the message's id."""
    columns: Mapping[str, Any]
    """The cells by column. Of a message: ``Body`` and ``BodyEncoding`` as in the tables, ``QueuedAt`` and ``Tries``.

    If `accept_lead` wrote the message, ``EventId``, ``ReceivedAt`` and ``UrlOffer`` as well.
    """
    version: object
    changed_at: datetime
    """When the row was last written, or the message was queued."""
    kind: Kind
    leads: tuple[LeadKey, ...] = ()
    """The leads that the row is about, as far as its cells name them."""
    envelope: Envelope | None = None
    """What was received, in rows of the inbox, in rejects and in messages, if all columns were read."""
    text: str = ""
    """What was received, as people read it, if it was rejected or is a message."""


class Archive(Protocol):
    """Every table and both queues."""

    @property
    def places(self) -> tuple[str, ...]:
        """The tables by their names in the settings, then ``queue leads`` and ``queue leads-poison``."""

    def scan(self, place: str, *, after: str = "", columns: tuple[str, ...] = ()) -> AsyncIterator[KeptRow]:
        """Read every row of a table whose partition comes after *after*, in the order of the keys.

        With *columns*, these alone and the keys. Of a queue, read every message that can be seen now: those that a
        function works on, or that wait for their next try, are hidden from everybody for up to a minute.
        """

    async def remove(self, row: KeptRow) -> bool:
        """Remove a row if it did not change since it was read. Return whether it is gone now.

        A message that a function is working on stays, and counts as gone if nobody can see it any more.
        """

    async def remove_all(self, rows: Iterable[KeptRow]) -> int:
        """Do so with many rows of one place, and return how many are gone now. Few requests for many messages."""
