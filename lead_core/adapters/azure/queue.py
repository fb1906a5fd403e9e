"""The queue ``leads`` in Azure Storage."""

import asyncio
import base64
from datetime import timedelta
from typing import TYPE_CHECKING

from lead_core.adapters.azure.account import creating, translating_errors

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient

SENDING_GIVES_UP_AFTER = timedelta(seconds=2)
_NEVER_EXPIRES = -1


class AzureLeadQueue:
    """A `LeadQueue` and a `Probe` on a storage queue."""

    name = "queue leads"

    def __init__(self, client: "QueueClient") -> None:
        self._client = client

    async def enqueue(self, message: bytes) -> None:
        """See `LeadQueue.enqueue`; base64, as the host expects."""
        text = base64.b64encode(message).decode()
        async with translating_errors(), asyncio.timeout(SENDING_GIVES_UP_AFTER.total_seconds()):
            await creating(
                "QueueNotFound",
                self._client.create_queue,
                lambda: self._client.send_message(text, time_to_live=_NEVER_EXPIRES),
            )

    async def check(self) -> None:
        """See `Probe.check`."""
        async with translating_errors(), asyncio.timeout(SENDING_GIVES_UP_AFTER.total_seconds()):
            await creating("QueueNotFound", self._client.create_queue, self._client.get_queue_properties)
