"""The first step: put a post into the queue, and only then answer *accepted*.

The marketplace may try only once and wait only briefly. So the only check here is that it is one JSON object.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope, RejectedFrom, RejectedLead
from lead_core.marketplace.body import parse_object
from lead_core.marketplace.envelope import MAX_BODY_BYTES, encode_envelope, parse_url_offer

if TYPE_CHECKING:
    from lead_core.ports.storage import LeadQueue, RejectWriter

MAX_KEPT_BODY_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Posted:
    """The parts of an HTTP request that intake needs."""

    body: bytes
    offer: str
    """The URL's ``{offer}``, decoded once. ``""`` if it names none."""
    is_chunked: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """Accepts posts."""

    queue: LeadQueue
    rejects: RejectWriter

    async def accept(self, posted: Posted, *, event_id: str, now: datetime) -> None:
        """Put a post into the queue.

        Raises: UnreadableLeadError if it is not a lead. If there is anything to keep, it is now in ``RejectedLeads``.
        StorageUnavailableError if nothing could be kept. Then only the sender still has it.
        """
        envelope = Envelope(event_id, received_at=now, offer=parse_url_offer(posted.offer), body=posted.body)
        try:
            _check(posted)
        except UnreadableLeadError as error:
            if 0 < len(posted.body) <= MAX_KEPT_BODY_BYTES:
                await self.rejects.upsert(RejectedLead.of(envelope, error, RejectedFrom.HTTP))
            raise
        await self.queue.enqueue(encode_envelope(envelope))


def _check(posted: Posted) -> None:
    if not posted.body and posted.is_chunked:
        raise UnreadableLeadError(
            RejectCode.CHUNKED, "The request was sent in chunks and arrived empty. Send it with a Content-Length."
        )
    if not posted.body:
        raise UnreadableLeadError(RejectCode.EMPTY, "The request has no body. A lead is posted as one JSON object.")
    if len(posted.body) > MAX_BODY_BYTES:
        raise UnreadableLeadError(
            RejectCode.TOO_LARGE,
            f"The body has {len(posted.body):,} bytes. "
            f"A lead may have at most {MAX_BODY_BYTES:,} ({MAX_BODY_BYTES // 1024} KiB).",
        )
    parse_object(posted.body)
