"""What an examination reads of the storage account. It creates no queue and no table."""

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableServiceClient
from azure.storage.queue.aio import QueueClient

from lead_core.adapters.azure.account import translating_errors
from lead_core.ports.examining import AccountSeen, QueueDepth


class AzureQueueGauge:
    """A `QueueGauge` on a storage queue."""

    def __init__(self, client: QueueClient) -> None:
        self._client = client
        self.name = client.queue_name

    async def measure(self) -> QueueDepth | None:
        """See `QueueGauge.measure`. Peeking counts as no try to process a message."""
        async with translating_errors():
            try:
                properties = await self._client.get_queue_properties()
                peeked = await self._client.peek_messages()
            except ResourceNotFoundError as error:
                if getattr(error, "error_code", "") != "QueueNotFound":
                    raise
                return None
        oldest_at = peeked[0].inserted_on if peeked else None
        return QueueDepth(properties.approximate_message_count or 0, oldest_at)


class AzureAccountGauge:
    """An `AccountGauge` on a storage account."""

    def __init__(self, client: TableServiceClient) -> None:
        self._client = client

    async def look(self) -> AccountSeen:
        """See `AccountGauge.look`."""
        clocks: list[datetime] = []

        def read_clock(response: Any) -> None:
            with suppress(KeyError, ValueError):
                clocks.append(parsedate_to_datetime(response.http_response.headers["Date"]).astimezone(UTC))

        async with translating_errors():
            tables = [table.name async for table in self._client.list_tables(raw_response_hook=read_clock)]
        return AccountSeen(frozenset(tables), clocks[-1] if clocks else None)
