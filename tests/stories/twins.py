"""Tables that a story can look into, and pairs of tables that must stay equal."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeAlias, TypeVar

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table

Key: TypeAlias = tuple[str, str]
T = TypeVar("T")


class Watched(MemoryTable):
    """A table in memory that a test can look into without a call."""

    def look(self) -> dict[Key, Entity]:
        """Return the rows as they stand, by their keys. Each write puts another row there."""
        return {key: stored.columns for key, stored in sorted(self._rows.items())}


class Beside:
    """An event loop in a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what *work* returns. Nothing else goes on in the caller's loop meanwhile."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@contextmanager
def running_beside() -> Iterator[Beside]:
    """Run an event loop in a thread until the block ends."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield Beside(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Twins:
    """A table in memory and one on Azurite, with the same calls. Both must give the same answers.

    The etags and times that the app sees are memory's. So each version there has to be one version here.

    A step may make several calls at once. Azurite's answers arrive in another order each time, and a story must go
    the same way again. So each call ends before the next begins, as in memory.
    """

    def __init__(self, ours: MemoryTable, theirs: Table, beside: Beside) -> None:
        self._ours, self._theirs, self._finish = ours, theirs, beside.finish
        self._etags: dict[str, str] = {}
        self._versions: dict[tuple[Key, str], str] = {}

    async def insert(self, row: Entity) -> str | None:
        return self._pair(row, await self._ours.insert(row), self._finish(self._theirs.insert(row)))

    async def replace(self, row: Entity, etag: str) -> str | None:
        ours = await self._ours.replace(row, etag)
        return self._pair(row, ours, self._finish(self._theirs.replace(row, self._etags[etag])))

    async def get(self, partition: str, row: str) -> StoredRow | None:
        ours, theirs = await self._ours.get(partition, row), self._finish(self._theirs.get(partition, row))
        self._compare([ours] if ours else [], [theirs] if theirs else [])
        return ours

    async def upsert(self, row: Entity) -> None:
        await self._ours.upsert(row)
        self._finish(self._theirs.upsert(row))

    async def merge(self, row: Entity, etag: str | None = None) -> None:
        await self._ours.merge(row, etag)
        self._finish(self._theirs.merge(row, self._etags[etag] if etag else None))

    async def insert_all(self, rows: Iterable[Entity]) -> None:
        for row in rows:
            await self.insert(row)

    async def merge_all(self, rows: Iterable[tuple[Entity, str]]) -> None:
        together = list(rows)
        await self._ours.merge_all(together)
        self._finish(self._theirs.merge_all([(row, self._etags[etag]) for row, etag in together]))

    async def delete(self, partition: str, row: str, etag: str | None = None) -> bool:
        is_gone = await self._ours.delete(partition, row, etag)
        assert is_gone == self._finish(self._theirs.delete(partition, row, self._etags[etag] if etag else None))
        return is_gone

    async def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
        ours = [row async for row in self._ours.query(keys, columns)]
        self._compare(ours, self._finish(_list(self._theirs.query(keys, columns))))
        for row in ours:
            yield row

    def _compare(self, ours: list[StoredRow], theirs: list[StoredRow]) -> None:
        assert [_typed(row.columns) for row in ours] == [_typed(row.columns) for row in theirs]
        for our, their in zip(ours, theirs, strict=True):
            self._pair(our.columns, our.etag, their.etag)

    def _pair(self, row: Entity, ours: str | None, theirs: str | None) -> str | None:
        assert (ours is None) == (theirs is None)
        if ours and theirs:
            assert self._etags.setdefault(ours, theirs) == theirs
            # Azurite gives all rows of one transaction the same etag.
            version = (row["PartitionKey"], row["RowKey"]), theirs
            assert self._versions.setdefault(version, ours) == ours
        return ours


async def _list(rows: AsyncIterator[StoredRow]) -> list[StoredRow]:
    return [row async for row in rows]


def _typed(columns: Entity) -> dict[str, tuple[bool, object]]:
    """Return the values with their types, because Python treats true and 1 as equal."""
    return {name: (isinstance(value, bool), value) for name, value in columns.items()}
