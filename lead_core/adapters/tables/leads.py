"""``Leads``: one row per person and offer, which people edit."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from lead_core.adapters.tables.cells import SHOWN_COLUMNS, dump, read_number, read_text, read_time
from lead_core.adapters.tables.remembered import (
    Decided,
    decision_to_json,
    history_to_json,
    read_decisions,
    read_history,
)
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.changes import StoredLead
from lead_core.lead.history import History
from lead_core.lead.lead import Cells, Lead, Shown
from lead_core.lead.salvage import Remains, salvage
from lead_core.lead.values import LeadKey

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


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
        return _read(row) if row else None

    async def replace(self, stored: StoredLead, lead: Lead) -> None:
        """See `LeadStore.replace`. Columns that people added stay."""
        row = cast("StoredRow", stored.version)
        if not await self._table.replace(lead_to_row(lead, base=row.columns), row.etag):
            raise SomeoneWasFirstError

    async def list_person(self, key: LeadKey) -> list[StoredLead]:
        """See `LeadStore.list_person`."""
        if not key.partition:  # A person typed it. For a range, it would mean every row.
            stored = await self.get(key)
            return [stored] if stored else []
        return [_read(row) async for row in self._table.query(KeyRange(key.partition, key.partition))]

    async def scan(self) -> AsyncIterator[StoredLead]:
        """See `LeadStore.scan`."""
        async for row in self._table.query(KeyRange()):
            yield _read(row)


def _read(row: StoredRow) -> StoredLead:
    return StoredLead(lead_from_row(row.columns, edited_at=row.changed_at), row, row.changed_at)


def lead_to_row(lead: Lead, base: Mapping[str, Any] | None = None) -> Entity:
    """Write a lead. *base* is the row as it was read. Its columns that are not ours stay as they are."""
    history = lead.history
    row: Entity = {name: value for name, value in (base or {}).items() if name not in _LEAD_TIMES}
    row |= {
        "PartitionKey": lead.key.partition,
        "RowKey": lead.key.row,
        **{column: getattr(lead.shown, name) for name, column in SHOWN_COLUMNS.items()},
        "ActionCount": history.count,
        "ActionHistory": dump(history_to_json(history, lead.stamps)),
        "Status": lead.cells.status,
        "Owner": lead.cells.owner,
        "Note": lead.cells.note,
        "DisqualifiedReason": lead.cells.disqualified_reason,
        "OwnerRefused": lead.refused_owner,
        "Decisions": dump(
            {
                "written": {
                    "Status": lead.written_status,
                    "Owner": lead.written_owner,
                    "OwnerNoticed": lead.seen_owner,
                },
                **({"mails": [*lead.handover]} if lead.handover.owner else {}),
                "taken": [decision_to_json(decision) for decision in lead.decisions],
            }
        ),
        "RemindersSent": lead.reminders_sent,
        "Attempts": lead.attempts,
        "ContactedBy": lead.contacted_by,
        "IsTest": lead.is_test,
        "IsInternal": lead.is_internal,
        "IdentifiedBy": str(lead.identified_by),
    }
    times = {
        "FirstSeenAt": history.first_at,
        "LastSeenAt": history.last_at,
        **{column: getattr(lead, name) for column, name in _LEAD_TIME_FIELDS.items()},
    }
    return row | {column: time for column, time in times.items() if time is not None}


_LEAD_TIME_FIELDS = {
    "WaitingSince": "waiting_since",
    "NextReminderAt": "next_reminder_at",
    "LastReminderAt": "last_reminder_at",
    "SnoozedUntil": "snoozed_until",
    "FirstContactedAt": "first_contacted_at",
}
_LEAD_TIMES = {*_LEAD_TIME_FIELDS, "FirstSeenAt", "LastSeenAt"}


def lead_from_row(row: Mapping[str, Any], *, edited_at: datetime | None = None) -> Lead:
    """Read a lead. Typing errors in the cells that people edit are forgiven.

    If what the app remembers was damaged, or the row was typed by hand, the other cells speak. See `salvage`.
    *edited_at* is when people edited the row, if they did.
    """
    remembered, decided = read_history(row), read_decisions(row)
    history, stamps = remembered or (History(), {})
    decisions = decided or Decided()
    lead = Lead(
        key=LeadKey(row["PartitionKey"], row["RowKey"]),
        identified_by=read_text(row, "IdentifiedBy"),
        is_test=row.get("IsTest") is True,
        shown=Shown(**{name: read_text(row, column) for name, column in SHOWN_COLUMNS.items()}),
        stamps=stamps,
        history=history,
        decisions=decisions.taken,
        cells=Cells(
            status=read_text(row, "Status"),
            owner=read_text(row, "Owner"),
            note=read_text(row, "Note"),
            disqualified_reason=read_text(row, "DisqualifiedReason"),
        ),
        written_status=decisions.written_status,
        written_owner=decisions.written_owner,
        seen_owner=decisions.seen_owner,
        refused_owner=read_text(row, "OwnerRefused"),
        handover=decisions.handover,
        is_internal=row.get("IsInternal") is True,
        reminders_sent=read_number(row, "RemindersSent"),
        attempts=read_number(row, "Attempts"),
        contacted_by=read_text(row, "ContactedBy"),
        is_salvaged=not (remembered and decided),
        **{name: read_time(row, column) for column, name in _LEAD_TIME_FIELDS.items()},
    )
    if not lead.is_salvaged:
        return lead
    return salvage(
        lead,
        Remains(
            has_history=remembered is not None,
            has_decisions=decided is not None,
            is_typed=not any(read_text(row, column) for column in _ALWAYS_WRITTEN),
            changed_at=edited_at or LONG_AGO,
            first_seen_at=read_time(row, "FirstSeenAt"),
            last_seen_at=read_time(row, "LastSeenAt"),
            action_count=read_number(row, "ActionCount"),
        ),
    )


_ALWAYS_WRITTEN = ("ActionHistory", "Decisions", "IdentifiedBy", "ActionCount", "FirstSeenAt", "LastSeenAt")
"""Columns that no person needs to fill. A row without any of them was typed by hand."""
