"""The columns of ``Leads`` in their order: what people read and edit, facts, times, and last what is the app's alone.

A row is written in this order, and the table editors show columns in the order in which they come. Where an editor
sorts them by name instead, the app's own come last all the same, because of their prefix.
"""

from collections.abc import Mapping
from typing import Any, Final

from lead_core.adapters.tables.table import Entity

EMAIL_KEY_COLUMNS: Final = ("EmailKey", "EmailKey2", "EmailKey3", "EmailKey4", "EmailKey5")
"""One for each address in an ``Email`` cell, because a filter finds whole cells only."""
HISTORY: Final = "zAppActionHistory"
DECISIONS: Final = "zAppDecisions"
IDENTIFIED_BY: Final = "zAppIdentifiedBy"
OLD_NAMES: Final = {HISTORY: "ActionHistory", DECISIONS: "Decisions", IDENTIFIED_BY: "IdentifiedBy"}
"""What the versions before called the app's own columns. The next write of a row removes them."""

_FIRST: Final = (
    *("PartitionKey", "RowKey"),
    *("Name", "Status", "Owner", "Waiting", "Offer", "Note", "Problem", "DisqualifiedReason", "Qualification"),
    *("FirstName", "LastName", "Email", *EMAIL_KEY_COLUMNS, "Phone", "Company", "Title", "Country"),
    *("ActionCode", "ActionCount", "Description", "OfferTitle", "OfferId", "PublisherId", "Source"),
    *("Attempts", "RemindersSent", "ContactedBy", "IsTest", "IsInternal", "OwnerRefused"),
    *("SnoozedUntil", "WaitingSince", "NextReminderAt", "LastReminderAt", "FirstContactedAt"),
    *("FirstSeenAt", "LastSeenAt", "OwnerRefusedAt"),
)
_LAST: Final = (IDENTIFIED_BY, HISTORY, DECISIONS)
_OURS: Final = frozenset((*_FIRST, *_LAST))


def put_in_order(row: Mapping[str, Any]) -> Entity:
    """Return *row* with its columns in order. What people added stands before the app's own columns."""
    return {column: row[column] for column in (*_FIRST, *list_added(row), *_LAST) if column in row}


def list_added(row: Mapping[str, Any]) -> list[str]:
    """Return the columns that people added to a row."""
    return [column for column in row if column not in _OURS]


def find_own_column(row: Mapping[str, Any], column: str) -> str:
    """Return the name under which *row* holds one of the app's own columns.

    Each write removes the old name. If it is there, a version before wrote the row later.
    """
    old = OLD_NAMES[column]
    return old if old in row else column
