"""What a person sees: tables, texts, one JSON document."""

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

_STEERING: Final = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What `json` itself leaves as it is: control characters of eight bits, turns of direction, and halves of a letter."""

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


def tell_rest(found: Sequence[object], most: int) -> list[Text]:
    """Return a line that says how many more there are than the *most* that are shown, if there are more."""
    rest = len(found) - most
    return [make_text(f"and {rest:,} more: --json has all of them")] if rest > 0 else []


def make_text(text: str, style: str = "") -> Text:
    """Return *text* as it may be shown. A stranger may have written it, so nothing in it steers the terminal."""
    return Text("".join(c if c.isprintable() or c == "\n" else "?" for c in text), style)


def print_document(document: object) -> None:
    """Print one JSON document. If nobody reads it any more, that is noticed now, and not at the end of the program."""
    sys.stdout.write(format_document(document))
    sys.stdout.flush()


def format_document(document: object) -> str:
    """Write one JSON document, with a line feed at its end. What steers a terminal, or is no letter, is escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=_to_json)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def print_view(view: RenderableType, console: Console) -> None:
    """Print what a person reads. Where no terminal is, a text stays on its line."""
    if isinstance(view, str):
        console.print(make_text(view), soft_wrap=not console.is_terminal)
    else:
        console.print(view)


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return list(value) if isinstance(value, set | frozenset) else str(value)
