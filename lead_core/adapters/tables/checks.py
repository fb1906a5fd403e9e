"""How far the check of all leads came: one row in ``Digests``."""

from lead_core.adapters.tables.cells import read_text
from lead_core.adapters.tables.table import Table
from lead_core.ports.storage import CheckProgress

PROGRESS_KEY = {"PartitionKey": "checks", "RowKey": "leads"}


class TableCheckStore:
    """A `CheckStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self) -> CheckProgress:
        """See `CheckStore.read`."""
        row = await self._table.get(*PROGRESS_KEY.values())
        after = read_text(row.columns, "After") if row else ""
        return CheckProgress(after)

    async def write(self, progress: CheckProgress) -> None:
        """See `CheckStore.write`."""
        await self._table.upsert({**PROGRESS_KEY, "After": progress.after})
