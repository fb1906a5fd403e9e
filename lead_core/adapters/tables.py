"""The tables in Azure Storage."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar, cast

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableEntity, TableTransactionError, UpdateMode

from lead_core.adapters.rows import (
    Entity,
    follow_up_to_row,
    lead_from_row,
    lead_to_row,
    notification_to_row,
    rejected_to_row,
    rejection_columns,
)
from lead_core.adapters.storage import creating, translating_errors
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.follow_up import FollowUp
from lead_core.lead.lead import Lead
from lead_core.lead.values import LeadKey
from lead_core.marketplace.notification import Notification
from lead_core.marketplace.rejected import RejectedLead
from lead_core.ports import StoredLead

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient

T = TypeVar("T")

CHECKING_GIVES_UP_AFTER = timedelta(seconds=2)
KEEPING_GIVES_UP_AFTER = timedelta(seconds=2)


class AzureTable:
    """A storage table, created when it is first missed; also a `Probe`."""

    def __init__(self, client: "TableClient") -> None:
        self._client = client
        self.name = f"table {client.table_name}"

    async def check(self) -> None:
        """See `Probe.check`: asks for a row that is not there."""
        async with translating_errors(), asyncio.timeout(CHECKING_GIVES_UP_AFTER.total_seconds()):
            await self.get("-", "-")

    async def insert(self, row: Entity) -> bool:
        """Write a new row, and say whether it was new."""
        try:
            await self._do(lambda: self._client.create_entity(row))
        except ResourceExistsError as error:
            if "TableBeingDeleted" in str(error):
                raise
            return False
        return True

    async def get(self, partition: str, row: str) -> TableEntity | None:
        """Read a row, if it is there."""
        try:
            return await self._do(lambda: self._client.get_entity(partition, row))
        except ResourceNotFoundError:
            return None

    async def upsert(self, row: Entity) -> None:
        """Write a row over whatever stands there."""
        await self._do(lambda: self._client.upsert_entity(row, UpdateMode.REPLACE))

    async def merge(self, row: Entity) -> None:
        """Write some columns of a row that is there."""
        await self._do(lambda: self._client.update_entity(row, UpdateMode.MERGE))

    async def replace(self, row: Entity, etag: str) -> bool:
        """Write a row over the version *etag*, and say whether that still stood there."""
        try:
            await self._do(
                lambda: self._client.update_entity(
                    row, UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
                )
            )
        except (ResourceModifiedError, ResourceNotFoundError):
            return False
        return True

    async def delete(self, partition: str, row: str) -> None:
        """Remove a row; one that is gone is fine."""
        with suppress(ResourceNotFoundError):
            await self._client.delete_entity(partition, row)

    async def swap(self, stale: Entity, row: Entity) -> bool:
        """Write *row* and remove *stale* of the same partition, both or neither; say whether *stale* was there."""
        try:
            await self._client.submit_transaction(
                [("upsert", row, {"mode": UpdateMode.REPLACE}), ("delete", stale)],
            )
        except TableTransactionError as error:
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise
            return False
        return True

    async def _do(self, act: Callable[[], Awaitable[T]]) -> T:
        return await creating("TableNotFound", self._client.create_table, act)


class AzureInbox:
    """An `Inbox` in ``MarketplaceLeads``."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def insert(self, notification: Notification) -> None:
        """See `Inbox.insert`."""
        async with translating_errors():
            await self._table.insert(notification_to_row(notification))


class AzureLeadStore:
    """A `LeadStore` in ``Leads``."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def insert(self, lead: Lead) -> bool:
        """See `LeadStore.insert`."""
        async with translating_errors():
            return await self._table.insert(lead_to_row(lead))

    async def get(self, key: LeadKey) -> StoredLead | None:
        """See `LeadStore.get`."""
        async with translating_errors():
            row = await self._table.get(key.partition, key.row)
        return StoredLead(lead_from_row(row), row, _changed_at(row)) if row else None

    async def replace(self, stored: StoredLead, lead: Lead) -> None:
        """See `LeadStore.replace`; columns that somebody added stay."""
        row = cast("TableEntity", stored.version)
        async with translating_errors():
            was_replaced = await self._table.replace(lead_to_row(lead, base=row), row.metadata["etag"] or "")
        if not was_replaced:
            raise SomeoneWasFirstError


def _changed_at(row: TableEntity) -> datetime:
    moment = row.metadata["timestamp"]
    assert moment is not None  # The service writes it into every row.
    return datetime.fromisoformat(moment.isoformat())


class AzureFollowUpStore:
    """A `FollowUpStore` in ``FollowUps``."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def upsert(self, entry: FollowUp) -> None:
        """See `FollowUpStore.upsert`."""
        async with translating_errors():
            await self._table.upsert(follow_up_to_row(entry))

    async def move(self, stale: FollowUp | None, entry: FollowUp | None) -> None:
        """See `FollowUpStore.move`; within the same hour it is one request."""
        old, new = stale and follow_up_to_row(stale), entry and follow_up_to_row(entry)
        async with translating_errors():
            if old and new and old["PartitionKey"] == new["PartitionKey"] and await self._table.swap(old, new):
                return
            if new:
                await self._table.upsert(new)
            if old:
                await self._table.delete(old["PartitionKey"], old["RowKey"])


class AzureRejectStore:
    """A `RejectStore` in ``RejectedLeads``."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def keep(self, rejected: RejectedLead) -> None:
        """See `RejectStore.keep`; gives up soon, for a sender may be waiting."""
        row = rejected_to_row(rejected)
        async with translating_errors(), asyncio.timeout(KEEPING_GIVES_UP_AFTER.total_seconds()):
            if not await self._table.insert(row):
                await self._table.merge(
                    {key: row[key] for key in ("PartitionKey", "RowKey")} | rejection_columns(rejected)
                )
