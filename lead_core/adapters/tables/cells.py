"""What stands in the cells, for all tables: texts, times, numbers, bodies. What is written reads back the same."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from lead_core.adapters.tables.table import Entity
from lead_core.lead.lead import Shown
from lead_core.lead.values import is_fit

PROPERTY_BYTES = 64_000
"""A property holds 64 KiB, and a row 1 MiB. A character of text counts as two bytes or four.

https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""
MAX_BODY_TEXT_BYTES = 960_000
LARGEST_COUNT = 1_000_000
_FIRST_YEAR, _LAST_YEAR = 2000, 2500
SHOWN_COLUMNS = {part.name: "".join(word.capitalize() for word in part.name.split("_")) for part in fields(Shown)}


def format_hour(moment: datetime) -> str:
    """Write the partition of an hour: ``2026-11-22T08``."""
    return moment.strftime("%Y-%m-%dT%H")


def format_day(moment: datetime) -> str:
    """Write the partition of a day: ``2026-11-22``."""
    return moment.strftime("%Y-%m-%d")


def dump(parts: object) -> str:
    """Write JSON as short as it can be."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def read_text(row: Mapping[str, Any], column: str) -> str:
    """Read a text. A person may have typed anything there."""
    value = row.get(column)
    return "" if value is None else str(value)


def read_number(row: Mapping[str, Any], column: str) -> int:
    """Read a whole number. Anything else that was typed there is 0."""
    try:
        typed = row.get(column)
        # Other tools may write 64-bit numbers, which come wrapped with their type.
        return min(max(int(getattr(typed, "value", typed) or 0), 0), LARGEST_COUNT)
    except (TypeError, ValueError, OverflowError):
        return 0


def read_time(row: Mapping[str, Any], column: str) -> datetime | None:
    """Read a time. None if it is not a time."""
    value = row.get(column)
    if not value:
        return None
    try:
        # Convert to a plain `datetime`: the SDK's subclass also carries the raw string and breaks equality.
        return parse_time(value.isoformat() if isinstance(value, datetime) else str(value))
    except (ValueError, OverflowError):
        return None


def parse_time(text: str) -> datetime:
    """Read a time as UTC. Raises: ValueError for text that is no time, or no time that a lead can have."""
    moment = datetime.fromisoformat(text)
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
        raise ValueError("no time that a lead can have")
    return utc


def is_yes(value: object) -> bool:
    """Read a Boolean cell, which a person may have typed as a word."""
    return str(value).strip().lower() in {"true", "yes", "y", "1", "x"}


def body_to_columns(body: bytes) -> Entity:
    """Write a body as it came into ``Body``, ``Body2``…

    ``BodyEncoding`` says how: ``text``, ``base64`` for bytes that are no text, or ``binary`` for what is too large for
    a row as text. Text takes two bytes a character there.
    """
    encoding, text = _as_cell_text(body)
    units = text.encode("utf-16-le")
    if len(units) > MAX_BODY_TEXT_BYTES:
        return {"BodyEncoding": "binary"} | _number_columns(
            body[start : start + PROPERTY_BYTES] for start in range(0, len(body), PROPERTY_BYTES)
        )
    return {"BodyEncoding": encoding, "Body": ""} | _number_columns(_cut(units))


def body_from_columns(row: Mapping[str, Any]) -> bytes:
    """Read a body as it now stands in its columns. Text typed over another encoding is text."""
    pieces = [row.get("Body", "")]
    while (column := f"Body{len(pieces) + 1}") in row:
        pieces.append(row[column])
    if all(isinstance(piece, bytes) for piece in pieces):
        return b"".join(pieces)
    text = "".join(piece.decode("utf-8", "replace") if isinstance(piece, bytes) else str(piece) for piece in pieces)
    if row.get("BodyEncoding") == "base64":
        with suppress(ValueError):
            return base64.b64decode(text, validate=True)
    return text.encode()


def _as_cell_text(body: bytes) -> tuple[str, str]:
    with suppress(UnicodeDecodeError):
        text = body.decode()
        if is_fit(text.replace("\r", "")):
            return "text", text
    return "base64", base64.b64encode(body).decode()


def _number_columns(pieces: Iterable[str | bytes]) -> Entity:
    return {f"Body{number}" if number > 1 else "Body": piece for number, piece in enumerate(pieces, start=1)}


def _cut(units: bytes) -> Iterator[str]:
    """Cut UTF-16 into pieces that fit a property, never between the two halves of a surrogate pair."""
    start = 0
    while start < len(units):
        end = start + PROPERTY_BYTES
        if end < len(units) and 0xDC <= units[end + 1] <= 0xDF:  # noqa: PLR2004 -- the second halves of the pairs
            end -= 2
        yield units[start:end].decode("utf-16-le")
        start = end
