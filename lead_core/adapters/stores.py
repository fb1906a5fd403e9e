"""The stores of leads, on tables of whatever kind."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, cast

from lead_core.adapters.rows import (
    OWNERS_PARTITION,
    REJECT_COLUMNS,
    RESTING_KEY,
    TEST_LEADS_PARTITION,
    Entity,
    claim_from_row,
    claim_to_row,
    follow_up_to_row,
    format_day,
    format_hour,
    lead_from_row,
    lead_to_row,
    notification_to_row,
    number,
    parse_follow_up_key,
    rejected_envelope,
    rejected_from_row,
    rejected_to_row,
    rejection_columns,
    test_lead_from_row,
    test_lead_to_row,
)
from lead_core.errors import SomeoneWasFirstError, StorageUnavailableError, UnreadableLeadError
from lead_core.lead.follow_up import FollowUp
from lead_core.lead.lead import Lead
from lead_core.lead.values import LeadKey, format_time
from lead_core.marketplace.envelope import Envelope
from lead_core.marketplace.notification import Notification
from lead_core.marketplace.rejected import RejectedLead
from lead_core.ports import Claim, StoredFollowUp, StoredLead, StoredReject, TestLeadNote

KEEPING_GIVES_UP_AFTER = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it was read."""

    columns: Entity
    etag: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Rows by their keys, both ends included; what is empty bounds nothing."""

    from_partition: str = ""
    to_partition: str = ""
    from_row: str = ""
    to_row: str = ""


class Table(Protocol):
    """What a table can do. Each verb raises StorageUnavailableError for *later*."""

    async def insert(self, row: Entity) -> str | None:
        """Write a new row, and give its etag; None where one is there already, and nothing was written."""

    async def get(self, partition: str, row: str) -> StoredRow | None:
        """Read a row, if it is there."""

    async def upsert(self, row: Entity) -> None:
        """Write a row over whatever stands there."""

    async def merge(self, row: Entity, etag: str | None = None) -> None:
        """Write some columns of a row, the others stay; with *etag* only on that version, else nothing is written."""

    async def replace(self, row: Entity, etag: str) -> str | None:
        """Write a row over the version *etag*, and give the new one; None where that version no longer stood there."""

    async def delete(self, partition: str, row: str, etag: str | None = None) -> None:
        """Remove a row, with *etag* only on that version; one that is gone or changed is fine."""

    def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
        """Read the rows of a range, in the order of their keys; of *columns* alone, if any are named."""


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
        return await self._table.insert(lead_to_row(lead)) is not None

    async def get(self, key: LeadKey) -> StoredLead | None:
        """See `LeadStore.get`."""
        row = await self._table.get(key.partition, key.row)
        return StoredLead(lead_from_row(row.columns), row, row.changed_at) if row else None

    async def replace(self, stored: StoredLead, lead: Lead) -> None:
        """See `LeadStore.replace`; columns that somebody added stay."""
        row = cast("StoredRow", stored.version)
        if not await self._table.replace(lead_to_row(lead, base=row.columns), row.etag):
            raise SomeoneWasFirstError

    async def list_person(self, key: LeadKey) -> list[StoredLead]:
        """See `LeadStore.list_person`."""
        person = []
        async for row in self._table.query(KeyRange(key.partition, key.partition)):
            try:
                person.append(StoredLead(lead_from_row(row.columns), row, row.changed_at))
            except UnreadableLeadError:
                if row.columns["RowKey"] == key.row:
                    raise
        return person

    async def scan(self) -> AsyncIterator[StoredLead | UnreadableLeadError]:
        """See `LeadStore.scan`."""
        async for row in self._table.query(KeyRange()):
            try:
                yield StoredLead(lead_from_row(row.columns), row, row.changed_at)
            except UnreadableLeadError as error:
                yield error


class TableFollowUpStore:
    """A `FollowUpStore` in ``FollowUps``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def upsert(self, entry: FollowUp) -> None:
        """See `FollowUpStore.upsert`."""
        await self._table.upsert(follow_up_to_row(entry))

    async def get(self, entry: FollowUp) -> StoredFollowUp | None:
        """See `FollowUpStore.get`."""
        keys = follow_up_to_row(entry)
        row = await self._table.get(keys["PartitionKey"], keys["RowKey"])
        return StoredFollowUp(entry.due_at, entry.lead, entry.owner, row) if row else None

    async def list_due(self, now: datetime, *, limit: int) -> list[StoredFollowUp]:
        """See `FollowUpStore.list_due`."""
        due: list[StoredFollowUp] = []
        async for row in self._table.query(due_range(now)):
            due += _read_follow_up(row)
            if len(due) >= limit:
                break
        return due

    async def scan(self) -> AsyncIterator[StoredFollowUp]:
        """See `FollowUpStore.scan`."""
        async for row in self._table.query(KeyRange()):
            for entry in _read_follow_up(row):
                yield entry

    async def remove(self, entry: StoredFollowUp) -> None:
        """See `FollowUpStore.remove`."""
        row = cast("StoredRow", entry.version)
        await self._table.delete(row.columns["PartitionKey"], row.columns["RowKey"], row.etag)


