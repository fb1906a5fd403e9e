"""Put rejected leads into the queue again if their ``Retry`` is set."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lead_core.errors import UnreadableLeadError
from lead_core.marketplace.by_hand import check_readable
from lead_core.marketplace.envelope import EARLIEST_RECEIPT, encode_envelope
from lead_core.ports.storage import LeadQueue, RejectStore

RETRIES_ARE_READ_FOR: Final = timedelta(days=14)
"""How far back each tick reads. The hourly check reads all."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """Retries rejected leads."""

    rejects: RejectStore
    queue: LeadQueue

    async def tick(self, *, now: datetime) -> int:
        """Retry the rejected leads of the last days, and count them. Needs storage alone."""
        return await self._retry(now - RETRIES_ARE_READ_FOR)

    async def check(self) -> int:
        """Retry all rejected leads, however old, and count them."""
        return await self._retry(EARLIEST_RECEIPT)

    async def _retry(self, since: datetime) -> int:
        wanted = [each for each in await self.rejects.list_since(since) if each.wants_retry]
        for stored in wanted:
            envelope = await self.rejects.get(stored)
            if envelope is None:
                continue
            try:
                check_readable(envelope)
            except UnreadableLeadError as why:  # Say it in the row that the person has before them.
                await self.rejects.mark_refused(stored, why)
            else:
                await self.queue.enqueue(encode_envelope(envelope))
                await self.rejects.mark_retried(stored, envelope)
        return len(wanted)
