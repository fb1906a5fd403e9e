"""What must stand in ``FollowUps``, by the rows of ``Leads`` and without the app."""

from collections.abc import Iterable, Mapping
from typing import Any


def entries_asked_for(leads: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the row keys of the entries that leads ask for."""
    return {
        f"{lead['NextReminderAt']:%Y-%m-%dT%H:%M:%S.%fZ}|{lead['PartitionKey']}|{lead['RowKey']}"
        for lead in leads
        if lead.get("NextReminderAt")
    }
