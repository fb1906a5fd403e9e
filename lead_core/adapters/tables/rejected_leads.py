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
from lead_core.adapters.tables.typed import parse_yes, unwrap_text
from lead_core.errors import (
    RejectCode,
    RowRefusedError,
    StorageRefusedError,
    StorageUnavailableError,
    UnreadableLeadError,
)
from lead_core.lead.problems import RETRIED, RETRY_FAILED, RETRY_WAS_READ, explain_retry
from lead_core.lead.received import Envelope, RejectedLead
from lead_core.lead.values import LeadKey, format_digest
from lead_core.marketplace.envelope import EARLIEST_RECEIPT, parse_url_offer
from lead_core.ports.rejects import StoredReject

WRITING_GIVES_UP_AFTER = timedelta(seconds=2)
REJECT_COLUMNS = (
    "PartitionKey",
    "RowKey",
    "Reason",
    "WouldRead",
    "Retry",
    "Problem",
    "Retries",
    "Told",
    "ReceivedAt",
    "LeadPartition",
    "LeadRow",
    "Explanation",
    "From",
)
"""The columns that a list of rejected leads needs: all but the bodies."""

_BEFORE_EVERY_DAY = f"{EARLIEST_RECEIPT.year}"
"""Sorts before the partition of each day. Only a row that a person made sorts before it: ``1``, or a blank."""
_CLOCKS_DIFFER = timedelta(days=1)

_OF_THE_BODY = re.compile(r"Body(Encoding|\d+)?")
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
                    await self._table.merge(keys | _why_columns(rejected) | {"Told": False})
        except TimeoutError as error:
            raise StorageUnavailableError("the table of rejected leads is too slow") from error
        except RowRefusedError as error:  # Nowhere else keeps it, so the sender or the queue must.
            raise StorageRefusedError(error.detail, "The table of rejected leads must take every row.") from error

    async def remove(self, envelope: Envelope) -> None:
        """See `RejectStore.remove`."""
        await self._table.delete(format_day(envelope.received_at), envelope.event_id)

    async def list_since(self, day: datetime) -> list[StoredReject]:
        """See `RejectStore.list_since`."""
        since = KeyRange(from_partition=format_day(day))
        ranges = [KeyRange()] if day <= EARLIEST_RECEIPT else [KeyRange(to_partition=_BEFORE_EVERY_DAY), since]
        rows = [row for keys in ranges async for row in self._table.query(keys, REJECT_COLUMNS)]
        return [rejected_from_row(row.columns, row.etag, row.changed_at) for row in rows]

    async def get(self, stored: StoredReject) -> Envelope | None:
        """See `RejectStore.get`."""
        row = await self._table.get(*stored.keys)
        return rejected_envelope(row.columns, row.changed_at) if row else None

    async def ask_retry(self, stored: StoredReject, *, seen: bytes, body: bytes) -> StoredReject | None:
        """See `RejectStore.ask_retry`. A timer that notes something else in the row meanwhile is no reason to stop."""
        row = await self._table.get(*stored.keys)
        if not row or body_from_columns(row.columns) != seen or read_text(row.columns, "Reason") != stored.reason:
            return None
        asked = (row.columns if body == seen else _with_body(row.columns, body)) | {"Retry": True}
        etag = await self._table.replace(asked, row.etag)
        return rejected_from_row(asked, etag, row.changed_at) if etag else None

    async def mark_retried(self, stored: StoredReject, envelope: Envelope) -> None:
        """See `RejectStore.mark_retried`."""
        # If a person asks again, it is the same notification, received at the same time.
        said = {"Reason": RETRIED, "Explanation": RETRY_WAS_READ, "Problem": "", "Told": True}
        said |= {"ReceivedAt": envelope.received_at}
        await self._table.merge(_keys(stored) | _count_try(stored) | said, stored.version)

    async def mark_refused(self, stored: StoredReject, why: UnreadableLeadError) -> None:
        """See `RejectStore.mark_refused`."""
        said = {"Reason": why.code, "Explanation": defuse(why.explanation), "Problem": RETRY_FAILED, "Told": False}
        await self._table.merge(_keys(stored) | _count_try(stored) | said, stored.version)

    async def mark_problem(self, stored: StoredReject, problem: str) -> None:
        """See `RejectStore.mark_problem`."""
        await self._table.merge(_keys(stored) | {"Problem": problem}, stored.version)

    async def mark_told(self, told: Iterable[StoredReject]) -> None:
        """See `RejectStore.mark_told`."""
        await self._table.merge_all((_keys(stored) | {"Told": True}, stored.version) for stored in told)

    async def remove_old(self, stored: StoredReject) -> bool:
        """See `RejectStore.remove_old`."""
        return await self._table.delete(*stored.keys, stored.version)


