"""Columns and rows, whatever the file's form."""

from dataclasses import dataclass
from typing import NamedTuple


class Row(NamedTuple):
    """One row of a file."""

    place: str
    """``line 12`` of a text, or ``entry 12`` of JSON."""
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a file under the names of its columns. A row may be shorter, and longer if it is broken."""

    form: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
