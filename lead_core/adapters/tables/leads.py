"""``Leads``: one row per person and offer, which people edit."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from lead_core.adapters.tables.cells import SHOWN_COLUMNS, dump, parse_time, read_text
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.steering import LEFT_OUT_IF_EMPTY, read_steering, steering_to_cells, steering_to_json
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.adapters.tables.typed import is_same_phone, parse_json
from lead_core.errors import RejectCode, SomeoneWasFirstError, UnreadableLeadError
from lead_core.lead.changes import StoredLead
from lead_core.lead.history import Action, History, Summary
from lead_core.lead.lead import Cells, Decision, Lead, Shown, Stamp
from lead_core.lead.values import LeadKey, Status, format_time


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
        person = []
        async for row in self._table.query(KeyRange(key.partition, key.partition)):
            try:
                person.append(_read(row))
            except UnreadableLeadError:
                if row.columns["RowKey"] == key.row:
                    raise
        return person

    async def scan(self, *, after: str = "") -> AsyncIterator[StoredLead | UnreadableLeadError]:
        """See `LeadStore.scan`."""
        async for row in self._table.query(KeyRange(from_partition=after)):
            if after and row.columns["PartitionKey"] == after:
                continue  # The service knows "from", but not "after".
            try:
                yield _read(row)
            except UnreadableLeadError as error:
                yield error


def lead_to_row(lead: Lead, base: Mapping[str, Any] | None = None) -> Entity:
    """Write a lead. *base* is the row as it was read. Its columns that are not ours stay as they are."""
    history, base = lead.history, base or {}
    row: Entity = {name: value for name, value in base.items() if name not in _TIMES}
    row |= {
        "PartitionKey": lead.key.partition,
        "RowKey": lead.key.row,
        **{column: defuse(getattr(lead.shown, name)) for name, column in SHOWN_COLUMNS.items()},
        "ActionCount": history.count,
        "ActionHistory": dump(_history_to_json(history, lead.stamps)),
        "Problem": lead.problem,
        "OwnerRefused": defuse(lead.refused_owner),
        "Decisions": dump(
            {
                "written": {
                    "Status": lead.written_status,
                    "Owner": lead.written_owner,
                    "OwnerNoticed": lead.seen_owner,
                    "Phone": lead.shown.phone,
                }
                | steering_to_json(lead),
                "taken": [_decision_to_json(decision) for decision in lead.decisions],
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


def _read(row: StoredRow) -> StoredLead:
    return StoredLead(lead_from_row(row.columns, edited_at=row.changed_at), row, row.changed_at)


def lead_from_row(row: Mapping[str, Any], *, edited_at: datetime | None = None) -> Lead:
    """Read a lead. *edited_at* is when people edited it, if they did. What they typed is read generously.

    Raises: UnreadableLeadError (``damaged-row``) if the history that the app keeps can't be read any more.
    """
    try:
        history, stamps = _history_from_json(parse_json(row["ActionHistory"]))
        decided = parse_json(row["Decisions"])
        decisions = tuple(map(_decision_from_json, decided["taken"]))
        written_status, written_owner, seen_owner = (
            str(decided["written"][column]) for column in ("Status", "Owner", "OwnerNoticed")
        )
        phone = str(decided["written"].get("Phone", ""))
        steering, unread = read_steering(row, decided["written"], edited_at=edited_at)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableLeadError(
            RejectCode.DAMAGED_ROW,
            f"The row of this lead in the table Leads can't be read, because its ActionHistory or Decisions was edited "
            f"(PartitionKey {row['PartitionKey']}, RowKey {row['RowKey']}). The person who runs this app can repair "
            f"it: delete that row. Then find the rows of MarketplaceLeads with the same keys in LeadPartition and "
            f"LeadRow, and put the Body of each into a row of RejectedLeads with Retry true.",
        ) from error
    return Lead(
        key=LeadKey(row["PartitionKey"], row["RowKey"]),
        identified_by=read_text(row, "IdentifiedBy"),
        shown=_read_shown(row, phone),
        stamps=stamps,
        history=history,
        decisions=decisions,
        cells=Cells(**{name: read_text(row, column) for name, column in _CELLS.items()}),
        written_status=written_status,
        written_owner=written_owner,
        seen_owner=seen_owner,
        refused_owner=read_text(row, "OwnerRefused"),
        contacted_by=read_text(row, "ContactedBy"),
        problem=read_text(row, "Problem"),
        unread=unread,
        **steering,
    )


def _read_shown(row: Mapping[str, Any], phone: str) -> Shown:
    """Read what a lead shows. *phone* is what the app wrote: a spreadsheet makes a number of it, without the plus."""
    shown = Shown(**{name: read_text(row, column) for name, column in SHOWN_COLUMNS.items()})
    return replace(shown, phone=phone) if is_same_phone(shown.phone, phone) else shown


def _history_to_json(history: History, stamps: Mapping[str, Stamp]) -> dict[str, Any]:
    parts: dict[str, Any] = {"round": history.round, "actions": [_action_to_json(action) for action in history.actions]}
    if history.is_left_open:
        parts["open"] = True
    if history.summary:
        summary = history.summary
        parts["older"] = {
            "count": summary.count,
            "first": format_time(summary.first_at),
            "last": format_time(summary.last_at),
            "own": summary.has_own,
            "waiting": format_time(summary.waiting_since) if summary.waiting_since else None,
        }
    parts["shown"] = [
        {
            "at": format_time(stamp.received_at),
            "event": stamp.event_id,
            "own": stamp.is_own,
            "columns": [column for name, column in SHOWN_COLUMNS.items() if stamps.get(name) == stamp],
        }
        for stamp in sorted(set(stamps.values()))
    ]
    return parts


def _decision_to_json(decision: Decision) -> dict[str, str]:
    parts = {"status": str(decision.status), "at": format_time(decision.at), "by": decision.by}
    return parts | {name: text for name in ("choice", "click") if (text := getattr(decision, name))}


def _decision_from_json(parts: Mapping[str, str]) -> Decision:
    at = parse_time(parts["at"])
    choice, click = (str(parts.get(name, "")) for name in ("choice", "click"))
    return Decision(Status(parts["status"]), at, str(parts["by"]), choice, click)


def _action_to_json(action: Action) -> dict[str, Any]:
    parts = {
        "at": format_time(action.first_at),
        "action": action.code,
        "source": action.source,
        "event": action.event_id,
        "content": action.content,
        "round": action.round,
    }
    return parts if action.last_at == action.first_at else {**parts, "last": format_time(action.last_at)}


def _history_from_json(parts: Mapping[str, Any]) -> tuple[History, dict[str, Stamp]]:
    actions = tuple(
        Action(
            first_at=parse_time(action["at"]),
            last_at=parse_time(action.get("last", action["at"])),
            code=str(action["action"]),
            source=str(action["source"]),
            event_id=str(action["event"]),
            content=str(action["content"]),
            round=int(action["round"]),
        )
        for action in parts["actions"]
    )
    older = parts.get("older")
    summary = older and Summary(
        count=int(older["count"]),
        first_at=parse_time(older["first"]),
        last_at=parse_time(older["last"]),
        has_own=bool(older["own"]),
        waiting_since=parse_time(older["waiting"]) if older["waiting"] else None,
    )
    names = {column: name for name, column in SHOWN_COLUMNS.items()}
    stamps = {
        names[column]: Stamp(bool(stamp["own"]), parse_time(stamp["at"]), str(stamp["event"]))
        for stamp in parts["shown"]
        for column in stamp["columns"]
    }
    return History(actions, summary or None, int(parts["round"]), bool(parts.get("open"))), stamps
