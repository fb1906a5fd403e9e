"""Where a file says what: which column is which field, which number of a date is the day, where its times are from."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from lead_core.adapters.files.cells import clean_cell
from lead_core.adapters.files.columns import SAYS_WHO, Field, find_field
from lead_core.adapters.files.grid import Grid
from lead_core.adapters.files.moments import DayOrder, find_day_orders, is_doubtful
from lead_core.errors import UnreadableFileError

TIMES: Final = (Field.CREATED, Field.STORED)
_OWN_COLUMNS: Final = {"EventId", "ReceivedAt", "Body"}
"""Columns that only the app's own table ``MarketplaceLeads`` has. Its rows hold their notification as it came."""
_SAYS_UTC: Final = re.compile(r"\b(utc|gmt)\b", re.IGNORECASE)
_SHOWN_COLUMNS: Final = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What the person says of a file because it does not say so itself."""

    now: datetime
    offer: str = ""
    """The offer of rows that name none: ``contoso.contoso-crm``."""
    charset: str = ""
    day_order: DayOrder | None = None
    zone: tzinfo | None = None
    """Where times were written that name no zone."""
    received_at: datetime | None = None
    """When rows were received that say no time."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of one file are to be read."""

    columns: tuple[str, ...]
    fields: tuple[Field | None, ...]
    """What each column says."""
    order: DayOrder | None
    zone: tzinfo | None
    """Where its times were written. None if nobody says."""

    @property
    def taken(self) -> Mapping[str, str]:
        """What each column that is read was taken for."""
        return {name: each.value for name, each in zip(self.columns, self.fields, strict=True) if each}

    @property
    def is_own(self) -> bool:
        """Whether the file is the app's own table ``MarketplaceLeads``."""
        return set(self.columns) >= _OWN_COLUMNS


def find_layout(grid: Grid, reading: Reading) -> Layout:
    """Return how the rows of a file are to be read.

    Raises: UnreadableFileError if no column says who or when, and if nobody can say which number is the month.
    """
    fields = tuple(map(find_field, grid.columns))
    named_utc = (
        each is Field.CREATED and _SAYS_UTC.search(name) for name, each in zip(grid.columns, fields, strict=True)
    )
    order = reading.day_order or _find_day_order(grid, fields)
    layout = Layout(grid.columns, fields, order, UTC if any(named_utc) else reading.zone)
    if not layout.is_own:
        _check(layout, reading)
    return layout


def _check(layout: Layout, reading: Reading) -> None:
    names = ", ".join(filter(None, layout.columns[:_SHOWN_COLUMNS]))
    if not SAYS_WHO.intersection(layout.fields):
        raise UnreadableFileError(
            "No column says who the customer is. Name one of them Email, Phone, First name, Last name or Full name. "
            f"The file has: {names}"
        )
    if not (set(TIMES).intersection(layout.fields) or reading.received_at):
        raise UnreadableFileError(
            "No column says when a lead was created. Name one of them Created, or say a day for all rows with "
            f"--received 2026-11-27. The file has: {names}"
        )


def _find_day_order(grid: Grid, fields: Iterable[Field | None]) -> DayOrder | None:
    """Return which number of ``03/04/2026`` is the day, as the other rows show. None if there is no such date."""
    times = list(_list_times(grid, {place for place, each in enumerate(fields) if each in TIMES}))
    orders = find_day_orders(text for _, text in times)
    doubtful = next(((place, text) for place, text in times if is_doubtful(text)), None)
    if doubtful and len(orders) != 1:
        place, text = doubtful
        raise UnreadableFileError(
            f"{place.capitalize()} says {text[:40]}, and the other rows don't show whether the day or the month comes "
            "first. Say --dates day-first or --dates month-first."
        )
    return next(iter(orders), None)


def _list_times(grid: Grid, places: set[int]) -> Iterator[tuple[str, str]]:
    """Yield each time that a file says, with the place of its row."""
    for row in grid.rows:
        yield from ((row.place, clean_cell(cell)) for place, cell in enumerate(row.cells) if place in places)
