"""How far the check of all leads came: one row in ``Digests``."""

from lead_core.adapters.tables.cells import read_text
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.ports.storage import CheckProgress

_PARTITION, _PROGRESS = "checks", "leads"
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
        return CheckProgress(read_text(progress.columns, "After") if progress else "")

    async def write(self, progress: CheckProgress) -> None:
        """See `CheckStore.write`."""
        await self._table.upsert({"PartitionKey": _PARTITION, "RowKey": _PROGRESS, "After": progress.after})
