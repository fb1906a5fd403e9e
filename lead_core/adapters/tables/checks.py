"""How far the hourly check and the purge came: one row each in ``Digests``."""

from lead_core.adapters.tables.cells import read_text, read_time
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.ports.storage import CheckProgress, PurgeProgress

_PARTITION, _PROGRESS = "checks", "leads"
_PURGE = "purge"
_OF_BEFORE = "resting"
"""A row of the version before, which nobody reads any more."""


class TableCheckStore:
    """A `CheckStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self) -> CheckProgress:
        """See `CheckStore.read`."""
        rows = [row async for row in self._table.query(KeyRange(_PARTITION, _PARTITION, _PROGRESS, _OF_BEFORE))]
        by_key = {row.columns["RowKey"]: row for row in rows}
        if unused := by_key.get(_OF_BEFORE):
            await self._table.delete(_PARTITION, _OF_BEFORE, unused.etag)
        progress = by_key.get(_PROGRESS)
        if progress is None:
            return CheckProgress()
        return CheckProgress(read_text(progress.columns, "After"), read_time(progress.columns, "BegunAt"))

    async def write(self, progress: CheckProgress) -> None:
        """See `CheckStore.write`."""
        begun = {"BegunAt": progress.begun_at} if progress.begun_at else {}
        await self._table.upsert({"PartitionKey": _PARTITION, "RowKey": _PROGRESS, "After": progress.after, **begun})


class TablePurgeStore:
    """A `PurgeStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self) -> PurgeProgress:
        """See `PurgeStore.read`."""
        row = await self._table.get(_PARTITION, _PURGE)
        if row is None:
            return PurgeProgress()
        return PurgeProgress(read_text(row.columns, "After"), read_time(row.columns, "FinishedAt"))

    async def write(self, progress: PurgeProgress) -> None:
        """See `PurgeStore.write`."""
        finished = {"FinishedAt": progress.finished_at} if progress.finished_at else {}
        await self._table.upsert({"PartitionKey": _PARTITION, "RowKey": _PURGE, "After": progress.after, **finished})
