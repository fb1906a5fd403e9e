"""The queue ``leads-poison`` in Azure Storage, where the host puts what it gave up on."""

from datetime import UTC, datetime, timedelta
from typing import cast

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from lead_core.adapters.azure.account import translating_errors
from lead_core.adapters.azure.refusals import find_word
from lead_core.ports.rejects import PoisonedMessage

_HELD_FOR = timedelta(minutes=1)
_MOST_AT_ONCE = 32
_IS_NOT_OURS = {"MessageNotFound", "PopReceiptMismatch", "QueueNotFound"}
"""It was removed, or someone else took it since."""


class AzurePoisonQueue:
    """A `PoisonQueue` on a storage queue. One that is missing is empty: the host makes it when it needs it."""

    def __init__(self, client: QueueClient) -> None:
        self._client = client

    async def count(self) -> int:
        """See `PoisonQueue.count`."""
        async with translating_errors():
            try:
                return (await self._client.get_queue_properties()).approximate_message_count or 0
            except ResourceNotFoundError:
                return 0

    async def take(self) -> list[PoisonedMessage]:
        """See `PoisonQueue.take`."""
        seconds = round(_HELD_FOR.total_seconds())
        pages = self._client.receive_messages(messages_per_page=_MOST_AT_ONCE, visibility_timeout=seconds).by_page()
        async with translating_errors():
            try:
                async for page in pages:
                    return [_poisoned(message) async for message in page]
            except ResourceNotFoundError:
                pass
        return []

    async def remove(self, message: PoisonedMessage) -> None:
        """See `PoisonQueue.remove`."""
        async with translating_errors():
            try:
                await self._client.delete_message(message.message_id, cast("str", message.version))
            except HttpResponseError as error:
                if find_word(error) not in _IS_NOT_OURS:
                    raise


def _poisoned(message: QueueMessage) -> PoisonedMessage:
    put_there_at = message.inserted_on or datetime.now(UTC)
    return PoisonedMessage(str(message.content).encode(), message.id, put_there_at, message.pop_receipt)
