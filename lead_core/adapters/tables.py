"""Tables in Azure Storage."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableTransactionError, UpdateMode

from lead_core.adapters.rows import Entity
from lead_core.adapters.storage import creating, translating_errors
from lead_core.adapters.stores import StoredRow

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient

T = TypeVar("T")

CHECKING_GIVES_UP_AFTER = timedelta(seconds=2)


class AzureTable:
    """A `Table` in a storage account, created when it is first missed; also a `Probe`."""

    def __init__(self, client: "TableClient") -> None:
        self._client = client
        self.name = f"table {client.table_name}"

    async def check(self) -> None:
        """See `Probe.check`: asks for a row that is not there."""
        async with translating_errors(), asyncio.timeout(CHECKING_GIVES_UP_AFTER.total_seconds()):
            await self.get("-", "-")

    async def insert(self, row: Entity) -> bool:
        """See `Table.insert`."""
        async with translating_errors():
            try:
                await self._do(lambda: self._client.create_entity(row))
            except ResourceExistsError as error:
                if "TableBeingDeleted" in str(error):
                    raise
                return False
            return True

    async def get(self, partition: str, row: str) -> StoredRow | None:
        """See `Table.get`."""
        async with translating_errors():
            try:
                found = await self._do(lambda: self._client.get_entity(partition, row))
            except ResourceNotFoundError:
                return None
            changed_at, etag = found.metadata["timestamp"], found.metadata["etag"]
            assert changed_at is not None and etag is not None  # noqa: PT018 -- the service writes both into every row
            # By way of text: the SDK's own kind of datetime carries the service's text along.
            return StoredRow(dict(found), etag, datetime.fromisoformat(changed_at.isoformat()))

    async def upsert(self, row: Entity) -> None:
        """See `Table.upsert`."""
        async with translating_errors():
            await self._do(lambda: self._client.upsert_entity(row, UpdateMode.REPLACE))

    async def merge(self, row: Entity) -> None:
        """See `Table.merge`."""
        async with translating_errors():
            await self._do(lambda: self._client.upsert_entity(row, UpdateMode.MERGE))

    async def replace(self, row: Entity, etag: str) -> bool:
        """See `Table.replace`."""
        async with translating_errors():
            try:
                await self._client.update_entity(
                    row, UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
                )
            except (ResourceModifiedError, ResourceNotFoundError):
                return False
            return True

    async def delete(self, partition: str, row: str) -> None:
        """See `Table.delete`."""
        async with translating_errors():
            with suppress(ResourceNotFoundError):
                await self._client.delete_entity(partition, row)

    async def swap(self, stale: Entity, row: Entity) -> bool:
        """See `Table.swap`: one transaction."""
        async with translating_errors():
            try:
                await self._client.submit_transaction(
                    [
                        ("upsert", row, {"mode": UpdateMode.REPLACE}),
                        ("delete", stale),
                    ]
                )
            except TableTransactionError as error:
                if error.status_code != HTTPStatus.NOT_FOUND:
                    raise
                return False
            return True

    async def _do(self, act: Callable[[], Awaitable[T]]) -> T:
        return await creating("TableNotFound", self._client.create_table, act)
