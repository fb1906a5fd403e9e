"""Rows that only the app writes. Each has a mark by which it is known whether a person changed it."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from lead_core.adapters.tables.table import Entity
from lead_core.adapters.tables.typed import unwrap_text
from lead_core.lead.values import format_digest, format_time

MARK: Final = "zAppWritten"
_NOT_MARKED: Final = {"PartitionKey", "RowKey", "Timestamp", "Problem", MARK}


def with_mark(row: Entity) -> Entity:
    """Return *row* with its mark, which comes last."""
    return row | {MARK: _mark(row)}


def is_changed(row: Mapping[str, Any]) -> bool:
    """Whether a person changed, added or emptied a cell. A row of the version before has no mark, so nobody knows."""
    return MARK in row and row[MARK] != _mark(row)


def _mark(row: Mapping[str, Any]) -> str:
    cells = sorted((column, _spell(cell)) for column, cell in row.items() if column not in _NOT_MARKED)
    return format_digest(*(text for each in cells for text in each))[:8]


def _spell(cell: object) -> str:
    if not isinstance(cell, datetime):
        return unwrap_text(cell)
    with suppress(OverflowError):  # A person may have typed any time that there is. One without an offset is UTC.
        cell = cell.astimezone(UTC) if cell.tzinfo else cell.replace(tzinfo=UTC)
    return format_time(cell)
