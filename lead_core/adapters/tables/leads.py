"""``Leads``: one row per person and offer, which people edit."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from lead_core.adapters.tables.cells import (
    LARGEST_COUNT,
    SHOWN_COLUMNS,
    dump,
    parse_time,
    read_number,
    read_text,
    read_time,
)
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.changes import StoredLead
from lead_core.lead.history import Action, History, Summary
from lead_core.lead.lead import Cells, Decision, Handover, Lead, Shown, Stamp
from lead_core.lead.salvage import Remains, salvage
from lead_core.lead.values import LeadKey, Status, format_time

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
    return StoredLead(lead_from_row(row.columns, row.changed_at), row, row.changed_at)


def lead_to_row(lead: Lead, base: Mapping[str, Any] | None = None) -> Entity:
    """Write a lead. *base* is the row as it was read. Its columns that are not ours stay as they are."""
    history = lead.history
    row: Entity = {name: value for name, value in (base or {}).items() if name not in _LEAD_TIMES}
    row |= {
        "PartitionKey": lead.key.partition,
        "RowKey": lead.key.row,
        **{column: getattr(lead.shown, name) for name, column in SHOWN_COLUMNS.items()},
        "ActionCount": history.count,
        "ActionHistory": dump(_history_to_json(history, lead.stamps)),
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
                "taken": [_decision_to_json(decision) for decision in lead.decisions],
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


def lead_from_row(row: Mapping[str, Any], changed_at: datetime = LONG_AGO) -> Lead:
    """Read a lead. Typing errors in the cells that people edit are forgiven.

    If what the app remembers was damaged, or the row was typed by hand, the other cells speak. See `salvage`. Only then
    it matters when the row was changed.
    """
    remembered, decided = _read_history(row), _read_decisions(row)
    history, stamps = remembered or (History(), {})
    decisions, written, handover = decided or ((), ("", "", ""), Handover())
    written_status, written_owner, seen_owner = written
    lead = Lead(
        key=LeadKey(row["PartitionKey"], row["RowKey"]),
        identified_by=read_text(row, "IdentifiedBy"),
        is_test=row.get("IsTest") is True,
        shown=Shown(**{name: read_text(row, column) for name, column in SHOWN_COLUMNS.items()}),
        stamps=stamps,
        history=history,
        decisions=decisions,
        cells=Cells(
            status=read_text(row, "Status"),
            owner=read_text(row, "Owner"),
            note=read_text(row, "Note"),
            disqualified_reason=read_text(row, "DisqualifiedReason"),
        ),
        written_status=written_status,
        written_owner=written_owner,
        seen_owner=seen_owner,
        refused_owner=read_text(row, "OwnerRefused"),
        handover=handover,
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
            changed_at=changed_at,
            first_seen_at=read_time(row, "FirstSeenAt"),
            last_seen_at=read_time(row, "LastSeenAt"),
            action_count=read_number(row, "ActionCount"),
        ),
    )


_ALWAYS_WRITTEN = ("ActionHistory", "Decisions", "IdentifiedBy", "ActionCount", "FirstSeenAt", "LastSeenAt")
"""Columns that no person needs to fill. A row without any of them was typed by hand."""
_DAMAGE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


def _read_history(row: Mapping[str, Any]) -> tuple[History, dict[str, Stamp]] | None:
    try:
        history, stamps = _history_from_json(_load(row, "ActionHistory"))
    except _DAMAGE:
        return None
    return (history, stamps) if history.count else None


def _read_decisions(
    row: Mapping[str, Any],
) -> tuple[tuple[Decision, ...], tuple[str, str, str], Handover] | None:
    try:
        decided = _load(row, "Decisions")
        status, owner, noticed = (str(decided["written"][column]) for column in ("Status", "Owner", "OwnerNoticed"))
        mails = decided.get("mails", ("", "", 0))
        handover = Handover(str(mails[0]), str(mails[1]), int(mails[2]))
        return tuple(map(_decision_from_json, decided["taken"])), (status, owner, noticed), handover
    except _DAMAGE:
        return None


def _load(row: Mapping[str, Any], column: str) -> Any:
    parts = json.loads(row[column])
    if "\\u" in row[column]:
        dump(parts).encode()  # Raises ValueError for half a character, which no table can hold.
    return parts


def _history_to_json(history: History, stamps: Mapping[str, Stamp]) -> dict[str, Any]:
    parts: dict[str, Any] = {"round": history.round, "actions": [_action_to_json(action) for action in history.actions]}
    if history.left_open_since is not None:
        parts["open"] = history.left_open_since or True
    if history.is_lost:
        parts["lost"] = True
    if history.summary:
        summary = history.summary
        parts["older"] = {
            "count": summary.count,
            "first": format_time(summary.first_at),
            "last": format_time(summary.last_at),
            "own": summary.has_own,
            "waiting": format_time(summary.waiting_since) if summary.waiting_since else None,
            "events": summary.events,
            "forgotten": format_time(summary.forgotten_at) if summary.forgotten_at else None,
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
        count=min(int(older["count"]), LARGEST_COUNT),
        first_at=parse_time(older["first"]),
        last_at=parse_time(older["last"]),
        has_own=bool(older["own"]),
        waiting_since=parse_time(older["waiting"]) if older["waiting"] else None,
        events=str(older.get("events", "")),
        # An earlier version kept no event ids.
        forgotten_at=parse_time(text) if (text := older.get("forgotten", older["last"])) else None,
    )
    left_open_since = parts.get("open")
    names = {column: name for name, column in SHOWN_COLUMNS.items()}
    stamps = {
        names[column]: Stamp(bool(stamp["own"]), parse_time(stamp["at"]), str(stamp["event"]))
        for stamp in parts["shown"]
        for column in stamp["columns"]
    }
    history = History(
        actions=actions,
        summary=summary or None,
        round=int(parts["round"]),
        left_open_since=None if left_open_since is None else 0 if left_open_since is True else int(left_open_since),
        is_lost=bool(parts.get("lost")),
    )
    return history, stamps
