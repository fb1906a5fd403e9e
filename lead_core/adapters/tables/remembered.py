"""What the app remembers of a lead, in two cells of its row: `HISTORY` and `DECISIONS`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lead_core.adapters.tables.cells import SHOWN_COLUMNS, dump, parse_time
from lead_core.adapters.tables.columns import DECISIONS, HISTORY, find_own_column
from lead_core.adapters.tables.typed import LARGEST_COUNT, parse_json
from lead_core.lead.delivery import Stamp
from lead_core.lead.history import Action, History, Summary
from lead_core.lead.lead import Decision, Handover
from lead_core.lead.values import Status, format_time

_DAMAGE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


_WRITTEN = ("Status", "Owner", "OwnerNoticed", "Phone")
_TEXTS = ("choice", "click", "was", "reason", "name", "to", "with_note")


@dataclass(frozen=True, slots=True)
class Decided:
    """What stands in the cell `DECISIONS`."""

    taken: tuple[Decision, ...] = ()
    written: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(_WRITTEN, ""))
    """What the app last wrote into cells of text."""
    steering: Mapping[str, Any] = field(default_factory=dict)
    """What the app last wrote into the other cells. See `steering_to_json`."""
    handover: Handover = field(default_factory=Handover)
    escalates_at: datetime | None = None
    due_plan_at: datetime | None = None
    first_told_at: datetime | None = None
    restored: Mapping[str, str] = field(default_factory=dict)
    confirmed_owner: str | None = None
    derived: Mapping[str, str] = field(default_factory=dict)
    """Marks of what the app last wrote into the cells that follow from others. See `derived_to_json`."""


def read_history(row: Mapping[str, Any]) -> tuple[History, dict[str, Stamp]] | None:
    """Read the cell `HISTORY`, and whose each shown value is. None if the cell was damaged."""
    try:
        history, stamps = _history_from_json(_load(row, HISTORY))
    except _DAMAGE:
        return None
    return (history, stamps) if history.count else None


def read_decisions(row: Mapping[str, Any]) -> Decided | None:
    """Read the cell `DECISIONS`. None if the cell was damaged."""
    try:
        decided = _load(row, DECISIONS)
        # A row of the version before has fewer.
        written = {column: str(decided["written"].get(column, "")) for column in _WRITTEN}
        mails = decided.get("mails", ("", "", 0))
        handover = Handover(str(mails[0]), str(mails[1]), int(mails[2]), "".join(map(str, mails[3:4])))
        # A row of the version before has none, so it is not escalated now.
        escalates_at = parse_time(decided["escalates"]) if "escalates" in decided else None
        restored = {str(column): str(text) for column, text in decided.get("restored", {}).items()}
        taken = tuple(map(_decision_from_json, decided["taken"]))
        confirmed = decided["written"].get("OwnerConfirmed")
        return Decided(
            taken=taken,
            written=written,
            steering=decided["written"],
            handover=handover,
            escalates_at=escalates_at,
            due_plan_at=parse_time(decided["planned"]) if "planned" in decided else None,
            first_told_at=parse_time(decided["told"]) if "told" in decided else None,
            restored=restored,
            confirmed_owner=None if confirmed is None else str(confirmed),
            derived={str(column): str(mark) for column, mark in decided.get("derived", {}).items()},
        )
    except _DAMAGE:
        return None


def _load(row: Mapping[str, Any], column: str) -> Any:
    cell = row[find_own_column(row, column)]
    parts = parse_json(cell)
    if "\\u" in cell:
        dump(parts).encode()  # Raises ValueError for half a character, which no table can hold.
    return parts


def history_to_json(history: History, stamps: Mapping[str, Stamp]) -> dict[str, Any]:
    """Write what stands in the cell `HISTORY`."""
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


def decision_to_json(decision: Decision) -> dict[str, str]:
    """Write one decision of the cell `DECISIONS`."""
    parts = {"status": str(decision.status), "at": format_time(decision.at), "by": decision.by}
    return parts | {name: text for name in _TEXTS if (text := getattr(decision, name))}


def _decision_from_json(parts: Mapping[str, str]) -> Decision:
    at = parse_time(parts["at"])
    texts = {name: str(parts.get(name, "")) for name in _TEXTS}  # A version before wrote fewer.
    return Decision(Status(parts["status"]), at, str(parts["by"]), **texts)


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
