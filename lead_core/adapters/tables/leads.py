"""``Leads``: one row per person and offer, which people edit."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, cast

from lead_core.adapters.tables.cells import SHOWN_COLUMNS, dump, read_number, read_text, read_time
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.remembered import (
    Decided,
    decision_to_json,
    history_to_json,
    read_decisions,
    read_history,
)
from lead_core.adapters.tables.steering import (
    LEFT_OUT_IF_EMPTY,
    has_own_types,
    read_steering,
    steering_to_cells,
    steering_to_json,
)
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.adapters.tables.typed import is_same_phone
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.changes import StoredLead
from lead_core.lead.history import History
from lead_core.lead.lead import Cells, Lead, Shown
from lead_core.lead.salvage import Remains, salvage
from lead_core.lead.values import LeadKey, format_time

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

    async def scan(self, *, after: str = "") -> AsyncIterator[StoredLead]:
        """See `LeadStore.scan`."""
        async for row in self._table.query(KeyRange(from_partition=after)):
            # The service knows "from", but not "after".
            if not after or row.columns["PartitionKey"] != after:
                yield _read(row)


def _read(row: StoredRow) -> StoredLead:
    return StoredLead(lead_from_row(row.columns, edited_at=row.changed_at), row, row.changed_at)


def lead_to_row(lead: Lead, base: Mapping[str, Any] | None = None) -> Entity:
    """Write a lead. *base* is the row as it was read. Its columns that are not ours stay as they are."""
    history, base = lead.history, base or {}
    row: Entity = {name: value for name, value in base.items() if name not in _TIMES}
    row |= {
        "PartitionKey": lead.key.partition,
        "RowKey": lead.key.row,
        **{column: defuse(getattr(lead.shown, name)) for name, column in SHOWN_COLUMNS.items()},
        "ActionCount": history.count,
        "ActionHistory": dump(history_to_json(history, lead.stamps)),
        "Problem": lead.problem,
        "OwnerRefused": defuse(lead.refused_owner),
        "Decisions": dump(
            {
                "written": {
                    "Status": lead.written_status,
                    "Owner": lead.written_owner,
                    "OwnerNoticed": lead.seen_owner,
                    "Phone": lead.shown.phone,
                    **({} if lead.confirmed_owner is None else {"OwnerConfirmed": lead.confirmed_owner}),
                }
                | steering_to_json(lead),
                **({"mails": [*lead.handover]} if lead.handover.owner else {}),
                **({"escalates": format_time(lead.escalates_at)} if lead.escalates_at else {}),
                **({"restored": {**lead.restored}} if lead.restored else {}),
                "taken": [decision_to_json(decision) for decision in lead.decisions],
            }
        ),
        "ContactedBy": defuse(lead.contacted_by),
        "IdentifiedBy": str(lead.identified_by),
        "FirstSeenAt": history.first_at,
        "LastSeenAt": history.last_at,
    }
    row |= {column: _write_cell(getattr(lead.cells, name), column, base) for name, column in _CELLS.items()}
    return row | steering_to_cells(lead, base)


_TIMES = {*LEFT_OUT_IF_EMPTY, "FirstSeenAt", "LastSeenAt"}
_CELLS = {
    "status": "Status",
    "owner": "Owner",
    "note": "Note",
    "disqualified_reason": "DisqualifiedReason",
}


def _write_cell(text: str, column: str, base: Mapping[str, Any]) -> Any:
    """Write a cell that people edit. What a person typed there stays as it is, even a formula."""
    return base[column] if column in base and read_text(base, column) == text else defuse(text)


def lead_from_row(row: Mapping[str, Any], *, edited_at: datetime | None = None) -> Lead:
    """Read a lead. *edited_at* is when people edited its row, if they did. What they typed is read generously.

    If what the app remembers was damaged, or the row was typed by hand, the other cells speak. See `salvage`.
    """
    remembered, decided = read_history(row), read_decisions(row)
    history, stamps = remembered or (History(), {})
    decisions = decided or Decided()
    written = decisions.written
    steering, unread = read_steering(row, decisions.steering, edited_at=edited_at)
    lead = Lead(
        key=LeadKey(row["PartitionKey"], row["RowKey"]),
        identified_by=read_text(row, "IdentifiedBy"),
        shown=_read_shown(row, written["Phone"]),
        stamps=stamps,
        history=history,
        decisions=decisions.taken,
        cells=Cells(**{name: read_text(row, column) for name, column in _CELLS.items()}),
        written_status=written["Status"],
        written_owner=written["Owner"],
        seen_owner=written["OwnerNoticed"],
        confirmed_owner=decisions.confirmed_owner,
        refused_owner=read_text(row, "OwnerRefused"),
        handover=decisions.handover,
        escalates_at=decisions.escalates_at,
        contacted_by=read_text(row, "ContactedBy"),
        problem=read_text(row, "Problem"),
        unread=unread,
        restored=decisions.restored,
        needs_writing=not (remembered and decided and has_own_types(row, but=unread)),
        **steering,
    )
    if remembered and decided:
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


def _read_shown(row: Mapping[str, Any], phone: str) -> Shown:
    """Read what a lead shows. *phone* is what the app wrote: a spreadsheet makes a number of it, without the plus."""
    shown = Shown(**{name: read_text(row, column) for name, column in SHOWN_COLUMNS.items()})
    return replace(shown, phone=phone) if is_same_phone(shown.phone, phone) else shown


_ALWAYS_WRITTEN = ("ActionHistory", "Decisions", "IdentifiedBy", "ActionCount", "FirstSeenAt", "LastSeenAt")
"""Columns that no person needs to fill. A row without any of them was typed by hand."""
