"""The messages in the queue ``leads`` and in ``leads-poison`` beside it, as they stand."""

from collections.abc import Collection
from contextlib import suppress
from datetime import UTC
from typing import Final

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from lead_core.adapters.azure.account import translating_errors
from lead_core.adapters.azure.refusals import find_word
from lead_core.adapters.tables.archive import QueuedMessage
from lead_core.at_once import do_few_at_once

MOST_AT_ONCE: Final = 32
"""How many messages one request can show or hand out."""
LOOKING_SECONDS: Final = 60
"""How long a message that was taken is hidden from the functions, if this process ends before it is put back."""


class AzureMessages:
    """The `Messages` of a storage queue.

    Storage shows the first 32 messages without touching them. Further ones, and those in front of a message that is
    removed, must be taken and put back. That counts as a try of each. After the fifth, the host puts a message into
    ``leads-poison`` without another try (``maxDequeueCount``), and from there it goes into
    ``RejectedLeads`` and is retried. In ``leads-poison`` itself, it would stay. So they are taken only if there is no
    other way, and once for all.
    """

    def __init__(self, client: QueueClient) -> None:
        self._client = client

    async def read(self) -> list[QueuedMessage]:
        """See `Messages.read`."""
        async with translating_errors():
            try:
                seen = await self._client.peek_messages(max_messages=MOST_AT_ONCE)
                if len(seen) == MOST_AT_ONCE:
                    seen = await self._take()
                    await do_few_at_once(self._put_back, seen)
            except ResourceNotFoundError as error:
                if find_word(error) != "QueueNotFound":
                    raise
                return []  # The queue does not exist: nothing was ever sent.
            return [_read(message) for message in seen]

    async def remove(self, ids: Collection[str]) -> None:
        """See `Messages.remove`."""
        if not ids:
            return
        async with translating_errors():
            taken = await self._take(ids)
            await do_few_at_once(self._delete, [each for each in taken if each.id in ids])
            await do_few_at_once(self._put_back, [each for each in taken if each.id not in ids])

    async def _take(self, ids: Collection[str] = ()) -> list[QueueMessage]:
        """Take every message, or those up to the last of *ids*."""
        taken: list[QueueMessage] = []
        wanted = set(ids)
        messages = self._client.receive_messages(messages_per_page=MOST_AT_ONCE, visibility_timeout=LOOKING_SECONDS)
        async for page in messages.by_page():
            together = [message async for message in page]
            taken += together
            wanted -= {message.id for message in together}
            if ids and not wanted:
                break
        return taken

    async def _put_back(self, message: QueueMessage) -> None:
        with suppress(ResourceNotFoundError):  # Its time was over, and a function has it.
            await self._client.update_message(message.id, message.pop_receipt, visibility_timeout=0)

    async def _delete(self, message: QueueMessage) -> None:
        with suppress(ResourceNotFoundError):
            await self._client.delete_message(message.id, message.pop_receipt)


def _read(message: QueueMessage) -> QueuedMessage:
    queued_at = message.inserted_on
    assert queued_at is not None  # The service writes it into every message.
    content = str(message.content).encode()
    return QueuedMessage(message.id, content, queued_at.astimezone(UTC), message.dequeue_count or 0)
