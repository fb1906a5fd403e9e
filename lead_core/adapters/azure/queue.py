"""The queue ``leads`` in Azure Storage."""

import asyncio
import base64
from contextlib import AsyncExitStack
from datetime import timedelta

from azure.storage.queue.aio import QueueClient, QueueServiceClient

from lead_core.adapters.azure.account import StorageAccount, creating, open_client, translating_errors

SENDING_GIVES_UP_AFTER = timedelta(seconds=2)
_NEVER_EXPIRES = -1


def open_queues(account: StorageAccount, stack: AsyncExitStack) -> QueueServiceClient:
    """Return a client for the account's queues, which *stack* closes."""
    # Retry at once, because a kept connection may be stale. The default holds a failing send for 84 seconds.
    retries = {"retry_total": 2, "initial_backoff": 0, "increment_base": 0, "random_jitter_range": 0}
    return open_client(QueueServiceClient, account, account.queue_uri, stack, **retries)


class AzureLeadQueue:
    """A `LeadQueue` and a `Probe` on a storage queue."""

    name = "queue leads"

    def __init__(self, client: QueueClient) -> None:
        self._client = client

    async def enqueue(self, message: bytes) -> None:
        """See `LeadQueue.enqueue`. In base64, as the host expects."""
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
