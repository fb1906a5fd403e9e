"""``RejectedLeads``: what could not be read or processed."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from lead_core.adapters.tables.cells import (
    body_from_columns,
    body_to_columns,
    charset_from_columns,
    format_day,
    is_yes,
    read_number,
    read_text,
    read_time,
)
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.table import Entity, KeyRange, Table
from lead_core.errors import RowRefusedError, StorageRefusedError, StorageUnavailableError
from lead_core.lead.received import Envelope, RejectedLead
from lead_core.lead.values import format_digest
from lead_core.marketplace.envelope import parse_url_offer
from lead_core.ports.storage import StoredReject

WRITING_GIVES_UP_AFTER = timedelta(seconds=2)
REJECT_COLUMNS = ("PartitionKey", "RowKey", "Reason", "Retry", "Retries", "Told", "ReceivedAt")
"""The columns that a list of rejected leads needs: all but the bodies."""

_EVENT_ID = re.compile("[0-9a-f]{32}")


class TableRejectStore:
    """A `RejectStore` in ``RejectedLeads``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def upsert(self, rejected: RejectedLead) -> None:
        """See `RejectStore.upsert`. Gives up soon, because a sender may be waiting."""
        row = rejected_to_row(rejected)
        keys = {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]}
        try:
            async with asyncio.timeout(WRITING_GIVES_UP_AFTER.total_seconds()):
                if not await self._table.insert(row):
                    await self._table.merge(keys | rejection_columns(rejected) | {"Told": False})
        except TimeoutError as error:
            raise StorageUnavailableError("the table of rejected leads is too slow") from error
        except RowRefusedError as error:  # Nowhere else keeps it, so the sender or the queue must.
            raise StorageRefusedError(error.detail, "The table of rejected leads must take every row.") from error

    async def list_since(self, day: datetime) -> list[StoredReject]:
        """See `RejectStore.list_since`."""
        rows = self._table.query(KeyRange(from_partition=format_day(day)), REJECT_COLUMNS)
        return [rejected_from_row(row.columns, row.etag, row.changed_at) async for row in rows]

    async def get(self, stored: StoredReject) -> Envelope | None:
        """See `RejectStore.get`."""
        row = await self._table.get(*stored.keys)
        return rejected_envelope(row.columns, row.changed_at) if row else None

    async def mark_retried(self, stored: StoredReject, *, explanation: str = "") -> None:
        """See `RejectStore.mark_retried`."""
        said: Entity = {"Explanation": explanation, "Told": False} if explanation else {"Told": True}
        retried = {"Retry": False, "Retries": stored.retries + 1, **said}
        await self._table.merge(_keys(stored) | retried, stored.version)

    async def mark_told(self, told: Iterable[StoredReject]) -> None:
        """See `RejectStore.mark_told`."""
        await self._table.merge_all((_keys(stored) | {"Told": True}, stored.version) for stored in told)


def _keys(stored: StoredReject) -> Entity:
    """Return the keys of a row that is marked on the version that was read. A person's change meanwhile stays."""
    partition, row = stored.keys
    return {"PartitionKey": partition, "RowKey": row}


def rejected_to_row(rejected: RejectedLead) -> Entity:
    """Write what could not be read."""
    return {
        "PartitionKey": format_day(rejected.received_at),
        "RowKey": rejected.event_id,
        **rejection_columns(rejected),
        "Offer": rejected.offer,
        "ReceivedAt": rejected.received_at,
        "Retries": 0,
        "Retry": rejected.retry,
        "Told": False,
        **body_to_columns(rejected.body, rejected.charset),
    }


def rejection_columns(rejected: RejectedLead) -> Entity:
    """Return the columns that say why."""
    return {
        "Reason": rejected.reason,
        "Explanation": defuse(rejected.explanation),
        "WouldRead": defuse(rejected.would_read),
        "From": str(rejected.rejected_from),
    }


def rejected_from_row(row: Mapping[str, Any], etag: str, changed_at: datetime) -> StoredReject:
    """Read a rejected lead without its body. A person may have put the row there."""
    return StoredReject(
        keys=(row["PartitionKey"], row["RowKey"]),
        reason=read_text(row, "Reason"),
        received_at=read_time(row, "ReceivedAt") or changed_at,
        wants_retry=is_yes(row.get("Retry")),
        retries=read_number(row, "Retries"),
        is_told=is_yes(row.get("Told")),
        version=etag,
    )


def rejected_envelope(row: Mapping[str, Any], changed_at: datetime) -> Envelope:
    """Read a rejected lead as it is now, for another try. A person may have put the row there."""
    key = row["RowKey"]
    event_id = key if _EVENT_ID.fullmatch(key) else format_digest("rejected", key)
    received_at = read_time(row, "ReceivedAt") or changed_at
    offer, charset = parse_url_offer(read_text(row, "Offer")), charset_from_columns(row)
    return Envelope(event_id, received_at, offer, body_from_columns(row), charset)
