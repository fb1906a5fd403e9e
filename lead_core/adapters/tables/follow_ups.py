"""``FollowUps``: the to-do list. Its keys sort by the time of the next mail. Entries without one come first."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import cast

from lead_core.adapters.tables.cells import format_hour, parse_time, read_text
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.own_rows import is_changed, with_mark
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.errors import RowRefusedError
from lead_core.lead.problems import NO_ENTRY
from lead_core.lead.to_do import FollowUp, Place
from lead_core.lead.values import LeadKey, format_digest, format_time
from lead_core.ports.storage import StoredFollowUp

NEVER_ANSWERED_PARTITION = "0-never-answered"
FOLLOW_UP_PARTITION = "0-follow-up"
"""Both sort before all hours."""
_FIRST_HOUR = "1"
_LONGEST_LEAD_KEY = 400
_NEEDED = ("PartitionKey", "RowKey", "LeadPartition", "LeadRow", "Owner", "ActionCode", "State")
"""The columns that a timer needs of an entry. A lead's keys that the row's key cannot hold stand beside it."""


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
        return StoredFollowUp(entry.place, entry.lead, entry.owner, row) if row else None

    async def list_due(self, now: datetime) -> AsyncIterator[StoredFollowUp]:
        """See `FollowUpStore.list_due`."""
        async for row in self._table.query(due_range(now), _NEEDED):
            for entry in read_follow_up(row):
                yield entry

    async def list_resting(self) -> AsyncIterator[StoredFollowUp]:
        """See `FollowUpStore.list_resting`."""
        resting = KeyRange(NEVER_ANSWERED_PARTITION, NEVER_ANSWERED_PARTITION)
        async for row in self._table.query(resting, _NEEDED):
            for entry in read_follow_up(row):
                yield entry

    async def list_follow_ups(self) -> AsyncIterator[StoredFollowUp]:
        """See `FollowUpStore.list_follow_ups`."""
        async for row in self._table.query(KeyRange(FOLLOW_UP_PARTITION, FOLLOW_UP_PARTITION), _NEEDED):
            for entry in read_follow_up(row):
                yield entry

    async def scan(self, *, writes_problems: bool = True) -> AsyncIterator[StoredFollowUp]:
        """See `FollowUpStore.scan`."""
        async for row in self._table.query(KeyRange()):
            entries = read_follow_up(row)
            if writes_problems and not entries and read_text(row.columns, "Problem") != NO_ENTRY:
                await self._explain(row)
            for entry in entries:
                yield entry

    async def _explain(self, row: StoredRow) -> None:
        keys = {column: row.columns[column] for column in ("PartitionKey", "RowKey")}
        with suppress(RowRefusedError):  # It is full. The other rows are read all the same.
            await self._table.merge({**keys, "Problem": NO_ENTRY}, row.etag)

    async def remove(self, entry: StoredFollowUp) -> None:
        """See `FollowUpStore.remove`."""
        row = cast("StoredRow", entry.version)
        await self._table.delete(row.columns["PartitionKey"], row.columns["RowKey"], row.etag)


def due_range(now: datetime) -> KeyRange:
    """Return the keys of all that is due at *now*."""
    return KeyRange(_FIRST_HOUR, format_hour(now), to_row=f"{format_time(now)}|~")


def read_follow_up(row: StoredRow) -> list[StoredFollowUp]:
    """Read the keys of an entry. A row that was put there by hand is no entry."""
    try:
        at, lead = parse_follow_up_key(row.columns["RowKey"])
    except (ValueError, OverflowError):
        return []
    if "LeadRow" in row.columns:
        lead = LeadKey(read_text(row.columns, "LeadPartition"), read_text(row.columns, "LeadRow"))
    partition = row.columns["PartitionKey"]
    place = Place(at, partition == NEVER_ANSWERED_PARTITION, partition == FOLLOW_UP_PARTITION)
    owner, action_code, state = (read_text(row.columns, column) for column in ("Owner", "ActionCode", "State"))
    return [StoredFollowUp(place, lead, owner, row, action_code, state, is_changed(row.columns))]


def follow_up_to_row(entry: FollowUp) -> Entity:
    """Write an entry of the to-do list. Its keys sort by time, those without a next mail before all others."""
    at, rests, is_follow_up = entry.place
    without_mail = NEVER_ANSWERED_PARTITION if rests else FOLLOW_UP_PARTITION if is_follow_up else ""
    row = {
        "PartitionKey": without_mail or format_hour(at),
        "RowKey": f"{format_time(at)}|{_write_lead_key(entry.lead)}",
        **({} if rests else {"DueAt": at}),
        "State": entry.state,
        "Name": defuse(entry.name),
        "Company": defuse(entry.company),
        "Email": defuse(entry.email),
        "Phone": defuse(entry.phone),
        "OfferTitle": defuse(entry.offer_title),
        "ActionCode": defuse(entry.action_code),
        "Owner": defuse(entry.owner),
        "Problem": entry.problem,
    }
    if not _fits_into_key(entry.lead):
        row |= {"LeadPartition": entry.lead.partition, "LeadRow": entry.lead.row}
    return with_mark(row | ({"WaitingSince": entry.waiting_since} if entry.waiting_since else {}))


def _write_lead_key(lead: LeadKey) -> str:
    return f"{lead.partition}|{lead.row}" if _fits_into_key(lead) else f"{format_digest(*lead)}|"


def _fits_into_key(lead: LeadKey) -> bool:
    """Whether an entry's key can hold a lead's. It can not hold any that a person may have typed."""
    return "|" not in lead.partition and len(lead.partition) + len(lead.row) <= _LONGEST_LEAD_KEY


def parse_follow_up_key(key: str) -> tuple[datetime, LeadKey]:
    """Read from an entry's row key its time, and its lead."""
    at, partition, row = key.split("|", 2)
    return parse_time(at), LeadKey(partition, row)
