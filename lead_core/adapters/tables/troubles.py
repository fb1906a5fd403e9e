"""``Digests``: what `health` says about the mails. A row for each trouble."""

from lead_core.adapters.tables.cells import read_text, read_time
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.ports.troubles import Trouble

CHECKS_PARTITION = "checks"
_TROUBLE = "mails-"


class TableTroubleStore:
    """A `TroubleStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def list_troubles(self) -> list[Trouble]:
        """See `TroubleStore.list_troubles`."""
        keys = KeyRange(CHECKS_PARTITION, CHECKS_PARTITION, _TROUBLE, f"{_TROUBLE}~")
        return [read_trouble(row) async for row in self._table.query(keys)]

    async def write_trouble(self, trouble: Trouble) -> None:
        """See `TroubleStore.write_trouble`."""
        await self._table.upsert(trouble_to_row(trouble))

    async def clear_trouble(self, code: str) -> None:
        """See `TroubleStore.clear_trouble`."""
        await self._table.delete(CHECKS_PARTITION, f"{_TROUBLE}{code}")


def trouble_to_row(trouble: Trouble) -> Entity:
    """Write what `health` says about the mails."""
    return {
        "PartitionKey": CHECKS_PARTITION,
        "RowKey": f"{_TROUBLE}{trouble.code}",
        "Detail": trouble.detail,
        "Since": trouble.since,
        "SeenAt": trouble.seen_at,
    }


def read_trouble(row: StoredRow) -> Trouble:
    """Read what `health` says about the mails."""
    columns = row.columns
    return Trouble(
        code=columns["RowKey"].removeprefix(_TROUBLE),
        detail=read_text(columns, "Detail"),
        since=read_time(columns, "Since") or row.changed_at,
        seen_at=read_time(columns, "SeenAt") or row.changed_at,
    )
