"""Put rejected leads into the queue again if their ``Retry`` is set."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lead_core.marketplace.envelope import MAX_BODY_BYTES, encode_envelope
from lead_core.ports.storage import LeadQueue, RejectStore

RETRIES_ARE_READ_FOR: Final = timedelta(days=14)
"""How far back each tick reads. The hourly check reads all."""
_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)


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
        return await self._retry(_EVER)

    async def _retry(self, since: datetime) -> int:
        wanted = [each for each in await self.rejects.list_since(since) if each.wants_retry]
        for stored in wanted:
            envelope = await self.rejects.get(stored)
            if envelope and len(envelope.body) > MAX_BODY_BYTES:
                too_large = f"The Body is larger than {MAX_BODY_BYTES // 1024} KiB. Shorten it, then set Retry to true."
                await self.rejects.mark_retried(stored, explanation=too_large)
            elif envelope:
                await self.queue.enqueue(encode_envelope(envelope))
                await self.rejects.mark_retried(stored)
        return len(wanted)
