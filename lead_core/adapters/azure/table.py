"""Tables in Azure Storage."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from typing import TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableEntity, TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

from lead_core.adapters.azure.account import StorageAccount, creating, open_client, translating_errors
from lead_core.adapters.azure.refusals import find_word
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow
from lead_core.at_once import batch, do_few_at_once

T = TypeVar("T")

CHECKING_GIVES_UP_AFTER = timedelta(seconds=2)
MAX_ROWS_AT_ONCE = 100
"""How many rows of a partition one request can change."""
_TABLE_MISSING = "TableNotFound"
_LEFT_OUT = {400, 404, 412}
"""The row can never be stored, is gone, or changed."""
_ONE_BY_ONE = {400, 404, 409, 413}
"""A row can never be stored, the table is not there yet, a row is there already, or all are too large together."""


def open_tables(account: StorageAccount, stack: AsyncExitStack) -> TableServiceClient:
    """Return a client for the account's tables, which *stack* closes."""
    retries = {"retry_total": 3, "retry_backoff_factor": 0.2, "retry_backoff_max": 2}
    return open_client(TableServiceClient, account, account.table_uri, stack, **retries)


class AzureTable:
    """A `Table` in a storage account, and a `Probe`. The table is created at its first use."""

    def __init__(self, client: TableClient) -> None:
        self._client = client
        self.name = f"table {client.table_name}"

    async def check(self) -> None:
        """See `Probe.check`. Asks for rows that are not there, because a single row may be missing."""
        async with translating_errors(), asyncio.timeout(CHECKING_GIVES_UP_AFTER.total_seconds()):
            await self._do(lambda: anext(aiter(self._client.query_entities("PartitionKey eq '-'")), None))

    async def insert(self, row: Entity) -> str | None:
        """See `Table.insert`."""
        async with translating_errors(writes_row=True):
            try:
                written = await self._do(lambda: self._client.create_entity(row))
            except ResourceExistsError as error:
                if "TableBeingDeleted" in str(error):
                    raise
                return None
            return str(written["etag"])

    async def insert_all(self, rows: Iterable[Entity]) -> None:
        """See `Table.insert_all`. A hundred rows of a partition are one request."""
        in_order = sorted(rows, key=_partition_of)
        await do_few_at_once(
            self._insert_together,
            (
                together
                for _, partition in itertools.groupby(in_order, key=_partition_of)
                for together in batch(partition, MAX_ROWS_AT_ONCE)
            ),
        )

    async def get(self, partition: str, row: str) -> StoredRow | None:
        """See `Table.get`."""
        async with translating_errors():
            try:
                found = await self._do(lambda: self._client.get_entity(partition, row))
            except ResourceNotFoundError:
                return None
            return _stored(found)

    async def upsert(self, row: Entity) -> None:
        """See `Table.upsert`."""
        async with translating_errors(writes_row=True):
            await self._do(lambda: self._client.upsert_entity(row, UpdateMode.REPLACE))

    async def merge(self, row: Entity, etag: str | None = None) -> None:
        """See `Table.merge`."""
        async with translating_errors(writes_row=True):
            if etag is None:
                await self._do(lambda: self._client.upsert_entity(row, UpdateMode.MERGE))
                return
            with suppress(ResourceModifiedError, ResourceNotFoundError):
                await self._client.update_entity(
                    row, UpdateMode.MERGE, etag=etag, match_condition=MatchConditions.IfNotModified
                )

    async def merge_all(self, rows: Iterable[tuple[Entity, str]]) -> None:
        """See `Table.merge_all`. A hundred rows of a partition are one request."""
        in_order = sorted(rows, key=lambda each: _partition_of(each[0]))
        async with translating_errors(writes_row=True):
            await do_few_at_once(
                self._merge_together,
                (
                    together
                    for _, partition in itertools.groupby(in_order, key=lambda each: _partition_of(each[0]))
                    for together in batch(partition, MAX_ROWS_AT_ONCE)
                ),
            )

    async def replace(self, row: Entity, etag: str) -> str | None:
        """See `Table.replace`."""
        async with translating_errors(writes_row=True):
            try:
                written = await self._client.update_entity(
                    row, UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
                )
            except (ResourceModifiedError, ResourceNotFoundError):
                return None
            return str(written["etag"])

    async def delete(self, partition: str, row: str, etag: str | None = None) -> bool:
        """See `Table.delete`."""
        condition = MatchConditions.IfNotModified if etag else MatchConditions.Unconditionally
        async with translating_errors():
            try:
                with suppress(ResourceNotFoundError):
                    await self._client.delete_entity(partition, row, etag=etag, match_condition=condition)
            except ResourceModifiedError:
                return False
            return True

    async def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
        """See `Table.query`. The service can seek only key ranges joined by *and*."""
        bounds = {
            "PartitionKey ge @from_partition": keys.from_partition,
            "PartitionKey le @to_partition": keys.to_partition,
            "RowKey ge @from_row": keys.from_row,
            "RowKey le @to_row": keys.to_row,
        }
        text = " and ".join(bound for bound, value in bounds.items() if value)
        values = {bound.partition("@")[2]: value for bound, value in bounds.items() if value}
        async with translating_errors():
            try:
                select = [*columns, "Timestamp"] if columns else None
                if text:
                    rows = self._client.query_entities(text, parameters=values, select=select)
                else:
                    rows = self._client.list_entities(select=select)
                async for row in rows:
                    yield _stored(row)
            except ResourceNotFoundError as error:
                if find_word(error) != _TABLE_MISSING:
                    raise
                return  # The table does not exist: nothing was ever written.

    async def _do(self, act: Callable[[], Awaitable[T]]) -> T:
        return await creating(_TABLE_MISSING, self._client.create_table, act)

    async def _insert_together(self, rows: list[Entity]) -> None:
        """Insert all of *rows* at once. If one of them is there already, or all are too large together, one by one."""
        async with translating_errors():
            try:
                await self._client.submit_transaction([("create", row) for row in rows])
            except TableTransactionError as error:
                if error.status_code not in _ONE_BY_ONE:
                    raise
            else:
                return
        for row in rows:
            await self.insert(row)

    async def _merge_together(self, rows: list[tuple[Entity, str]]) -> None:
        """Write all of *rows* or none. If one of them cannot be written, try again without it."""
        while rows:
            operations = [
                (
                    "update",
                    row,
                    {"mode": UpdateMode.MERGE, "etag": etag, "match_condition": MatchConditions.IfNotModified},
                )
                for row, etag in rows
            ]
            try:
                await self._client.submit_transaction(operations)
            except TableTransactionError as error:
                if error.status_code not in _LEFT_OUT or find_word(error) == _TABLE_MISSING:
                    raise
                rows = rows[: error.index] + rows[error.index + 1 :]
            else:
                return


def _partition_of(row: Entity) -> str:
    return str(row["PartitionKey"])


def _stored(row: TableEntity) -> StoredRow:
    changed_at, etag = row.metadata["timestamp"], row.metadata["etag"]
    assert changed_at is not None and etag is not None  # noqa: PT018 -- the service writes both into every row
    # Convert to a plain `datetime`: the SDK's subclass also carries the raw string and breaks equality.
    return StoredRow(dict(row), etag, datetime.fromisoformat(changed_at.isoformat()))
