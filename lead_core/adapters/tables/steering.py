"""The cells that steer the app, and the app's own copy of them, which outlives what people and spreadsheets do."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from lead_core.adapters.tables.cells import parse_time
from lead_core.adapters.tables.table import Entity
from lead_core.adapters.tables.typed import parse_count, parse_moment, parse_yes, unwrap_text
from lead_core.lead.lead import Lead
from lead_core.lead.problems import HINTS
from lead_core.lead.values import UnreadCell, format_time

LONGEST_SNOOZE = timedelta(days=366)
"""A lead that is put off for longer would never be heard of again."""


class Steering(NamedTuple):
    """A column of ``Leads`` that decides which mails go out."""

    column: str
    name: str
    """The field of `Lead`."""
    parse: Callable[[object], object | None]
    blank: object = None
    """What an empty cell says."""


COLUMNS = (
    Steering("IsTest", "is_test", parse_yes, blank=False),
    Steering("IsInternal", "is_internal", parse_yes, blank=False),
    Steering("RemindersSent", "reminders_sent", parse_count, blank=0),
    Steering("Attempts", "attempts", parse_count, blank=0),
    Steering("WaitingSince", "waiting_since", parse_moment),
    Steering("NextReminderAt", "next_reminder_at", parse_moment),
    Steering("LastReminderAt", "last_reminder_at", parse_moment),
    Steering("SnoozedUntil", "snoozed_until", parse_moment),
    Steering("FirstContactedAt", "first_contacted_at", parse_moment),
    Steering("OwnerRefusedAt", "refused_at", parse_moment),
)

LEFT_OUT_IF_EMPTY = frozenset(each.column for each in COLUMNS if each.blank is None)


def steering_to_cells(lead: Lead, base: Mapping[str, Any]) -> Entity:
    """Write the cells. An empty one has no column. What people must put right stays as it is in *base*."""
    cells = {each.column: value for each in COLUMNS if (value := getattr(lead, each.name)) is not None}
    return cells | {cell.column: base[cell.column] for cell in lead.unread if cell.column in base}


def steering_to_json(lead: Lead) -> dict[str, Any]:
    """Write the app's own copy."""
    values = {each.column: getattr(lead, each.name) for each in COLUMNS}
    return {column: format_time(value) if isinstance(value, datetime) else value for column, value in values.items()}


def read_steering(
    row: Mapping[str, Any], copy: Mapping[str, Any], *, edited_at: datetime | None
) -> tuple[dict[str, Any], tuple[UnreadCell, ...]]:
    """Return what the cells say, by field of `Lead`, and the cells that were not obeyed.

    People may edit some of the cells. For the others, and for what can't be read, the app's own *copy* counts. A row of
    the version before has none.
    """
    values: dict[str, Any] = {}
    unread = []
    for each in COLUMNS:
        values[each.name], is_obeyed = _read_cell(each, row, copy, edited_at)
        if not is_obeyed:
            cell = row.get(each.column)
            is_too_late = _is_too_late(_parse(each, cell, values[each.name]), edited_at)
            unread.append(UnreadCell(each.column, unwrap_text(cell).strip(), values[each.name], is_too_late))
    return values, tuple(unread)


def has_own_types(row: Mapping[str, Any], *, but: tuple[UnreadCell, ...]) -> bool:
    """Whether the cells have the types that the app writes, *but* those that a person must put right."""
    left = {cell.column for cell in but}
    cells = ((each, row[each.column]) for each in COLUMNS if each.column in row and each.column not in left)
    return all(
        isinstance(cell, datetime) if each.blank is None else type(cell) is type(each.blank) for each, cell in cells
    )


def _read_cell(
    each: Steering, row: Mapping[str, Any], copy: Mapping[str, Any], edited_at: datetime | None
) -> tuple[object, bool]:
    """Return what a cell says or what the copy says instead, and whether the cell was obeyed."""
    known = _read_copy(each, copy)
    cell = row.get(each.column)
    is_empty = cell is None or (isinstance(cell, str) and not cell.strip())
    typed = each.blank if is_empty else _parse(each, cell, known)
    is_read = is_empty or typed is not None
    if each.column not in copy:
        return (typed, True) if is_read else (each.blank, False)
    is_edit = each.column in HINTS and not is_empty and is_read and not _is_too_late(typed, edited_at)
    return (typed, True) if is_edit or (is_read and typed == known) else (known, False)


def _read_copy(each: Steering, copy: Mapping[str, Any]) -> object:
    known = copy.get(each.column)
    with suppress(ValueError):
        # The app's own times have one form. Each row has several, so they are read the quick way.
        known = parse_time(known) if isinstance(known, str) and each.parse is parse_moment else each.parse(known)
        return each.blank if known is None else known
    return each.blank


def _parse(each: Steering, cell: object, known: object) -> object | None:
    return parse_moment(cell, known=known) if isinstance(known, datetime) else each.parse(cell)


def _is_too_late(typed: object, edited_at: datetime | None) -> bool:
    return isinstance(typed, datetime) and edited_at is not None and typed > edited_at + LONGEST_SNOOZE
