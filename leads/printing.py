"""What a person sees: tables, times, one JSON document, a bar."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from lead_core.views.spans import format_moment, format_wait

__all__ = ["format_moment", "format_wait", "make_table", "make_text", "open_console", "print_document", "print_view"]

_WIDTH_OF_A_PIPE = 10_000


def open_console(*, for_messages: bool = False) -> Console:
    """Return the way to stdout or, *for_messages*, to stderr.

    Where no terminal is, there are no colours, and each row and each text is one line, for programs that read lines.
    """
    console = Console(stderr=for_messages, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_OF_A_PIPE
    return console


def make_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", right: Sequence[str] = ()
) -> Table:
    """Return a table. A cell is a text, or a `Text` with a style of its own. *right* are the columns of numbers."""
    table = Table(
        box=box.SIMPLE_HEAD,
        title=title or None,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        show_edge=False,
    )
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else make_text(str(cell)) for cell in row))
    return table


def make_text(text: str, style: str = "") -> Text:
    """Return *text* as it may be shown. A stranger may have written it, so nothing in it steers the terminal."""
    return Text("".join(c if c.isprintable() or c == "\n" else "?" for c in text), style)


def print_document(document: object) -> None:
    """Print one JSON document."""
    sys.stdout.write(format_document(document))


def format_document(document: object) -> str:
    """Write one JSON document, with a line feed at its end."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=_to_json) + "\n"


def print_view(view: RenderableType, console: Console) -> None:
    """Print what a person reads."""
    console.print(make_text(view) if isinstance(view, str) else view)


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return list(value) if isinstance(value, set | frozenset) else str(value)
