"""Read CSV, whatever divides its cells, and whatever stands above the line that names the columns."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import StringIO
from itertools import islice
from typing import Final

from lead_core.adapters.files.grid import Grid, Row
from lead_core.errors import UnreadableFileError

_DIVIDERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LINES_ABOVE: Final = 10
"""How many lines a program may write above the one that names the columns."""
_SEPARATOR = re.compile(r'"?sep=(?P<divider>.)"?\s*?(\r\n|\r|\n)', re.IGNORECASE)
"""A first line for Excel."""
_MARK: Final = "\x1eend\x1e"
"""Stands behind the last line. If it does not stand alone there, a quotation mark was never closed."""


def read_csv(text: str, count_known: Callable[[tuple[str, ...]], int]) -> Grid:
    """Read CSV into rows. *count_known* says how many names of columns in a row are known.

    Raises: UnreadableFileError if the file is cut off, or no line names columns.
    """
    start, divider = 0, ""
    if found := _SEPARATOR.match(text):
        start, divider = found.end(), found["divider"]
    body = text[start:]
    heads = {each: _find_head(body, each, count_known) for each in ([divider] if divider else _DIVIDERS)}
    divider = max(heads, key=lambda each: heads[each][1:])
    above, known, _ = heads[divider]
    if not known:
        line = " ".join(body.split("\n", 1)[0].split())[:120]
        raise UnreadableFileError(
            "No line names columns that are known here. The first line must, such as: "
            f"Email, First name, Last name, Company, Offer, Created. It says: {line}"
        )
    records = _list_records(body, divider, first_line=text[:start].count("\n") + 1)
    head, *rows = list(records)[above:]
    columns = tuple(cell.strip() for cell in head.cells)
    _check_end(text, rows, columns)
    return Grid(f"CSV with {_DIVIDERS.get(divider, divider)}", columns, tuple(rows))


def _find_head(text: str, divider: str, count_known: Callable[[tuple[str, ...]], int]) -> tuple[int, int, int]:
    """Return which record names the columns, how many it names that are known, and how many altogether."""
    records: list[list[str]] = []
    with suppress(csv.Error):  # What it is about is said later, with its line.
        records.extend(islice(csv.reader(StringIO(text, newline=""), delimiter=divider), _LINES_ABOVE))
    heads = [
        (-place, count_known(tuple(cells)), len(cells)) for place, cells in enumerate(filter(_says_something, records))
    ]
    place, known, cells = max(heads, key=lambda head: (head[1], head[0]), default=(0, 0, 0))
    return -place, known, cells


def _list_records(text: str, divider: str, first_line: int) -> Iterator[Row]:
    """Yield each record that is not empty, with the line at which it begins."""

    def list_lines() -> Iterator[str]:
        yield from StringIO(text, newline="")
        yield _MARK

    reader = csv.reader(list_lines(), delimiter=divider)
    line = first_line
    try:
        for cells in reader:
            if cells and cells[-1].endswith(_MARK):
                if cells != [_MARK]:
                    raise _unclosed(line)
                return
            if _says_something(cells):
                yield Row(f"line {line}", tuple(cells))
            line = first_line + reader.line_num
    except csv.Error:  # A text swallowed what follows, until it was too long.
        raise _unclosed(line) from None


def _says_something(cells: Iterable[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _unclosed(line: int) -> UnreadableFileError:
    return UnreadableFileError(
        f"The text in quotation marks that begins in line {line} never ends, so the file was cut off or is broken "
        "there. Export it again, and let it finish."
    )


def _check_end(text: str, rows: list[Row], columns: tuple[str, ...]) -> None:
    """Refuse a file whose last line is not whole."""
    if rows and not text.endswith(("\n", "\r")) and len(rows[-1].cells) < len(columns):
        raise UnreadableFileError(
            f"The file ends in the middle of {rows[-1].place}: it has {len(rows[-1].cells)} of {len(columns)} columns. "
            "Export it again, and let it finish."
        )