def _keys(stored: StoredReject) -> Entity:
    """Return the keys of a row that is marked on the version that was read. A person's change meanwhile stays."""
    partition, row = stored.keys
    return {"PartitionKey": partition, "RowKey": row}


def _count_try(stored: StoredReject) -> Entity:
    return {"Retry": False, "Retries": stored.retries + 1}


def rejected_to_row(rejected: RejectedLead) -> Entity:
    """Write what could not be read."""
    return {
        "PartitionKey": format_day(rejected.received_at),
        "RowKey": rejected.event_id,
        **_why_columns(rejected),
        "Retry": rejected.retry,
        "Problem": "",
        "Offer": rejected.offer,
        "ReceivedAt": rejected.received_at,
        "From": str(rejected.rejected_from),
        "Retries": 0,
        "Told": False,
        **({"LeadPartition": rejected.lead.partition, "LeadRow": rejected.lead.row} if rejected.lead else {}),
        **body_to_columns(rejected.body, rejected.charset),
    }


def _with_body(columns: Entity, body: bytes) -> Entity:
    """Return a row with another body. The old one may have gone on in more columns."""
    others = {name: cell for name, cell in columns.items() if not _OF_THE_BODY.fullmatch(name)}
    return others | body_to_columns(body, charset_from_columns(columns))


def _why_columns(rejected: RejectedLead) -> Entity:
    return {
        "Reason": rejected.reason,
        "Explanation": defuse(rejected.explanation),
        "WouldRead": defuse(rejected.would_read),
    }


def rejected_from_row(row: Mapping[str, Any], etag: str, changed_at: datetime) -> StoredReject:
    """Read a rejected lead without its body. A person may have put the row there."""
    return StoredReject(
        keys=(row["PartitionKey"], row["RowKey"]),
        reason=read_text(row, "Reason"),
        received_at=read_time(row, "ReceivedAt") or changed_at,
        wants_retry=is_yes(row.get("Retry")),
        retry_problem=explain_retry(unwrap_text(row.get("Retry"))) if parse_yes(row.get("Retry")) is None else "",
        problem=read_text(row, "Problem"),
        would_read=read_text(row, "WouldRead") if read_text(row, "Reason") == RejectCode.NOT_JSON else "",
        explanation=read_text(row, "Explanation"),
        rejected_from=read_text(row, "From"),
        retries=read_number(row, "Retries"),
        is_told=is_yes(row.get("Told")),
        lead=LeadKey(read_text(row, "LeadPartition"), read_text(row, "LeadRow")) if row.get("LeadRow") else None,
        version=etag,
    )


def rejected_envelope(row: Mapping[str, Any], changed_at: datetime) -> Envelope:
    """Read a rejected lead as it is now, for another try. A person may have put the row there."""
    partition, key = row["PartitionKey"], row["RowKey"]
    event_id = key if _EVENT_ID.fullmatch(key) else format_digest("rejected", partition, key)
    received_at = read_time(row, "ReceivedAt")
    if received_at is None or not EARLIEST_RECEIPT <= received_at <= changed_at + _CLOCKS_DIFFER:
        received_at = changed_at
    offer, charset = parse_url_offer(read_text(row, "Offer")), charset_from_columns(row)
    return Envelope(event_id, received_at, offer, body_from_columns(row), charset)
