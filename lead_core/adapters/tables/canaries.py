"""``Digests``: the canaries. A row each, until the canary's own rows are removed."""

from contextlib import suppress
from typing import Final

from lead_core.adapters.tables.cells import read_text, read_time
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.lead.canary import Canary, CanaryTrouble
from lead_core.lead.values import LeadKey

CANARIES_PARTITION: Final = "canaries"


class TableCanaryStore:
    """A `CanaryStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def list(self) -> list[Canary]:
        """See `CanaryStore.list`."""
        rows = self._table.query(KeyRange(CANARIES_PARTITION, CANARIES_PARTITION))
        return [read_canary(row) async for row in rows]

    async def write(self, canary: Canary) -> None:
        """See `CanaryStore.write`."""
        await self._table.upsert(canary_to_row(canary))

    async def remove(self, canary: Canary) -> None:
        """See `CanaryStore.remove`."""
        await self._table.delete(CANARIES_PARTITION, _name(canary))


def canary_to_row(canary: Canary) -> Entity:
    """Write a note of a canary."""
    return {
        "PartitionKey": CANARIES_PARTITION,
        "RowKey": _name(canary),
        "PostedAt": canary.posted_at,
        "Trouble": str(canary.trouble),
        "EventId": canary.event_id,
        "LeadPartition": canary.lead.partition,
        "LeadRow": canary.lead.row,
        **({"FailedAt": canary.failed_at} if canary.failed_at else {}),
        **({"ArrivedAt": canary.arrived_at} if canary.arrived_at else {}),
    }


def read_canary(row: StoredRow) -> Canary:
    """Read a note of a canary. A person may have edited it."""
    columns, trouble = row.columns, CanaryTrouble.NOT_SEEN
    with suppress(ValueError):
        trouble = CanaryTrouble(read_text(columns, "Trouble"))
    return Canary(
        id=columns["RowKey"].rpartition("-")[2],
        posted_at=read_time(columns, "PostedAt") or row.changed_at,
        lead=LeadKey(read_text(columns, "LeadPartition"), read_text(columns, "LeadRow")),
        trouble=trouble,
        event_id=read_text(columns, "EventId"),
        failed_at=read_time(columns, "FailedAt"),
        arrived_at=read_time(columns, "ArrivedAt"),
    )


def _name(canary: Canary) -> str:
    """Return the row's key. It sorts by the time of the post."""
    return f"{canary.posted_at:%Y-%m-%dT%H%M%S.%f}-{canary.id}"
