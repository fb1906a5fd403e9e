"""The queue and the tables in memory: for tests, and to try a step without an account."""

import copy
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from lead_core.adapters.tables.archive import QueuedMessage
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow
from lead_core.lead.values import format_digest
from lead_core.ports.rejects import PoisonedMessage


class MemoryQueue:
    """A `LeadQueue` that keeps its messages in a list."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def enqueue(self, message: bytes) -> None:
        """See `LeadQueue.enqueue`."""
        self.messages.append(message)


class MemoryPoisonQueue:
    """A `PoisonQueue` in a dictionary, by the messages' ids."""

    def __init__(self) -> None:
        self.messages: dict[str, PoisonedMessage] = {}
        self._takes = itertools.count(1)

    def put(self, message: PoisonedMessage) -> None:
        """Put a message there as the host does. One that was taken is there again."""
        self.messages[message.message_id] = replace(message, version=None)

    async def count(self) -> int:
        """See `PoisonQueue.count`."""
        return len(self.messages)

    async def take(self) -> list[PoisonedMessage]:
        """See `PoisonQueue.take`."""
        free = [replace(each, version=next(self._takes)) for each in self.messages.values() if each.version is None]
        self.messages |= {each.message_id: each for each in free}
        return free

    async def remove(self, message: PoisonedMessage) -> None:
        """See `PoisonQueue.remove`."""
        if self.messages.get(message.message_id) == message:
            del self.messages[message.message_id]


class MemoryMessages:
    """The `Messages` of a `MemoryQueue`. Equal messages have the same id."""

    def __init__(self, queue: MemoryQueue, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._queue, self._clock = queue, clock

    async def read(self) -> list[QueuedMessage]:
        """See `Messages.read`."""
        return [QueuedMessage(_name(each), each, self._clock(), tries=0) for each in self._queue.messages]

    async def remove(self, ids: Collection[str]) -> None:
        """See `Messages.remove`."""
        self._queue.messages[:] = [each for each in self._queue.messages if _name(each) not in ids]


class MemoryTable:
    """A `Table` in a dictionary. Rows are copied in and out, as over a wire."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self._rows: dict[tuple[str, str], StoredRow] = {}
        self._versions = itertools.count(1)

    @property
    def rows(self) -> list[Entity]:
        """All rows, in the order of their keys."""
        return [copy.deepcopy(self._rows[key].columns) for key in sorted(self._rows)]

    async def insert(self, row: Entity) -> str | None:
        """See `Table.insert`."""
        return None if _key(row) in self._rows else self._write(row)

    async def insert_all(self, rows: Iterable[Entity]) -> None:
        """See `Table.insert_all`."""
        for row in rows:
            await self.insert(row)

    async def get(self, partition: str, row: str) -> StoredRow | None:
        """See `Table.get`."""
        return copy.deepcopy(self._rows.get((partition, row)))

    async def upsert(self, row: Entity) -> None:
        """See `Table.upsert`."""
        self._write(row)

    async def merge(self, row: Entity, etag: str | None = None) -> None:
        """See `Table.merge`."""
        before = self._rows.get(_key(row))
        if etag is not None and (before is None or before.etag != etag):
            return
        self._write((before.columns if before else {}) | row)

    async def merge_all(self, rows: Iterable[tuple[Entity, str]]) -> None:
        """See `Table.merge_all`."""
        for row, etag in rows:
            await self.merge(row, etag)

    async def replace(self, row: Entity, etag: str) -> str | None:
        """See `Table.replace`."""
        before = self._rows.get(_key(row))
        return self._write(row) if before and before.etag == etag else None

    async def delete(self, partition: str, row: str, etag: str | None = None) -> bool:
        """See `Table.delete`."""
        stored = self._rows.get((partition, row))
        if stored and etag not in {None, stored.etag}:
            return False
        self._rows.pop((partition, row), None)
        return True

    async def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
        """See `Table.query`."""
        for partition, row in sorted(self._rows):
            within = keys.from_partition <= partition and keys.from_row <= row
            if within and partition <= (keys.to_partition or partition) and row <= (keys.to_row or row):
                stored = copy.deepcopy(self._rows[partition, row])
                named = {name: value for name, value in stored.columns.items() if not columns or name in columns}
                yield replace(stored, columns=named)

    def _write(self, row: Entity) -> str:
        etag = str(next(self._versions))
        self._rows[_key(row)] = StoredRow(copy.deepcopy(row), etag, self.clock())
        return etag


def _name(message: bytes) -> str:
    return format_digest(message.hex())


def _key(row: Entity) -> tuple[str, str]:
    return row["PartitionKey"], row["RowKey"]
