"""Read JSON: an array of rows, an object with such an array, or a row a line. As Azure's tools export tables."""

import json
from collections.abc import Iterator
from typing import Any, Final

from lead_core.adapters.files.grid import Grid, Row
from lead_core.errors import UnreadableFileError

_NOT_ROWS: Final = (
    "The file is JSON, but not a list of rows. It must be [{…}, {…}], or an object with one such list in it."
)


def is_json(text: str) -> bool:
    """Whether a text begins as JSON does. No line that names columns does."""
    return text.lstrip()[:1] in {"{", "["}


def read_json(text: str) -> Grid:
    """Read JSON into rows. Raises: UnreadableFileError for text that is no JSON, or that was cut off."""
    entries = list(_list_entries(_load(text)))
    columns = tuple(dict.fromkeys(name for entry in entries for name in entry))
    rows = (tuple(_as_text(entry.get(name)) for name in columns) for entry in entries)
    return Grid("JSON", columns, tuple(Row(f"entry {number}", cells) for number, cells in enumerate(rows, start=1)))


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise UnreadableFileError(_NOT_ROWS) from None
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        try:  # A row a line.
            return [json.loads(line) for line in lines] if len(lines) > 1 else _refuse(error, text)
        except (ValueError, RecursionError):
            return _refuse(error, text)


def _refuse(error: ValueError, text: str) -> Any:
    if not isinstance(error, json.JSONDecodeError):
        raise UnreadableFileError(_NOT_ROWS) from None
    is_cut = error.pos >= len(text.rstrip()) or "Unterminated" in error.msg
    where = f"line {error.lineno}, column {error.colno}"
    if is_cut:
        raise UnreadableFileError(f"The file ends in the middle, at {where}. Export it again, and let it finish.")
    raise UnreadableFileError(f"The file begins as JSON, but it is none from {where} on: {error.msg}.")


def _list_entries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        lists = [each for each in value.values() if _is_rows(each)]
        value = lists[0] if len(lists) == 1 else [value]
    if not _is_rows(value):
        raise UnreadableFileError(_NOT_ROWS)
    yield from value


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _as_text(value: Any) -> str:
    """Return a value as text. An object of one type and one value is that value: ``{"$": "Edm.String", "_": "x"}``."""
    if isinstance(value, dict) and "_" in value:
        value = value["_"]
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
