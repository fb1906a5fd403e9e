"""``Digests``: the canaries. A row each, until the canary's own rows are removed."""

from contextlib import suppress
from typing import Final

from lead_core.adapters.tables.cells import read_text, read_time
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.lead.canary import Canary, CanaryTrouble
from lead_core.lead.values import LeadKey, is_digest

CANARIES_PARTITION: Final = "canaries"


class TableCanaryStore:
    """A `CanaryStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def list(self) -> list[Canary]:
        """See `CanaryStore.list`."""
        rows = self._table.query(KeyRange(CANARIES_PARTITION, CANARIES_PARTITION))
        canaries = [canary async for row in rows if (canary := read_canary(row))]
        return sorted(canaries, key=lambda canary: canary.posted_at)

    async def write(self, canary: Canary) -> None:
        """See `CanaryStore.write`."""
        await self._table.upsert(canary_to_row(canary))

    async def remove(self, canary: Canary) -> None:
        """See `CanaryStore.remove`."""
        await self._table.delete(CANARIES_PARTITION, canary.id)


def canary_to_row(canary: Canary) -> Entity:
    """Write a note of a canary."""
    return {
        "PartitionKey": CANARIES_PARTITION,
        "RowKey": canary.id,
        "PostedAt": canary.posted_at,
        "Trouble": str(canary.trouble),
        "EventId": canary.event_id,
        "LeadPartition": canary.lead.partition,
        "LeadRow": canary.lead.row,
        **({"FailedAt": canary.failed_at} if canary.failed_at else {}),
        **({"ArrivedAt": canary.arrived_at} if canary.arrived_at else {}),
    }


def read_canary(row: StoredRow) -> Canary | None:
    """Read a note of a canary, as far as a person left it. None if it no longer says which lead it is about."""
    columns, trouble = row.columns, CanaryTrouble.NOT_SEEN
    lead = LeadKey(read_text(columns, "LeadPartition"), read_text(columns, "LeadRow"))
    if not (is_digest(columns["RowKey"]) and lead.names_person and lead.row):
        return None
    with suppress(ValueError):
        trouble = CanaryTrouble(read_text(columns, "Trouble"))
    return Canary(
        id=columns["RowKey"],
        posted_at=read_time(columns, "PostedAt") or row.changed_at,
        lead=lead,
        trouble=trouble,
        event_id=read_text(columns, "EventId"),
        failed_at=read_time(columns, "FailedAt"),
        arrived_at=read_time(columns, "ArrivedAt"),
    )
