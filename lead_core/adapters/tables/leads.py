"""``Leads``: one row per person and offer, which people edit."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, cast

from lead_core.adapters.tables.cells import SHOWN_COLUMNS, dump, read_number, read_text, read_time
from lead_core.adapters.tables.columns import (
    DECISIONS,
    HISTORY,
    IDENTIFIED_BY,
    OLD_NAMES,
    find_own_column,
    put_in_order,
)
from lead_core.adapters.tables.derived import (
    DERIVED_COLUMNS,
    derive,
    derived_to_cells,
    derived_to_json,
    read_derived,
)
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
from lead_core.lead.delivery import Shown
from lead_core.lead.history import History
from lead_core.lead.lead import Cells, Lead
from lead_core.lead.salvage import Remains, salvage
from lead_core.lead.values import LeadKey, clean_line, format_time
from lead_core.marketplace.payload import split_name

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

    async def replace_whole(self, stored: StoredLead, lead: Lead) -> None:
        """See `LeadStore.replace_whole`."""
        if not await self._table.replace(lead_to_row(lead), cast("StoredRow", stored.version).etag):
            raise SomeoneWasFirstError

    async def remove(self, stored: StoredLead) -> bool:
        """See `LeadStore.remove`."""
        return await self._table.delete(*stored.lead.key, cast("StoredRow", stored.version).etag)

    async def list_person(self, key: LeadKey) -> list[StoredLead]:
        """See `LeadStore.list_person`."""
        if not key.names_person:  # A person typed it. In a range, ``""`` would mean every row.
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
    history, derived, base = lead.history, derive(lead), base or {}
    row: Entity = {name: value for name, value in base.items() if name not in _NOT_KEPT}
    row |= {
        "PartitionKey": lead.key.partition,
        "RowKey": lead.key.row,
        **{column: defuse(getattr(lead.shown, name)) for name, column in SHOWN_COLUMNS.items()},
        **derived_to_cells(derived),
        "ActionCount": history.count,
        HISTORY: dump(history_to_json(history, lead.stamps)),
        "Problem": lead.problem,
        "OwnerRefused": defuse(lead.refused_owner),
        DECISIONS: dump(
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
                **({"planned": format_time(lead.due_plan_at)} if lead.due_plan_at else {}),
                **({"told": format_time(lead.first_told_at)} if lead.first_told_at else {}),
                **({"restored": {**lead.restored}} if lead.restored else {}),
                "derived": derived_to_json(derived),
                "taken": [decision_to_json(decision) for decision in lead.decisions],
            }
        ),
        "ContactedBy": defuse(lead.contacted_by),
        IDENTIFIED_BY: str(lead.identified_by),
        "FirstSeenAt": history.first_at,
        "LastSeenAt": history.last_at,
    }
    cells = ((column, getattr(lead.cells, name)) for name, column in _CELLS.items())
    row |= {column: _write_cell(text, column, base) for column, text in cells if text or column not in _SELDOM}
    return put_in_order(row | steering_to_cells(lead, base))


_SELDOM = {"Qualification"}
"""Cells that people edit and that have no column if they are empty."""
_NOT_KEPT = {*LEFT_OUT_IF_EMPTY, *DERIVED_COLUMNS, *OLD_NAMES.values(), *_SELDOM}
"""Columns that a row may be without. What *base* has in them does not stay."""
_CELLS = {
    "status": "Status",
    "owner": "Owner",
    "note": "Note",
    "disqualified_reason": "DisqualifiedReason",
    "qualification": "Qualification",
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
    is_typed = not any(read_text(row, column) for column in _ALWAYS_WRITTEN)
    steering, unread = read_steering(row, decisions.steering, edited_at=edited_at)
    lead = Lead(
        key=LeadKey(row["PartitionKey"], row["RowKey"]),
        identified_by=read_text(row, find_own_column(row, IDENTIFIED_BY)),
        shown=_read_shown(row, written["Phone"], is_typed=is_typed),
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
        due_plan_at=decisions.due_plan_at,
        first_told_at=decisions.first_told_at,
        contacted_by=read_text(row, "ContactedBy"),
        problem=read_text(row, "Problem"),
        restored=decisions.restored,
        **steering,
    )
    follows, changed = read_derived(row, lead, decisions.derived)
    is_whole = remembered and decided and has_own_types(row, but=unread) and follows
    has_old_names = any(old in row for old in OLD_NAMES.values())
    # If the row has new names as well, the version before wrote over one of ours, and left these cells behind.
    is_known = decided and not (has_old_names and DECISIONS in row)
    lead = replace(lead, unread=(*unread, *(changed if is_known else ())), needs_writing=has_old_names or not is_whole)
    if remembered and decided:
        return lead
    return salvage(
        lead,
        Remains(
            has_history=remembered is not None,
            has_decisions=decided is not None,
            is_typed=is_typed,
            changed_at=edited_at or LONG_AGO,
            first_seen_at=read_time(row, "FirstSeenAt"),
            last_seen_at=read_time(row, "LastSeenAt"),
            action_count=read_number(row, "ActionCount"),
        ),
    )


def _read_shown(row: Mapping[str, Any], phone: str, *, is_typed: bool) -> Shown:
    """Read what a lead shows. *phone* is what the app wrote: a spreadsheet makes a number of it, without the plus."""
    shown = Shown(**{name: read_text(row, column) for name, column in SHOWN_COLUMNS.items()})
    if is_same_phone(shown.phone, phone):
        return replace(shown, phone=phone)
    return _take_typed(row, shown) if is_typed else shown


def _take_typed(row: Mapping[str, Any], shown: Shown) -> Shown:
    """Return what a person typed, who may have filled in ``Name`` and ``Offer`` alone."""
    if not shown.name:
        first_name, last_name = split_name(clean_line(read_text(row, "Name")))
        shown = replace(shown, first_name=first_name, last_name=last_name)
    has_offer = shown.offer_title or shown.offer_id
    return shown if has_offer else replace(shown, offer_title=clean_line(read_text(row, "Offer")))


_ALWAYS_WRITTEN = (*OLD_NAMES, *OLD_NAMES.values(), "ActionCount", "FirstSeenAt", "LastSeenAt")
"""Columns that no person needs to fill. A row without any of them was typed by hand."""
