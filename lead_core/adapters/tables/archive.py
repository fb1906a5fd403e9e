"""All tables and queues, read as they stand."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, cast

from lead_core.adapters.tables.cells import body_to_columns
from lead_core.adapters.tables.table import Entity, KeyRange, Table
from lead_core.at_once import do_few_at_once
from lead_core.errors import UnreadableLeadError
from lead_core.marketplace.envelope import decode_envelope, read_message
from lead_core.ports.archive import KeptRow

KEYS: Final = ("PartitionKey", "RowKey")


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message as it was seen in a queue."""

    id: str
    content: bytes
    """As it stands there: in base64, or a text that a person put there."""
    queued_at: datetime
    tries: int
    """How often it was handed to a function, or looked at by `Messages.read`."""


class Messages(Protocol):
    """What can be done with the messages of a queue, beside processing them."""

    async def read(self) -> list[QueuedMessage]:
        """Read every message that can be seen now."""

    async def remove(self, ids: Collection[str]) -> None:
        """Remove these messages, as far as they can be seen now."""


class StoredArchive:
    """An `Archive` of any tables and queues, each by the name of its place."""

    def __init__(self, tables: Mapping[str, Table], queues: Mapping[str, Messages]) -> None:
        self._tables, self._queues = tables, queues

    @property
    def places(self) -> tuple[str, ...]:
        """See `Archive.places`."""
        return (*self._tables, *self._queues)

    async def scan(self, place: str, *, after: str = "", columns: tuple[str, ...] = ()) -> AsyncIterator[KeptRow]:
        """See `Archive.scan`."""
        if place in self._queues:
            for message in await self._queues[place].read():
                yield KeptRow(place, (place, message.id), message_to_columns(message), message.id, message.queued_at)
            return
        named = (*KEYS, *columns) if columns else ()
        async for row in self._tables[place].query(KeyRange(from_partition=after), named):
            partition, key = (row.columns[column] for column in KEYS)
            if not after or partition != after:  # The service knows "from", but not "after".
                yield KeptRow(place, (partition, key), row.columns, row.etag, row.changed_at)

    async def remove(self, row: KeptRow) -> bool:
        """See `Archive.remove`."""
        if row.place in self._queues:
            await self._queues[row.place].remove({row.keys[1]})
            return True
        return await self._tables[row.place].delete(*row.keys, cast("str", row.version))

    async def remove_all(self, rows: Iterable[KeptRow]) -> int:
        """See `Archive.remove_all`."""
        rows, gone = list(rows), list[KeptRow]()
        if rows and (queue := self._queues.get(rows[0].place)):
            await queue.remove({row.keys[1] for row in rows})
            return len(rows)

        async def remove(row: KeptRow) -> None:
            if await self.remove(row):
                gone.append(row)

        await do_few_at_once(remove, rows)
        return len(gone)


def message_to_columns(message: QueuedMessage) -> Entity:
    """Write a message as a row, with the columns that the tables have for the same."""
    content = read_message(message.content)
    columns: Entity = {"QueuedAt": message.queued_at, "Tries": message.tries}
    with suppress(UnreadableLeadError):  # A person put it there.
        envelope = decode_envelope(content)
        columns |= {"EventId": envelope.event_id, "ReceivedAt": envelope.received_at, "UrlOffer": envelope.offer}
        return columns | body_to_columns(envelope.body, envelope.charset)
    return columns | body_to_columns(content)
