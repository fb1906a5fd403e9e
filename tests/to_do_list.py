"""What must stand in ``FollowUps``, by the rows of ``Leads`` and without the app."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

NEVER_ANSWERED, FOLLOW_UP = "0-never-answered", "0-follow-up"

EntryKey = tuple[str, str]
"""The partition and the row of an entry."""


def entries_asked_for(leads: Iterable[Mapping[str, Any]]) -> set[EntryKey]:
    """Return the keys of the entries that leads ask for: when they are due, since when nobody has answered, or
    for when a follow-up was planned whose mail has come.
    """
    return {entry for lead in leads if (entry := _find_entry(lead))}


def _find_entry(lead: Mapping[str, Any]) -> EntryKey | None:
    due_at, waiting_since = lead.get("NextReminderAt") or _remember_due_time(lead), lead.get("WaitingSince")
    if due_at:
        return f"{due_at:%Y-%m-%dT%H}", _write_row(due_at, lead)
    is_work = not (lead["IsTest"] or lead["IsInternal"])
    planned = json.loads(lead["zAppDecisions"]).get("planned")
    if is_work and planned and not waiting_since:
        return FOLLOW_UP, _write_row(datetime.fromisoformat(planned), lead)
    return (NEVER_ANSWERED, _write_row(waiting_since, lead)) if waiting_since and is_work else None


def _remember_due_time(lead: Mapping[str, Any]) -> datetime | None:
    """Return the time in the app's own copy, which counts if a person emptied the cell."""
    copy = json.loads(lead["zAppDecisions"])["written"].get("NextReminderAt")
    return datetime.fromisoformat(copy) if copy else None


def _write_row(at: datetime, lead: Mapping[str, Any]) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}|{lead['PartitionKey']}|{lead['RowKey']}"
