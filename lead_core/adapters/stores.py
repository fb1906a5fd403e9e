"""The stores of leads, on tables of whatever kind."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast

from lead_core.adapters.rows import (
    Entity,
    follow_up_to_row,
    lead_from_row,
    lead_to_row,
    notification_to_row,
    rejected_to_row,
    rejection_columns,
)
from lead_core.errors import SomeoneWasFirstError, StorageUnavailableError
from lead_core.lead.follow_up import FollowUp
from lead_core.lead.lead import Lead
from lead_core.lead.values import LeadKey
from lead_core.marketplace.notification import Notification
from lead_core.marketplace.rejected import RejectedLead
from lead_core.ports import StoredLead

KEEPING_GIVES_UP_AFTER = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it was read."""

    columns: Entity
    etag: str
    changed_at: datetime


class Table(Protocol):
    """What a table can do. Each verb raises StorageUnavailableError for *later*."""

    async def insert(self, row: Entity) -> bool:
        """Write a new row, and say whether it was new; else nothing is written."""

    async def get(self, partition: str, row: str) -> StoredRow | None:
        """Read a row, if it is there."""

    async def upsert(self, row: Entity) -> None:
        """Write a row over whatever stands there."""

    async def merge(self, row: Entity) -> None:
        """Write some columns of a row, the others stay."""

    async def replace(self, row: Entity, etag: str) -> bool:
        """Write a row over the version *etag*, and say whether that still stood there; else nothing is written."""

    async def delete(self, partition: str, row: str) -> None:
        """Remove a row; one that is gone is fine."""

    async def swap(self, stale: Entity, row: Entity) -> bool:
        """Write *row* and remove *stale* of the same partition, or neither; say whether *stale* was there."""


class TableInbox:
    """An `Inbox` in ``MarketplaceLeads``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def insert(self, notification: Notification) -> None:
        """See `Inbox.insert`."""
        await self._table.insert(notification_to_row(notification))


class TableLeadStore:
    """A `LeadStore` in ``Leads``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def insert(self, lead: Lead) -> bool:
        """See `LeadStore.insert`."""
        return await self._table.insert(lead_to_row(lead))

    async def get(self, key: LeadKey) -> StoredLead | None:
        """See `LeadStore.get`."""
        row = await self._table.get(key.partition, key.row)
        return StoredLead(lead_from_row(row.columns), row, row.changed_at) if row else None

    async def replace(self, stored: StoredLead, lead: Lead) -> None:
        """See `LeadStore.replace`; columns that somebody added stay."""
        row = cast("StoredRow", stored.version)
        if not await self._table.replace(lead_to_row(lead, base=row.columns), row.etag):
            raise SomeoneWasFirstError


class TableFollowUpStore:
    """A `FollowUpStore` in ``FollowUps``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def upsert(self, entry: FollowUp) -> None:
        """See `FollowUpStore.upsert`."""
        await self._table.upsert(follow_up_to_row(entry))

    async def move(self, stale: FollowUp | None, entry: FollowUp | None) -> None:
        """See `FollowUpStore.move`; within the same hour it is one request."""
        old, new = stale and follow_up_to_row(stale), entry and follow_up_to_row(entry)
        if old and new and old["PartitionKey"] == new["PartitionKey"] and await self._table.swap(old, new):
            return
        if new:
            await self._table.upsert(new)
        if old:
            await self._table.delete(old["PartitionKey"], old["RowKey"])


class TableRejectStore:
    """A `RejectStore` in ``RejectedLeads``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def keep(self, rejected: RejectedLead) -> None:
        """See `RejectStore.keep`; gives up soon, for a sender may be waiting."""
        row = rejected_to_row(rejected)
        keys = {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]}
        try:
            async with asyncio.timeout(KEEPING_GIVES_UP_AFTER.total_seconds()):
                if not await self._table.insert(row):
                    await self._table.merge(keys | rejection_columns(rejected))
        except TimeoutError as error:
            raise StorageUnavailableError("the table of rejected leads is too slow") from error
