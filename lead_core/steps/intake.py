"""The first step: put a post into the queue, and only then answer *accepted*.

The marketplace may try only once and wait only briefly. So the only check here is that it is JSON with an object in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope, RejectedFrom, RejectedLead
from lead_core.marketplace.charset import parse_charset
from lead_core.marketplace.envelope import MAX_BODY_BYTES, encode_envelope, parse_url_offer
from lead_core.marketplace.leads import split
from lead_core.marketplace.unpacking import unpack

if TYPE_CHECKING:
    from lead_core.ports.rejects import RejectWriter
    from lead_core.ports.storage import LeadQueue

MAX_KEPT_BODY_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Posted:
    """The parts of an HTTP request that intake needs."""

    body: bytes
    offer: str
    """The URL's ``{offer}``, decoded once. ``""`` if it names none."""
    is_chunked: bool
    content_type: str = ""
    content_encoding: str = ""


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
        envelope = Envelope(
            event_id, now, parse_url_offer(posted.offer), posted.body, parse_charset(posted.content_type)
        )
        try:
            _check_sent(posted)
            unpacked = unpack(posted.body, posted.content_encoding, limit=MAX_KEPT_BODY_BYTES)
            envelope = replace(envelope, body=unpacked)
            _check(envelope)
        except UnreadableLeadError as error:
            if 0 < len(envelope.body) <= MAX_KEPT_BODY_BYTES:
                await self.rejects.upsert(_reject(envelope, error))
            raise
        await self.queue.enqueue(encode_envelope(envelope))


def _check_sent(posted: Posted) -> None:
    if not posted.body and posted.is_chunked:
        raise UnreadableLeadError(
            RejectCode.CHUNKED, "The request was sent in chunks and arrived empty. Send it with a Content-Length."
        )
    if not posted.body:
        raise UnreadableLeadError(RejectCode.EMPTY, "The request has no body. A lead is posted as one JSON object.")


def _check(envelope: Envelope) -> None:
    if len(envelope.body) > MAX_BODY_BYTES:
        raise UnreadableLeadError(
            RejectCode.TOO_LARGE,
            f"The body has {len(envelope.body):,} bytes. "
            f"A lead may have at most {MAX_BODY_BYTES:,} ({MAX_BODY_BYTES // 1024} KiB).",
        )
    split(envelope)


def _reject(envelope: Envelope, why: UnreadableLeadError) -> RejectedLead:
    # Most posts are leads. A cold start does not pay for what only a refused one needs.
    from lead_core.marketplace.suggestion import reject  # noqa: PLC0415 -- see above

    return reject(envelope, why, RejectedFrom.HTTP)