def due_range(now: datetime) -> KeyRange:
    """Give the keys of all that is due at *now*."""
    return KeyRange(to_partition=format_hour(now), to_row=f"{format_time(now)}|~")


def _read_follow_up(row: StoredRow) -> list[StoredFollowUp]:
    """Read the keys of an entry; none comes of a row that somebody put there by hand."""
    try:
        due_at, lead = parse_follow_up_key(row.columns["RowKey"])
    except ValueError:
        return []
    return [StoredFollowUp(due_at, lead, str(row.columns.get("Owner", "")), row)]


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
                    await self._table.merge(keys | rejection_columns(rejected) | {"Told": False})
        except TimeoutError as error:
            raise StorageUnavailableError("the table of rejected leads is too slow") from error

    async def list_since(self, day: datetime) -> list[StoredReject]:
        """See `RejectStore.list_since`."""
        rows = self._table.query(KeyRange(from_partition=format_day(day)), REJECT_COLUMNS)
        return [rejected_from_row(row.columns, row.etag, row.changed_at) async for row in rows]

    async def load(self, stored: StoredReject) -> Envelope | None:
        """See `RejectStore.load`."""
        row = await self._table.get(*stored.keys)
        return rejected_envelope(row.columns, row.changed_at) if row else None

    async def mark_retried(self, stored: StoredReject, *, explanation: str = "") -> None:
        """See `RejectStore.mark_retried`."""
        said: Entity = {"Explanation": explanation, "Told": False} if explanation else {"Told": True}
        await self._mark(stored, {"Retry": False, "Retries": stored.retries + 1, **said})

    async def mark_told(self, stored: StoredReject) -> None:
        """See `RejectStore.mark_told`."""
        await self._mark(stored, {"Told": True})

    async def _mark(self, stored: StoredReject, columns: Entity) -> None:
        # On its etag: whoever edits the row meanwhile, or erases it, has the last word.
        partition, row = stored.keys
        await self._table.merge({"PartitionKey": partition, "RowKey": row, **columns}, stored.version)


class TableClaimStore:
    """A `ClaimStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def list_claims(self) -> list[Claim]:
        """See `ClaimStore.list_claims`."""
        rows = self._table.query(KeyRange(OWNERS_PARTITION, OWNERS_PARTITION))
        return [claim_from_row(row.columns, version=row.etag) async for row in rows]

    async def write_claim(self, claim: Claim) -> Claim:
        """See `ClaimStore.write_claim`."""
        return replace(claim, version=await self._write(claim_to_row(claim), claim.version))

    async def note_test_lead(self, note: TestLeadNote) -> None:
        """See `ClaimStore.note_test_lead`."""
        await self._table.insert(test_lead_to_row(note))

    async def list_test_leads(self, since: datetime) -> list[TestLeadNote]:
        """See `ClaimStore.list_test_leads`."""
        keys = KeyRange(TEST_LEADS_PARTITION, TEST_LEADS_PARTITION, from_row=format_day(since))
        return [test_lead_from_row(row.columns, version=row.etag) async for row in self._table.query(keys)]

    async def write_test_lead(self, note: TestLeadNote) -> TestLeadNote:
        """See `ClaimStore.write_test_lead`."""
        return replace(note, version=await self._write(test_lead_to_row(note), note.version))

    async def note_resting(self, count: int) -> None:
        """See `ClaimStore.note_resting`."""
        await self._table.upsert({**RESTING_KEY, "Count": count})

    async def count_resting(self) -> int:
        """See `ClaimStore.count_resting`."""
        row = await self._table.get(*RESTING_KEY.values())
        return number(row.columns, "Count") if row else 0

    async def _write(self, row: Entity, version: str | None) -> str:
        etag = await (self._table.replace(row, version) if version else self._table.insert(row))
        if etag is None:
            raise SomeoneWasFirstError
        return etag
