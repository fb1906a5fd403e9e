"""Twins of the queue and the tables in memory: for tests, and to see what a step does without an account."""

import copy
import itertools
from datetime import UTC, datetime

from lead_core.adapters.rows import Entity
from lead_core.adapters.stores import StoredRow


class MemoryQueue:
    """A `LeadQueue` that keeps its messages in a list."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def enqueue(self, message: bytes) -> None:
        """See `LeadQueue.enqueue`."""
        self.messages.append(message)


class MemoryTable:
    """A `Table` in a dictionary. Rows are copied in and out, as over a wire."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], StoredRow] = {}
        self._versions = itertools.count(1)

    @property
    def rows(self) -> list[Entity]:
        """All rows, in the order of their keys."""
        return [copy.deepcopy(self._rows[key].columns) for key in sorted(self._rows)]

    async def insert(self, row: Entity) -> bool:
        """See `Table.insert`."""
        if _key(row) in self._rows:
            return False
        self._write(row)
        return True

    async def get(self, partition: str, row: str) -> StoredRow | None:
        """See `Table.get`."""
        return copy.deepcopy(self._rows.get((partition, row)))

    async def upsert(self, row: Entity) -> None:
        """See `Table.upsert`."""
        self._write(row)

    async def merge(self, row: Entity) -> None:
        """See `Table.merge`."""
        before = self._rows.get(_key(row))
        self._write((before.columns if before else {}) | row)

    async def replace(self, row: Entity, etag: str) -> bool:
        """See `Table.replace`."""
        before = self._rows.get(_key(row))
        if before is None or before.etag != etag:
            return False
        self._write(row)
        return True

    async def delete(self, partition: str, row: str) -> None:
        """See `Table.delete`."""
        self._rows.pop((partition, row), None)

    async def swap(self, stale: Entity, row: Entity) -> bool:
        """See `Table.swap`."""
        if _key(stale) not in self._rows:
            return False
        self._write(row)
        del self._rows[_key(stale)]
        return True

    def _write(self, row: Entity) -> None:
        self._rows[_key(row)] = StoredRow(copy.deepcopy(row), str(next(self._versions)), datetime.now(UTC))


def _key(row: Entity) -> tuple[str, str]:
    return row["PartitionKey"], row["RowKey"]
